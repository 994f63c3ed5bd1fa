package host

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"unsafe"

	"berth/host/command"
	"berth/keyspace"
	"berth/keyspace/quicklist"
)

// debugObject: DEBUG OBJECT key. The length is that in an RDB file.
func (s *Server) debugObject(cc *command.Ctx) {
	e := debugLookup(cc)
	if e == nil {
		return
	}
	b := fmt.Appendf(nil, "Value at:%p refcount:1 encoding:%s", unsafe.Pointer(e), e.Encoding())
	payload, err := s.RDB().AppendValue(nil, cc.DB, e)
	if err != nil {
		cc.Error("ERR " + err.Error())
		return
	}
	b = fmt.Appendf(b, " serializedlength:%d lru:%d lru_seconds_idle:%d", len(payload)-1, e.LRU(), int64(s.ks.IdleTime(e).Seconds()))
	if l := keyspace.QuicklistOf(e); l != nil {
		b = fmt.Appendf(b, " ql_nodes:%d ql_avg_node:%.2f ql_listpack_max:%d ql_compressed:0 ql_uncompressed_size:%d",
			l.Nodes(), ratio(int64(l.Len()), int64(l.Nodes())), l.Fill(), l.DataSize())
	}
	cc.Simple(string(b))
}

// debugSDSLen: DEBUG SDSLEN key. Strings have no header of their own here, so
// nothing is available behind them.
func (s *Server) debugSDSLen(cc *command.Ctx) {
	e := debugLookup(cc)
	if e == nil {
		return
	}
	if e.Type() != keyspace.String || e.Encoding() == keyspace.Int {
		cc.Error("ERR Not an sds encoded string.")
		return
	}
	n := keyspace.StringLen(e)
	size := cc.DB.MemUsage(e, 0)
	cc.Simple(fmt.Sprintf("key_sds_len:%d, key_sds_avail:0, key_zmalloc: %d, val_sds_len:%d, val_sds_avail:0, val_zmalloc: %d",
		len(e.Key()), len(e.Key()), n, size-len(e.Key())))
}

func (s *Server) debugDigest(cc *command.Ctx) {
	d := s.ks.Digest()
	cc.Simple(hex.EncodeToString(d[:]))
}

func (s *Server) debugDigestValue(cc *command.Ctx) {
	cc.Array(len(cc.Args) - 2)
	for _, key := range cc.Args[2:] {
		var d keyspace.Digest
		if e := cc.DB.Find(key); e != nil {
			d = cc.DB.ValueDigest(e)
		}
		cc.Simple(hex.EncodeToString(d[:]))
	}
}

// debugPackedThreshold: DEBUG QUICKLIST-PACKED-THRESHOLD size.
func (s *Server) debugPackedThreshold(cc *command.Ctx) {
	n, ok := memorySize(string(cc.Args[2]))
	if !ok || n < 0 || n > 4<<30 {
		cc.Error("ERR argument must be a memory value bigger than 1 and smaller than 4gb")
		return
	}
	quicklist.SetPackedThreshold(n)
	cc.OK()
}

// memorySize reads a size with an optional unit, as configuration files have it.
func memorySize(text string) (int64, bool) {
	end := len(text)
	for end > 0 && (text[end-1] < '0' || text[end-1] > '9') {
		end--
	}
	units := map[string]int64{"": 1, "b": 1, "k": 1000, "kb": 1 << 10, "m": 1000 * 1000, "mb": 1 << 20, "g": 1000 * 1000 * 1000, "gb": 1 << 30}
	unit, ok := units[string(lowerASCII(text[end:]))]
	n, err := strconv.ParseInt(text[:end], 10, 64)
	return n * unit, ok && err == nil
}

func lowerASCII(s string) []byte {
	b := []byte(s)
	for i, ch := range b {
		if ch >= 'A' && ch <= 'Z' {
			b[i] = ch + 'a' - 'A'
		}
	}
	return b
}
