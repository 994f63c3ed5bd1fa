package capi

// #include "capi_internal.h"
import "C"

import (
	"fmt"
	"math/bits"
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
	if problem := checkCommandInfo(info); problem != "" {
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
		nested := a._type == C.REDISMODULE_ARG_TYPE_ONEOF || a._type == C.REDISMODULE_ARG_TYPE_BLOCK
		// The display text came with a later header than the struct.
		if size >= C.sizeof_RedisModuleCommandArg {
			arg.DisplayText = C.GoString(a.display_text)
		}
		if arg.DisplayText == "" && !nested {
			arg.DisplayText = arg.Name
		}
		if nested {
			arg.Args = commandArgs((*C.RedisModuleCommandArg)(unsafe.Pointer(a.subargs)), size)
		}
		out = append(out, arg)
	})
	return out
}

// checkCommandInfo says what does not hold together, in Redis's words, or
// nothing.
func checkCommandInfo(info *C.RedisModuleCommandInfo) (problem string) {
	if info.version == nil {
		return "version missing"
	}
	v := info.version
	fail := func(format string, args ...any) {
		if problem == "" {
			problem = fmt.Sprintf(format, args...)
		}
	}
	i := 0
	walk(unsafe.Pointer(info.history), v.sizeof_historyentry, historyEnd, func(p unsafe.Pointer) {
		if (*C.RedisModuleCommandHistoryEntry)(p).changes == nil {
			fail("history[%d].changes missing", i)
		}
		i++
	})
	i = 0
	walk(unsafe.Pointer(info.key_specs), v.sizeof_keyspec, keySpecEnd, func(p unsafe.Pointer) {
		checkKeySpec(i, (*C.RedisModuleCommandKeySpec)(p), fail)
		i++
	})
	checkArgs(info.args, v.sizeof_arg, fail)
	return problem
}

func checkKeySpec(i int, s *C.RedisModuleCommandKeySpec, fail func(string, ...any)) {
	const (
		access  = C.REDISMODULE_CMD_KEY_RO | C.REDISMODULE_CMD_KEY_RW | C.REDISMODULE_CMD_KEY_OW | C.REDISMODULE_CMD_KEY_RM
		changes = C.REDISMODULE_CMD_KEY_INSERT | C.REDISMODULE_CMD_KEY_DELETE | C.REDISMODULE_CMD_KEY_UPDATE
	)
	flags := uint64(s.flags)
	switch {
	case bits.OnesCount64(flags&access) != 1:
		fail("key_specs[%d].flags: Exactly one of the flags RO, RW, OW, RM required", i)
	case bits.OnesCount64(flags&changes) > 1:
		fail("key_specs[%d].flags: INSERT, DELETE and UPDATE are mutually exclusive", i)
	case s.begin_search_type > C.REDISMODULE_KSPEC_BS_KEYWORD:
		fail("key_specs[%d].begin_search_type: Invalid value %d", i, int(s.begin_search_type))
	case s.begin_search_type == C.REDISMODULE_KSPEC_BS_KEYWORD && *(**C.char)(unsafe.Pointer(&s.bs)) == nil:
		fail("key_specs[%d].bs.keyword.keyword required when begin_search_type is KEYWORD", i)
	case s.find_keys_type > C.REDISMODULE_KSPEC_FK_KEYNUM:
		fail("key_specs[%d].find_keys_type: Invalid value %d", i, int(s.find_keys_type))
	}
}

func checkArgs(args *C.RedisModuleCommandArg, size C.size_t, fail func(string, ...any)) {
	walk(unsafe.Pointer(args), size, argEnd, func(p unsafe.Pointer) {
		a := (*C.RedisModuleCommandArg)(p)
		nested := a._type == C.REDISMODULE_ARG_TYPE_ONEOF || a._type == C.REDISMODULE_ARG_TYPE_BLOCK
		const known = C.REDISMODULE_CMD_ARG_OPTIONAL | C.REDISMODULE_CMD_ARG_MULTIPLE | C.REDISMODULE_CMD_ARG_MULTIPLE_TOKEN
		name := C.GoString(a.name)
		switch {
		case argType[a._type] == "":
			fail("Argument %q: Undefined type %d", name, int(a._type))
		case a._type == C.REDISMODULE_ARG_TYPE_PURE_TOKEN && a.token == nil:
			fail("Argument %q: token required when type is PURE_TOKEN", name)
		case nested && a.subargs == nil:
			fail("Argument %q: subargs required when type is ONEOF or BLOCK", name)
		case !nested && a.subargs != nil:
			fail("Argument %q: subargs specified but type isn't ONEOF nor BLOCK", name)
		case a.flags&^known != 0:
			fail("Argument %q: Invalid flags", name)
		}
		if nested {
			checkArgs((*C.RedisModuleCommandArg)(unsafe.Pointer(a.subargs)), size, fail)
		}
	})
}
