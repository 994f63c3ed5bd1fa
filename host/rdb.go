package host

import "berth/persistence/rdb"

// RDB implements [command.Host].
func (s *Server) RDB() *rdb.Codec {
	s.codec.Compression = s.cfg.RDBCompression
	return &s.codec
}
