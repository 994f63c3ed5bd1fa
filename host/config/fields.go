package config

import "log/slog"

// Config is the value of every parameter, each in the field named after it. Numbers, sizes
// in bytes among them, are int, enumerations the constants of enums.go. An unset string is empty.
//
// Fields may be read freely under the server lock. Writing them is for Set, LoadArgs and, before the
// server starts, whoever embeds it.
type Config struct {
	ACLFile                           string
	ACLLogMaxLen                      int
	ACLPubsubDefault                  int
	ActiveDefrag                      bool
	ActiveDefragCycleMax              int
	ActiveDefragCycleMin              int
	ActiveDefragIgnoreBytes           int
	ActiveDefragMaxScanFields         int
	ActiveDefragThresholdLower        int
	ActiveDefragThresholdUpper        int
	ActiveExpireEffort                int
	ActiveRehashing                   bool
	AlwaysShowLogo                    bool
	AOFDisableAutoGC                  bool
	AOFLoadTruncated                  bool
	AOFRewriteCPUList                 string
	AOFRewriteIncrementalFsync        bool
	AOFTimestampEnabled               bool
	AOFUseRDBPreamble                 bool
	AppendDirName                     string
	AppendFilename                    string
	AppendFsync                       int
	AppendOnly                        bool
	AutoAOFRewriteMinSize             int
	AutoAOFRewritePercentage          int
	BGSaveCPUList                     string
	BindSourceAddr                    string
	BioCPUList                        string
	BusyReplyThreshold                int
	ClientQueryBufferLimit            int
	ClusterAllowPubsubshardWhenDown   bool
	ClusterAllowReadsWhenDown         bool
	ClusterAllowReplicaMigration      bool
	ClusterAnnounceBusPort            int
	ClusterAnnounceHostname           string
	ClusterAnnounceHumanNodename      string
	ClusterAnnounceIP                 string
	ClusterAnnouncePort               int
	ClusterAnnounceTLSPort            int
	ClusterCompatibilitySampleRatio   int
	ClusterConfigFile                 string
	ClusterEnabled                    bool
	ClusterLinkSendbufLimit           uint64
	ClusterMigrationBarrier           int
	ClusterNodeTimeout                int
	ClusterPingInterval               int
	ClusterPort                       int
	ClusterPreferredEndpointType      int
	ClusterReplicaNoFailover          bool
	ClusterReplicaValidityFactor      int
	ClusterRequireFullCoverage        bool
	CrashLogEnabled                   bool
	CrashMemcheckEnabled              bool
	Daemonize                         bool
	Databases                         int
	DBFilename                        string
	DisableTHP                        bool
	DynamicHz                         bool
	EnableDebugCommand                int
	EnableModuleCommand               int
	EnableProtectedConfigs            int
	HashMaxListpackEntries            int
	HashMaxListpackValue              int
	HideUserDataFromLog               bool
	HLLSparseMaxBytes                 int
	Hz                                int
	IgnoreWarnings                    string
	IOThreads                         int
	JemallocBgThread                  bool
	KeyLoadDelay                      int
	LatencyMonitorThreshold           int
	LatencyTracking                   bool
	LazyfreeLazyEviction              bool
	LazyfreeLazyExpire                bool
	LazyfreeLazyServerDel             bool
	LazyfreeLazyUserDel               bool
	LazyfreeLazyUserFlush             bool
	LFUDecayTime                      int
	LFULogFactor                      int
	ListCompressDepth                 int
	ListMaxListpackSize               int
	LoadingProcessEventsIntervalBytes int
	LocaleCollate                     string
	LogFile                           string
	LogLevel                          int
	MasterAuth                        string
	MasterUser                        string
	MaxClients                        int
	MaxMemory                         uint64
	MaxMemoryClients                  int
	MaxMemoryEvictionTenacity         int
	MaxMemoryPolicy                   int
	MaxMemorySamples                  int
	MaxNewConnectionsPerCycle         int
	MaxNewTLSConnectionsPerCycle      int
	MinReplicasMaxLag                 int
	MinReplicasToWrite                int
	NoAppendFsyncOnRewrite            bool
	OOMScoreAdj                       int
	PidFile                           string
	Port                              int
	ProcTitleTemplate                 string
	PropagationErrorBehavior          int
	ProtectedMode                     bool
	ProtoMaxBulkLen                   int
	ModuleUnknownValues               int // berth's own
	RDBChecksum                       bool
	RDBCompression                    bool
	RDBDelSyncFiles                   bool
	RDBKeySaveDelay                   int
	RDBSaveIncrementalFsync           bool
	ReplBacklogSize                   int
	ReplBacklogTTL                    int
	ReplDisableTCPNodelay             bool
	ReplDisklessLoad                  int
	ReplDisklessSync                  bool
	ReplDisklessSyncDelay             int
	ReplDisklessSyncMaxReplicas       int
	ReplicaAnnounced                  bool
	ReplicaAnnounceIP                 string
	ReplicaAnnouncePort               int
	ReplicaFullSyncBufferLimit        int
	ReplicaIgnoreDiskWriteErrors      bool
	ReplicaIgnoreMaxMemory            bool
	ReplicaLazyFlush                  bool
	ReplicaPriority                   int
	ReplicaReadOnly                   bool
	ReplicaServeStaleData             bool
	ReplPingReplicaPeriod             int
	ReplTimeout                       int
	RequirePass                       string
	SanitizeDumpPayload               int
	ServerCPUList                     string
	SetMaxIntsetEntries               int
	SetMaxListpackEntries             int
	SetMaxListpackValue               int
	SetProcTitle                      bool
	ShutdownOnSigint                  int
	ShutdownOnSigterm                 int
	ShutdownTimeout                   int
	SlowlogLogSlowerThan              int
	SlowlogMaxLen                     int
	SocketMarkID                      int
	StopWritesOnBGSaveError           bool
	StreamNodeMaxBytes                int
	StreamNodeMaxEntries              int
	Supervised                        int
	SyslogEnabled                     bool
	SyslogFacility                    int
	SyslogIdent                       string
	TCPBacklog                        int
	TCPKeepalive                      int
	Timeout                           int
	TLSAuthClients                    int
	TLSCACertDir                      string
	TLSCACertFile                     string
	TLSCertFile                       string
	TLSCiphers                        string
	TLSCiphersuites                   string
	TLSClientCertFile                 string
	TLSClientKeyFile                  string
	TLSClientKeyFilePass              string
	TLSCluster                        bool
	TLSDHParamsFile                   string
	TLSKeyFile                        string
	TLSKeyFilePass                    string
	TLSPort                           int
	TLSPreferServerCiphers            bool
	TLSProtocols                      string
	TLSReplication                    bool
	TLSSessionCacheSize               int
	TLSSessionCacheTimeout            int
	TLSSessionCaching                 bool
	TrackingTableMaxKeys              int
	UnixSocket                        string
	UnixSocketPerm                    int
	UseExitOnPanic                    bool
	WatchdogPeriod                    int
	ZsetMaxListpackEntries            int
	ZsetMaxListpackValue              int

	// Bind is the list of `bind` addresses; a leading `-` means that a failure to bind it is no error.
	Bind []string
	// ClientOutputBufferLimit is indexed by ClientNormal, ClientReplica and ClientPubSub.
	ClientOutputBufferLimit [3]OutputBufferLimit
	// LatencyTrackingInfoPercentiles are numbers from 0 to 100.
	LatencyTrackingInfoPercentiles []float64
	// MasterHost and MasterPort are `replicaof` as the configuration file gave it; MasterHost
	// is empty without one. Replication keeps them true when REPLICAOF changes the role.
	MasterHost string
	MasterPort int
	// NotifyKeyspaceEvents is a set of Notify flags.
	NotifyKeyspaceEvents int
	// OOMScoreAdjValues are those of a master, a replica and a background child.
	OOMScoreAdjValues [3]int
	// Save are the conditions under which a snapshot is taken by itself. With any, FLUSHALL and SHUTDOWN save, too.
	Save []SavePoint

	// File is the absolute path of the configuration file, empty without one.
	File string
	// LoadModules are the `loadmodule` lines in order.
	LoadModules []LoadModule
	// Users are the arguments of the `user` lines in order: name, then rules.
	Users [][]string
	// RenamedCommands are the `rename-command` lines in order.
	RenamedCommands []Rename

	// Log receives what the parser and Set have to say in the server's log. Nil is silence.
	Log func(level slog.Level, text string)
	// Chdir and Getwd implement `dir`. New sets them to those of the process.
	Chdir func(dir string) error
	Getwd func() (string, error)
	// CheckRename and CheckUser, when set, judge a `rename-command` or `user` line while its file
	// is being read, so that the fatal error can name the line.
	CheckRename func(Rename) error
	CheckUser   func(args []string) error

	rows         []*Row
	byName       map[string]*Row
	moduleValues []moduleValue
	reading      bool
	saveRead     bool
	ownsPidFile  bool
}

// LoadModule is one `loadmodule path args…` line.
type LoadModule struct {
	Path string
	Args []string
}

// Rename is one `rename-command old new` line; New is empty to disable the command.
type Rename struct{ Old, New string }

// SavePoint asks for a snapshot when Changes writes happened within Seconds.
type SavePoint struct{ Seconds, Changes int }

// OutputBufferLimit disconnects a client above Hard bytes at once, and above Soft bytes after
// SoftSeconds. Zero means no limit.
type OutputBufferLimit struct{ Hard, Soft, SoftSeconds int }
