package capi

// #include "list.h"
import "C"

import (
	"unsafe"

	"berth/keyspace"
)

func listEnd(head C.int) keyspace.ListEnd {
	if head != 0 {
		return keyspace.ListHead
	}
	return keyspace.ListTail
}

//export goListPush
func goListPush(key *C.RedisModuleKey, head C.int, ele *C.RedisModuleString) {
	defer guard("ListPush")
	db, e := containerOf(key, keyspace.List)
	keyspace.ListPush(db, e, listEnd(head), bytesOf(ele))
	written(key, db, e)
}

//export goListPop
func goListPop(key *C.RedisModuleKey, head C.int) (s *C.RedisModuleString) {
	defer guard("ListPop")
	db, e := entryOf(key)
	var room [128]byte
	b, ok := keyspace.ListPop(db, e, listEnd(head), room[:0])
	if ok {
		s = newString(key.ctx, key.module, b)
	}
	written(key, db, e)
	return s
}

//export goListGet
func goListGet(key *C.RedisModuleKey, index C.long) (s *C.RedisModuleString) {
	defer guard("ListGet")
	_, e := entryOf(key)
	if b, ok := keyspace.ListIndex(e, int(index), &runtimeOf(key).scratch); ok {
		return newString(key.ctx, key.module, b)
	}
	return nil
}

//export goListFetch
func goListFetch(key *C.RedisModuleKey, a *C.rm_ahead, index C.long, back C.bool) {
	defer guard("ListGet")
	db, e := entryOf(key)
	step := C.long(1)
	if back {
		step = -1
	}
	var it keyspace.ListIter
	if a.epoch == C.rm_state.epoch && a.index+step == index {
		it = keyspace.ResumeListIter(e, keyspace.ListMark{Node: a.node, Off: int(a.offset)}, bool(back))
		it.Next()
		a.limit = min(4*a.limit, C.RM_AHEAD)
	} else {
		it = keyspace.NewListIter(db, e, int(index), bool(back))
		a.limit = 8
	}
	a.count = 0
	for a.count < a.limit && it.Next() {
		slot := a.count
		if back {
			slot = a.limit - 1 - a.count
		}
		text, n := it.Get()
		item := &a.items[slot]
		item.ptr, item.n = nil, C.int64_t(n)
		if text != nil {
			item.ptr, item.n = (*C.char)(unsafe.Pointer(unsafe.SliceData(text))), C.int64_t(len(text))
		}
		a.count++
		mark := it.Mark()
		a.node, a.offset = mark.Node, C.long(mark.Off)
	}
	a.index = index + step*(a.count-1)
	a.from, a.first = min(index, a.index), 0
	if back {
		a.first = a.limit - a.count
	}
	a.epoch = C.rm_state.epoch
}

//export goListSet
func goListSet(key *C.RedisModuleKey, index C.long, value *C.RedisModuleString) (ok C.int) {
	defer guard("ListSet")
	db, e := entryOf(key)
	// Not ListSet: LSET may give a list its small form back, the API does not.
	it := keyspace.NewListIter(db, e, int(index), false)
	if !it.Next() {
		return 0
	}
	it.Replace(bytesOf(value))
	written(key, db, e)
	return 1
}

//export goListInsert
func goListInsert(key *C.RedisModuleKey, index C.long, value *C.RedisModuleString) (ok C.int) {
	defer guard("ListInsert")
	db, e := entryOf(key)
	i, n := int(index), 0
	if e != nil {
		n = keyspace.ListLen(e)
	}
	switch {
	case e == nil || i == n || i == -1:
		goListPush(key, 0, value)
		return 1
	case i == 0 || i == -n-1:
		goListPush(key, 1, value)
		return 1
	case i > n || i < -n-1:
		return 0
	}
	it := keyspace.NewListIter(db, e, i, false)
	if !it.Next() {
		return 0
	}
	// A negative index counts in the list as it will be: after the element that
	// has it now.
	if i < 0 {
		it.InsertAfter(bytesOf(value))
	} else {
		it.InsertBefore(bytesOf(value))
	}
	written(key, db, e)
	return 1
}

//export goListDelete
func goListDelete(key *C.RedisModuleKey, index C.long) {
	defer guard("ListDelete")
	db, e := entryOf(key)
	enc := e.Encoding()
	keyspace.ListDeleteRange(db, e, int(index), 1)
	if e.Encoding() != enc {
		key.list_open = false // the small form ends Redis's iterator
	}
	written(key, db, e)
}
