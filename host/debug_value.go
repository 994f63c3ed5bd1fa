package host

import (
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"unsafe"

	"berth/host/command"
	"berth/keyspace"
	"berth/keyspace/listpack"
	"berth/keyspace/mem"
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

// debugLeak: DEBUG LEAK string takes memory that is never given back.
func debugLeak(_ *Server, cc *command.Ctx) {
	text := cc.Args[2]
	copy(mem.Bytes(mem.Alloc(len(text)), len(text)), text)
	cc.OK()
}

// debugListpack: DEBUG LISTPACK key.
func (s *Server) debugListpack(cc *command.Ctx) {
	e := debugLookup(cc)
	if e == nil {
		return
	}
	if e.Encoding() != keyspace.Listpack && e.Encoding() != keyspace.ListpackEx {
		cc.Error("ERR Not a listpack encoded object.")
		return
	}
	lp := keyspace.HashPacked(e)
	b := fmt.Appendf(nil, "{total bytes %d} {num entries %d}\n%s", listpack.Size(lp), listpack.Len(lp), hex.Dump(listpack.Bytes(lp)))
	_, _ = os.Stdout.Write(b)
	cc.Simple("Listpack structure printed on stdout")
}

// debugQuicklist: DEBUG QUICKLIST key [1]. The level adds the nodes' contents.
func (s *Server) debugQuicklist(cc *command.Ctx) {
	e := debugLookup(cc)
	if e == nil {
		return
	}
	l := keyspace.QuicklistOf(e)
	if l == nil {
		cc.Error("ERR Not a quicklist encoded object.")
		return
	}
	full := len(cc.Args) == 4 && cInt(cc.Args[3]) != 0
	b := fmt.Appendf(nil, "{count : %d}\n{nodes : %d}\n{fill : %d}\n", l.Len(), l.Nodes(), l.Fill())
	i := 0
	l.EachNode(func(plain bool, data []byte) bool {
		container := "PACKED"
		if plain {
			container = "PLAIN"
		}
		b = fmt.Appendf(b, "{quicklist node(%d)\n{container : %s, size: %d}\n", i, container, len(data))
		if full {
			b = append(b, hex.Dump(data)...)
		}
		i++
		return true
	})
	_, _ = os.Stdout.Write(b)
	cc.Simple("Quicklist structure printed on stdout")
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
