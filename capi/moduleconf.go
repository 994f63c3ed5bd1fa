package capi

// #include "moduleconf.h"
import "C"

import (
	"errors"
	"strings"
	"syscall"
	"unsafe"

	"berth/host/config"
)

// configState is how far the parameters of a module have got.
type configState struct {
	loaded bool // they have values
	loadex bool // LOADEX is loading the module
}

// setting gives the configuration access to a parameter.
type setting struct {
	m *module
	c *C.rm_config
}

func (s setting) number() int { return int(C.rm_config_get(s.c)) }

func (s setting) setNumber(v int) error {
	var reason *C.RedisModuleString
	return refused(bool(C.rm_config_set(s.c, C.longlong(v), &reason)), reason)
}

func (s setting) boolean() bool { return s.number() != 0 }

func (s setting) setBoolean(v bool) error {
	n := 0
	if v {
		n = 1
	}
	return s.setNumber(n)
}

func (s setting) text() string {
	if str := C.rm_config_get_string(s.c); str != nil {
		return string(bytesOf(str))
	}
	return ""
}

func (s setting) setText(v string) error {
	var reason *C.RedisModuleString
	ok := C.rm_config_set_string(s.c, (*C.char)(unsafe.Pointer(unsafe.StringData(v))), C.size_t(len(v)), &reason)
	return refused(bool(ok), reason)
}

func (s setting) apply() error {
	rt := s.m.rt
	k := rt.enter(s.m)
	defer rt.leave()
	var reason *C.RedisModuleString
	return refused(bool(C.rm_config_apply(s.c, k.in._go, &reason)), reason)
}

// refused is a module's error, whose text may be empty: no reason was given.
func refused(ok bool, reason *C.RedisModuleString) error {
	text := ""
	if reason != nil {
		text = string(bytesOf(reason))
		C.rm_str_decr(reason)
	}
	if ok {
		return nil
	}
	return errors.New(text)
}

// applyKey tells parameters that are applied together.
type applyKey struct{ fn, privdata uintptr }

// configFlags are the configuration's names for the API's flags.
func configFlags(flags C.uint) (f config.Flags) {
	for _, x := range [...]struct {
		bit  C.uint
		flag config.Flags
	}{
		{C.REDISMODULE_CONFIG_IMMUTABLE, config.Immutable},
		{C.REDISMODULE_CONFIG_SENSITIVE, config.Sensitive},
		{C.REDISMODULE_CONFIG_HIDDEN, config.Hidden},
		{C.REDISMODULE_CONFIG_PROTECTED, config.Protected},
		{C.REDISMODULE_CONFIG_DENY_LOADING, config.DenyLoading},
	} {
		if flags&x.bit != 0 {
			f |= x.flag
		}
	}
	return f
}

//export goRegisterConfig
func goRegisterConfig(c *C.rm_config, spec *C.rm_config_spec) (errno C.int) {
	defer guard("RegisterConfig")
	errno = C.int(syscall.EINVAL)
	m := moduleOf(c.module)
	s := setting{m, c}
	_, alias, _ := strings.Cut(C.GoString(spec.name), "|")
	row := config.ModuleRow{Module: m, Name: C.GoString(c.full), Alias: alias, Flags: configFlags(c.flags)}
	switch c.kind {
	case C.RM_CONFIG_BOOL:
		row.Bool = &config.BoolParam{Default: spec.def != 0, Get: s.boolean, Set: s.setBoolean}
	case C.RM_CONFIG_NUMERIC, C.RM_CONFIG_UNSIGNED:
		row.Int = &config.IntParam{
			Default: int(spec.def), Min: int(spec.min), Max: int(spec.max),
			Memory: c.flags&C.REDISMODULE_CONFIG_MEMORY != 0, Unsigned: c.kind == C.RM_CONFIG_UNSIGNED,
			UnsignedText: bool(C.rm_valkey(m.c)) && c.flags&C.VALKEYMODULE_CONFIG_UNSIGNED != 0,
			Get:          s.number, Set: s.setNumber,
		}
	case C.RM_CONFIG_STRING:
		row.String = &config.StringParam{Default: C.GoString(spec.def_string), Get: s.text, Set: s.setText}
	case C.RM_CONFIG_ENUM:
		p := &config.EnumParam{
			Default: int(spec.def), BitFlags: c.flags&C.REDISMODULE_CONFIG_BITFLAGS != 0,
			Get: s.number, Set: s.setNumber,
		}
		names, values := unsafe.Slice(spec.names, spec.nvalues), unsafe.Slice(spec.values, spec.nvalues)
		for i := range names {
			p.Names = append(p.Names, config.EnumEntry{Name: C.GoString(names[i]), Value: int(values[i])})
		}
		row.Enum = p
	}
	if c.apply != nil {
		row.Apply = s.apply
		row.ApplyKey = applyKey{uintptr(unsafe.Pointer(c.apply)), uintptr(c.privdata)}
	}
	cfg := m.rt.srv.Config()
	if cfg.AddRow(row) != nil {
		m.rt.srv.Log().Warn("Configuration by the name: %s already registered", C.GoString(spec.name))
		return C.int(syscall.EALREADY)
	}
	m.configs = append(m.configs, c)
	if len(m.configs) == 1 {
		m.onUndo(func() {
			cfg.RemoveRows(m)
			for _, c := range m.configs {
				C.rm_config_free(c)
			}
			m.configs = nil
		})
	}
	return 0
}

//export goLoadConfigs
func goLoadConfigs(slot C.uint32_t, defaults C.int) (status C.int) {
	defer guard("LoadConfigs")
	status = C.REDISMODULE_ERR
	m := bySlot[slot].Load()
	cfg := m.rt.srv.Config()
	var err error
	if defaults != 0 {
		if m.config.loaded {
			return status
		}
		err = cfg.LoadModuleDefaults(m)
	} else {
		err = cfg.LoadModuleValues(m, m.config.loaded)
	}
	if err != nil {
		return status
	}
	m.config.loaded = true
	return C.REDISMODULE_OK
}

// checkConfigs says why a module that has been loaded must go again.
func (m *module) checkConfigs() (reasons []string) {
	if len(m.configs) > 0 && !m.config.loaded {
		reasons = append(reasons, "Module Configurations were not set, missing LoadConfigs call. Unloading the module.")
	}
	if m.config.loadex && len(m.rt.srv.Config().UnresolvedModuleValues()) > 0 {
		reasons = append(reasons, "Loadex configurations were not applied, likely due to invalid arguments. Unloading the module.")
	}
	return reasons
}
