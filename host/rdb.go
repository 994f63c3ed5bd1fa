package host

import (
	"berth/host/command"
	"berth/host/config"
	"berth/internal/numfmt"
	"berth/persistence/rdb"
)

// RDB implements [command.Host].
func (s *Server) RDB() *rdb.Codec {
	s.codec.Compression = s.cfg.RDBCompression
	s.codec.Preserve = s.cfg.ModuleUnknownValues == config.UnknownPreserve
	return &s.codec
}

// debugSkipChecksum is DEBUG SET-SKIP-CHECKSUM-VALIDATION.
func (s *Server) debugSkipChecksum(cc *command.Ctx) {
	n, _ := numfmt.ParseInt64(cc.Args[2])
	s.codec.SkipChecksum = n != 0
	cc.OK()
}
