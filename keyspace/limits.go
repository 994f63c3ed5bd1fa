package keyspace

// Limits are the sizes at which small encodings are given up, by the names of the
// configuration parameters. They may be changed at any time and apply from the next
// write on.
type Limits struct {
	HashMaxListpackEntries int
	HashMaxListpackValue   int
	ListMaxListpackSize    int // negative: -1..-5 are 4, 8, 16, 32, 64 KiB
	ListCompressDepth      int
	SetMaxIntsetEntries    int
	SetMaxListpackEntries  int
	SetMaxListpackValue    int
	ZSetMaxListpackEntries int
	ZSetMaxListpackValue   int
	HLLSparseMaxBytes      int
	StreamNodeMaxBytes     int
	StreamNodeMaxEntries   int
}

// DefaultLimits returns Redis 8.0's defaults.
func DefaultLimits() *Limits {
	return &Limits{
		HashMaxListpackEntries: 512,
		HashMaxListpackValue:   64,
		ListMaxListpackSize:    -2,
		ListCompressDepth:      0,
		SetMaxIntsetEntries:    512,
		SetMaxListpackEntries:  128,
		SetMaxListpackValue:    64,
		ZSetMaxListpackEntries: 128,
		ZSetMaxListpackValue:   64,
		HLLSparseMaxBytes:      3000,
		StreamNodeMaxBytes:     4096,
		StreamNodeMaxEntries:   100,
	}
}
