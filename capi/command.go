package capi

// #include "dispatch.h"
// #include <stdlib.h>
//
// void rm_command_free(RedisModuleCommand *cmd);
import "C"

import (
	"strings"
	"syscall"
	"unsafe"

	"berth/host/command"
)

// moduleCommand is a command or subcommand of a module: what its row's Module
// field holds.
type moduleCommand struct {
	m         *module
	c         *C.RedisModuleCommand
	row       *command.Row
	described bool // SetCommandInfo was called
}

// ModuleName is the name of the module that made the command.
func (mc *moduleCommand) ModuleName() string { return mc.m.name() }

// commandFlag is what a word of CreateCommand's flags stands for.
var commandFlag = map[string]command.Flags{
	"write":             command.FlagWrite,
	"readonly":          command.FlagReadOnly,
	"admin":             command.FlagAdmin,
	"deny-oom":          command.FlagDenyOOM,
	"deny-script":       command.FlagNoScript,
	"allow-loading":     command.FlagLoading,
	"pubsub":            command.FlagPubSub,
	"random":            0, // accepted and without meaning since Redis 7.0
	"blocking":          command.FlagBlocking,
	"allow-stale":       command.FlagStale,
	"no-monitor":        command.FlagSkipMonitor,
	"no-slowlog":        command.FlagSkipSlowlog,
	"fast":              command.FlagFast,
	"no-auth":           command.FlagNoAuth,
	"may-replicate":     command.FlagMayReplicate,
	"getkeys-api":       command.FlagModuleGetKeys,
	"getchannels-api":   0, // kept in the C struct: no other part of the server asks
	"no-cluster":        command.FlagModuleNoCluster,
	"no-mandatory-keys": command.FlagNoMandatoryKeys,
	"allow-busy":        command.FlagAllowBusy,
	"internal":          command.FlagInternal,
}

func parseCommandFlags(words string) (f command.Flags, channels, ok bool) {
	for _, w := range strings.Fields(words) {
		w = strings.ToLower(w)
		bit, known := commandFlag[w]
		if !known {
			return 0, false, false
		}
		f |= bit
		channels = channels || w == "getchannels-api"
	}
	return f, channels, true
}

//export goCreateCommand
func goCreateCommand(cmd *C.RedisModuleCommand, cname, cflags *C.char, first, last, step C.int) (status C.int) {
	defer guard("CreateCommand")
	status = C.REDISMODULE_ERR
	m := moduleOf(cmd.module)
	name := C.GoString(cname)
	flags, channels, ok := parseCommandFlags(C.GoString(cflags))
	if !ok || strings.ContainsAny(name, " \r\n|") {
		return status
	}
	if flags&command.FlagModuleNoCluster != 0 && m.rt.srv.Config().ClusterEnabled {
		return status
	}
	row := &command.Row{Name: name, Arity: -1, Flags: flags | command.FlagModule, Group: "module"}
	mc := &moduleCommand{m: m, c: cmd, row: row}
	row.Module = mc
	if cmd.parent != nil {
		row.Parent = commandOf(cmd.parent).row
	}
	if cmd._func == nil || cmd.parent != nil {
		row.Arity = -2 // the subcommand's name, too
	}
	if cmd._func != nil {
		row.Handler = mc.run
	}
	cmd.getkeys_api = flags&command.FlagModuleGetKeys != 0
	cmd.getchannels_api = C.bool(channels)
	if cmd.getkeys_api {
		row.GetKeys = mc.keys
	}
	if channels {
		row.GetChannels = mc.channels
	}
	if first != 0 {
		spec := command.KeySpec{
			Flags: command.KeyRW | command.KeyAccess | command.KeyUpdate,
			Begin: command.BeginSearch{Type: command.BSIndex, Index: int(first)},
			Find:  command.FindKeys{Type: command.FKRange, LastKey: int(last), KeyStep: int(step)},
		}
		if last >= 0 {
			spec.Find.LastKey -= int(first)
		}
		if cmd.getkeys_api {
			spec.Flags |= command.KeyVariableFlags
		}
		row.KeySpecs = []command.KeySpec{spec}
	}
	row.DeriveKeyRange()
	if !m.rt.srv.Commands().Add(row) {
		return status
	}
	cmd.fullname = C.CString(row.FullName())
	m.commands = append(m.commands, mc)
	cmd._go = C.int64_t(len(m.commands))
	m.onUndo(func() {
		m.rt.srv.Commands().Remove(row)
		row.Handler = gone
		C.rm_command_free(cmd)
	})
	return C.REDISMODULE_OK
}

// gone answers for a row that outlived its module: a command queued by MULTI.
func gone(c *command.Ctx) { c.Error("ERR unknown command '" + string(c.Args[0]) + "'") }

// commandOf is the Go side of a command's struct.
func commandOf(cmd *C.RedisModuleCommand) *moduleCommand {
	return moduleOf(cmd.module).commands[cmd._go-1]
}

//export goGetCommand
func goGetCommand(cm *C.rm_module, cname *C.char) (cmd *C.RedisModuleCommand) {
	defer guard("GetCommand")
	row := moduleOf(cm).rt.srv.Commands().LookupFull(C.GoString(cname))
	if row == nil {
		return nil
	}
	if mc, ok := row.Module.(*moduleCommand); ok && mc.m.c == cm {
		return mc.c
	}
	return nil
}

//export goAddACLCategory
func goAddACLCategory(cm *C.rm_module, cname *C.char) (errno C.int) {
	defer guard("AddACLCategory")
	errno = C.int(syscall.EINVAL)
	m := moduleOf(cm)
	table := m.rt.srv.Commands()
	name := C.GoString(cname)
	if _, taken := table.Category(name); taken {
		return C.int(syscall.EBUSY)
	}
	if _, err := table.AddCategory(name); err != nil {
		return C.int(syscall.ENOMEM)
	}
	m.onUndo(func() { table.DropCategories(1) })
	return 0
}

//export goSetCommandACLCategories
func goSetCommandACLCategories(cmd *C.RedisModuleCommand, cnames *C.char) (status C.int) {
	defer guard("SetCommandACLCategories")
	status = C.REDISMODULE_ERR
	mc := commandOf(cmd)
	var set command.Category
	for _, name := range strings.Fields(C.GoString(cnames)) {
		bit, ok := mc.m.rt.srv.Commands().Category(name)
		if !ok {
			logLine(mc.m.slot, levelWarning, "Unrecognized categories flag "+name+" on module load")
			return status
		}
		set |= bit
	}
	mc.row.Categories = set
	mc.m.categorised = true
	return C.REDISMODULE_OK
}

// keys asks the module where the keys of argv are.
func (mc *moduleCommand) keys(_ *command.Row, argv [][]byte, dst []command.KeyRef) ([]command.KeyRef, bool) {
	k := mc.positions(argv, C.RMC_KEYS_POS)
	for _, p := range k.reported() {
		dst = append(dst, command.KeyRef{Pos: int(p[0]), Flags: command.KeyFlags(p[1])})
	}
	mc.m.rt.leave()
	return dst, true
}

// channels asks the module where the channels of argv are.
func (mc *moduleCommand) channels(_ *command.Row, argv [][]byte, dst []command.ChannelRef) ([]command.ChannelRef, bool) {
	k := mc.positions(argv, C.RMC_CHANNELS_POS)
	for _, p := range k.reported() {
		var f command.ChannelFlags
		for bit, to := range map[C.int]command.ChannelFlags{
			C.REDISMODULE_CMD_CHANNEL_PATTERN:     command.ChannelPattern,
			C.REDISMODULE_CMD_CHANNEL_PUBLISH:     command.ChannelPublish,
			C.REDISMODULE_CMD_CHANNEL_SUBSCRIBE:   command.ChannelSubscribe,
			C.REDISMODULE_CMD_CHANNEL_UNSUBSCRIBE: command.ChannelUnsubscribe,
		} {
			if p[1]&bit != 0 {
				f |= to
			}
		}
		dst = append(dst, command.ChannelRef{Pos: int(p[0]), Flags: f})
	}
	mc.m.rt.leave()
	return dst, true
}

// positions calls the command as a position request. The caller ends the call
// with leave.
func (mc *moduleCommand) positions(argv [][]byte, request C.uint32_t) *call {
	k := mc.m.rt.enter(mc.m)
	k.in.cmd, k.in._func, k.in.flags = mc.c, nil, request
	k.in.bc, k.in.privdata, k.in.ready_key = nil, nil, nil
	k.ctx.ArgsOffHeap = false
	k.dispatch(argv)
	return k
}

func (k *call) reported() [][2]C.int {
	if k.in.npos == 0 {
		return nil
	}
	return unsafe.Slice((*[2]C.int)(unsafe.Pointer(k.in.pos)), k.in.npos)
}
