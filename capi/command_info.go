package capi

// #include "capi_internal.h"
import "C"

import (
	"strings"
	"syscall"
	"unsafe"

	"berth/host/command"
)

// walk calls fn with each element of a zero-terminated array whose elements
// are size bytes, as the module was compiled, until zero reports the end.
func walk(p unsafe.Pointer, size C.size_t, end func(unsafe.Pointer) bool, fn func(unsafe.Pointer)) {
	if p == nil {
		return
	}
	for ; !end(p); p = unsafe.Add(p, int(size)) {
		fn(p)
	}
}

//export goSetCommandInfo
func goSetCommandInfo(cmd *C.RedisModuleCommand, info *C.RedisModuleCommandInfo) (errno C.int) {
	defer guard("SetCommandInfo")
	errno = C.int(syscall.EINVAL)
	mc := commandOf(cmd)
	row := mc.row
	if problem := checkCommandInfo(mc, info); problem != "" {
		logLine(mc.m.slot, levelWarning, "Invalid command info: "+problem)
		return errno
	}
	if mc.described {
		return C.int(syscall.EEXIST)
	}
	mc.described = true
	row.Summary = C.GoString(info.summary)
	row.Complexity = C.GoString(info.complexity)
	row.Since = C.GoString(info.since)
	row.Tips = strings.Fields(C.GoString(info.tips))
	v := info.version
	walk(unsafe.Pointer(info.history), v.sizeof_historyentry, historyEnd, func(p unsafe.Pointer) {
		h := (*C.RedisModuleCommandHistoryEntry)(p)
		row.History = append(row.History, command.HistoryEntry{Since: C.GoString(h.since), Changes: C.GoString(h.changes)})
	})
	if info.arity != 0 {
		row.Arity = int(info.arity)
	}
	if info.key_specs != nil {
		row.KeySpecs = nil
		walk(unsafe.Pointer(info.key_specs), v.sizeof_keyspec, keySpecEnd, func(p unsafe.Pointer) {
			row.KeySpecs = append(row.KeySpecs, keySpec((*C.RedisModuleCommandKeySpec)(p)))
		})
		row.DeriveKeyRange()
	}
	row.Args = commandArgs(info.args, v.sizeof_arg)
	return 0
}

func historyEnd(p unsafe.Pointer) bool {
	return (*C.RedisModuleCommandHistoryEntry)(p).since == nil
}

func keySpecEnd(p unsafe.Pointer) bool {
	return (*C.RedisModuleCommandKeySpec)(p).begin_search_type == C.REDISMODULE_KSPEC_BS_INVALID
}

func argEnd(p unsafe.Pointer) bool { return (*C.RedisModuleCommandArg)(p).name == nil }

// ints reads the members of a C union that are all ints.
func ints(u unsafe.Pointer, n int) []C.int { return unsafe.Slice((*C.int)(u), n) }

func keySpec(s *C.RedisModuleCommandKeySpec) command.KeySpec {
	out := command.KeySpec{Notes: C.GoString(s.notes), Flags: command.KeyFlags(s.flags)}
	bs := unsafe.Pointer(&s.bs)
	switch s.begin_search_type {
	case C.REDISMODULE_KSPEC_BS_INDEX:
		out.Begin.Type = command.BSIndex
		out.Begin.Index = int(ints(bs, 1)[0])
	case C.REDISMODULE_KSPEC_BS_KEYWORD:
		out.Begin.Type = command.BSKeyword
		out.Begin.Keyword = C.GoString(*(**C.char)(bs))
		out.Begin.StartFrom = int(*(*C.int)(unsafe.Add(bs, unsafe.Sizeof(uintptr(0)))))
	}
	fk := ints(unsafe.Pointer(&s.fk), 3)
	switch s.find_keys_type {
	case C.REDISMODULE_KSPEC_FK_OMITTED:
		// The one key at the beginning.
		out.Find = command.FindKeys{Type: command.FKRange, KeyStep: 1}
	case C.REDISMODULE_KSPEC_FK_RANGE:
		out.Find = command.FindKeys{Type: command.FKRange, LastKey: int(fk[0]), KeyStep: int(fk[1]), Limit: int(fk[2])}
	case C.REDISMODULE_KSPEC_FK_KEYNUM:
		out.Find = command.FindKeys{Type: command.FKKeynum, KeyNumIdx: int(fk[0]), FirstKey: int(fk[1]), KeyStep: int(fk[2])}
	}
	return out
}

// argType is what COMMAND DOCS calls the argument types.
var argType = map[C.RedisModuleCommandArgType]string{
	C.REDISMODULE_ARG_TYPE_STRING:     "string",
	C.REDISMODULE_ARG_TYPE_INTEGER:    "integer",
	C.REDISMODULE_ARG_TYPE_DOUBLE:     "double",
	C.REDISMODULE_ARG_TYPE_KEY:        "key",
	C.REDISMODULE_ARG_TYPE_PATTERN:    "pattern",
	C.REDISMODULE_ARG_TYPE_UNIX_TIME:  "unix-time",
	C.REDISMODULE_ARG_TYPE_PURE_TOKEN: "pure-token",
	C.REDISMODULE_ARG_TYPE_ONEOF:      "oneof",
	C.REDISMODULE_ARG_TYPE_BLOCK:      "block",
}

func commandArgs(args *C.RedisModuleCommandArg, size C.size_t) (out []command.Arg) {
	walk(unsafe.Pointer(args), size, argEnd, func(p unsafe.Pointer) {
		a := (*C.RedisModuleCommandArg)(p)
		arg := command.Arg{
			Name: C.GoString(a.name), Type: argType[a._type], Token: C.GoString(a.token),
			Summary: C.GoString(a.summary), Since: C.GoString(a.since),
			DeprecatedSince: C.GoString(a.deprecated_since),
			KeySpecIndex:    -1,
			Optional:        a.flags&C.REDISMODULE_CMD_ARG_OPTIONAL != 0,
			Multiple:        a.flags&C.REDISMODULE_CMD_ARG_MULTIPLE != 0,
			MultipleToken:   a.flags&C.REDISMODULE_CMD_ARG_MULTIPLE_TOKEN != 0,
		}
		if a._type == C.REDISMODULE_ARG_TYPE_KEY {
			arg.KeySpecIndex = int(a.key_spec_index)
		}
		arg.EmptyToken = a.token != nil && arg.Token == ""
		// The display text came with a later header than the struct.
		if size >= C.sizeof_RedisModuleCommandArg {
			arg.DisplayText = C.GoString(a.display_text)
		}
		if a._type == C.REDISMODULE_ARG_TYPE_ONEOF || a._type == C.REDISMODULE_ARG_TYPE_BLOCK {
			arg.Args = commandArgs((*C.RedisModuleCommandArg)(unsafe.Pointer(a.subargs)), size)
		}
		out = append(out, arg)
	})
	return out
}

// checkCommandInfo says what does not hold together, or nothing.
func checkCommandInfo(mc *moduleCommand, info *C.RedisModuleCommandInfo) string {
	if info.version == nil {
		return "missing version"
	}
	v := info.version
	problem := ""
	fail := func(text string) {
		if problem == "" {
			problem = text
		}
	}
	walk(unsafe.Pointer(info.history), v.sizeof_historyentry, historyEnd, func(p unsafe.Pointer) {
		if (*C.RedisModuleCommandHistoryEntry)(p).changes == nil {
			fail("history entry without changes")
		}
	})
	specs := 0
	walk(unsafe.Pointer(info.key_specs), v.sizeof_keyspec, keySpecEnd, func(p unsafe.Pointer) {
		s := (*C.RedisModuleCommandKeySpec)(p)
		const access = C.REDISMODULE_CMD_KEY_RO | C.REDISMODULE_CMD_KEY_RW | C.REDISMODULE_CMD_KEY_OW | C.REDISMODULE_CMD_KEY_RM
		kind := uint64(s.flags) & access
		switch {
		case uint64(s.flags)&^(1<<11-1) != 0:
			fail("key spec with unknown flags")
		case kind != 0 && kind&(kind-1) != 0:
			fail("key spec with more than one of RO, RW, OW and RM")
		case s.begin_search_type > C.REDISMODULE_KSPEC_BS_KEYWORD:
			fail("key spec with an unknown begin search type")
		case s.find_keys_type > C.REDISMODULE_KSPEC_FK_KEYNUM:
			fail("key spec with an unknown find keys type")
		case s.begin_search_type == C.REDISMODULE_KSPEC_BS_KEYWORD && *(**C.char)(unsafe.Pointer(&s.bs)) == nil:
			fail("key spec without its keyword")
		}
		specs++
	})
	checkArgs(info.args, v.sizeof_arg, specs, fail)
	return problem
}

func checkArgs(args *C.RedisModuleCommandArg, size C.size_t, specs int, fail func(string)) {
	walk(unsafe.Pointer(args), size, argEnd, func(p unsafe.Pointer) {
		a := (*C.RedisModuleCommandArg)(p)
		nested := a._type == C.REDISMODULE_ARG_TYPE_ONEOF || a._type == C.REDISMODULE_ARG_TYPE_BLOCK
		switch {
		case argType[a._type] == "":
			fail("argument with an unknown type")
		case a._type == C.REDISMODULE_ARG_TYPE_PURE_TOKEN && a.token == nil:
			fail("pure token argument without a token")
		case a._type == C.REDISMODULE_ARG_TYPE_KEY && int(a.key_spec_index) >= specs:
			fail("key argument that refers to a key spec which is not there")
		case a._type != C.REDISMODULE_ARG_TYPE_KEY && a.key_spec_index != -1 && a.key_spec_index != 0:
			fail("key spec index of an argument that is no key")
		case a.flags&^(C.REDISMODULE_CMD_ARG_OPTIONAL|C.REDISMODULE_CMD_ARG_MULTIPLE|C.REDISMODULE_CMD_ARG_MULTIPLE_TOKEN) != 0:
			fail("argument with unknown flags")
		case nested && a.subargs == nil:
			fail("oneof or block argument without arguments")
		case !nested && a.subargs != nil:
			fail("arguments inside an argument that is no oneof or block")
		}
		if nested {
			checkArgs((*C.RedisModuleCommandArg)(unsafe.Pointer(a.subargs)), size, specs, fail)
		}
	})
}
