package capi

// #include "childview.h"
// #include <stdlib.h>
import "C"

import (
	"unsafe"

	"berth/keyspace"
)

// showChild describes the data set to the code of C that is about to find itself in a child.
func (rt *Runtime) showChild() {
	v, ks := &C.rm_child_view, rt.srv.Keyspace()
	l := keyspace.LayoutOfEntries()
	v.key_offset, v.short_key, v.long_header = C.int(l.KeyOffset), C.int(l.ShortKey), C.int(l.LongHeader)
	v.type_mask, v.expire_bit, v.module_type = C.uint32_t(l.TypeMask), C.uint32_t(l.ExpireBit), C.uint32_t(l.ModuleType)
	v.type_id_mask = C.uint32_t(l.TypeIDMask)
	v.bucket_size, v.bucket_slots, v.chained_bit = C.int(l.BucketSize), C.int(l.BucketSlots), C.int(l.Chained)

	copy(v.key_types[:], keyType[:])
	C.free(unsafe.Pointer(v.dbs))
	C.free(unsafe.Pointer(v.types))
	v.ndbs, v.ntypes = C.int(ks.NumDBs()), C.int(ks.NumModuleTypes())
	v.dbs = (*C.rm_view_db)(C.calloc(C.size_t(v.ndbs), C.sizeof_rm_view_db))
	v.types = (**C.RedisModuleType)(C.calloc(C.size_t(v.ntypes), C.size_t(unsafe.Sizeof(v.types))))
	dbs, types := unsafe.Slice(v.dbs, v.ndbs), unsafe.Slice(v.types, v.ntypes)
	for i := range dbs {
		keys, _ := ks.DB(i).Dicts()
		buckets, size := keys.Layout()
		for t := range buckets {
			dbs[i].buckets[t], dbs[i].size[t] = C.uintptr_t(buckets[t]), C.size_t(size[t])
		}
		dbs[i].moved = C.size_t(keys.Vacated())
	}
	for id := range types {
		if t, ok := ks.ModuleType(id).(*dataType); ok {
			types[id] = t.c
		}
	}
}
