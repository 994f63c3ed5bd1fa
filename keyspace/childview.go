package keyspace

import "berth/keyspace/dict"

// EntryLayout says where the parts of an [Entry] are, for code that has to find entries without Go: that of modules in
// a forked child (capi/childview.c).
type EntryLayout struct {
	KeyOffset                        int
	TypeMask, ExpireBit, ModuleType  uint32
	TypeIDMask                       uint32
	ShortKey, LongHeader             int
	BucketSize, BucketSlots, Chained int
}

// LayoutOfEntries returns it.
func LayoutOfEntries() EntryLayout {
	l := EntryLayout{
		KeyOffset: keyOff, TypeMask: metaTypeMask, ExpireBit: metaExpire, ModuleType: uint32(Module), TypeIDMask: auxMask,
	}
	l.ShortKey, l.LongHeader = dict.KeyLayout()
	l.BucketSize, l.BucketSlots, l.Chained = dict.BucketLayout()
	return l
}
