package capi

// #include "capi_internal.h"
import "C"

import "berth/keyspace"

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
func goListDelete(key *C.RedisModuleKey, index C.long) (ok C.int) {
	defer guard("ListDelete")
	db, e := entryOf(key)
	n := keyspace.ListLen(e)
	i := int(index)
	if i < 0 {
		i += n
	}
	if i < 0 || i >= n {
		return 0
	}
	keyspace.ListDeleteRange(db, e, i, 1)
	written(key, db, e)
	return 1
}
