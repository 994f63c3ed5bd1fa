package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"berth/internal/rlog"
)

// ModuleRow describes a parameter that a module registers. Exactly one of Bool, Int, Enum and
// String is set. Get and Set callbacks are the module's; a Set error with an
// empty text means that the module gave no reason.
type ModuleRow struct {
	// Module identifies the owner, for RemoveRows and Row.Module.
	Module any
	// Name and Alias are complete: with the module's prefix, unless it asked for none.
	Name, Alias string
	Flags       Flags

	Bool   *BoolParam
	Int    *IntParam
	Enum   *EnumParam
	String *StringParam

	// Apply runs once all values of a CONFIG SET are in place. Rows of one module with equal
	// ApplyKey (which must be comparable) share it: it then runs once.
	Apply    func() error
	ApplyKey any
}

// BoolParam is a module's yes or no.
type BoolParam struct {
	Default bool
	Get     func() bool
	Set     func(bool) error
}

// IntParam is a module's number. Memory lets it be written as a size; with Unsigned its limits are
// uint64, cast, and with UnsignedText it is read and written as one. The two are apart in Valkey.
type IntParam struct {
	Default, Min, Max              int
	Memory, Unsigned, UnsignedText bool
	Get                            func() int
	Set                            func(int) error
}

// EnumParam is a module's choice of one name or, with BitFlags, of several.
type EnumParam struct {
	Default  int
	Names    []EnumEntry
	BitFlags bool
	Get      func() int
	Set      func(int) error
}

// StringParam is a module's text, which may be binary.
type StringParam struct {
	Default string
	Get     func() string
	Set     func(string) error
}

// ErrExists means that the name or alias is taken.
var ErrExists = errors.New("a configuration parameter of that name exists")

// moduleHook identifies the hook that rows of one module share.
type moduleHook struct {
	module, key any
}

// AddRow registers a module's parameter. Its value is not touched: LoadModuleValues sets it.
func (c *Config) AddRow(m ModuleRow) error {
	if c.Lookup(m.Name) != nil || m.Alias != "" && c.Lookup(m.Alias) != nil || strings.EqualFold(m.Name, m.Alias) {
		return ErrExists
	}
	r := newRow(m.Name, m.Alias, m.Flags, nil)
	r.module = m.Module
	switch {
	case m.Bool != nil:
		r.value = &boolValue{ref: ref[bool]{get: m.Bool.Get, put: noReason(m.Bool.Set)}, def: m.Bool.Default}
	case m.Int != nil:
		v := &numValue{ref: ref[int]{get: m.Int.Get, put: noReason(m.Int.Set)}, def: m.Int.Default, min: m.Int.Min, max: m.Int.Max, unsigned: m.Int.Unsigned, signedText: !m.Int.UnsignedText}
		if m.Int.Memory {
			v.unit = memory
		}
		if m.Int.UnsignedText {
			v.unit |= unsignedText
		}
		r.value = v
	case m.Enum != nil:
		r.value = &enumValue{
			ref: ref[int]{get: m.Enum.Get, put: noReason(m.Enum.Set)},
			def: m.Enum.Default, names: m.Enum.Names, flags: m.Enum.BitFlags,
		}
		if m.Enum.BitFlags {
			r.Flags |= MultiArg
		}
	case m.String != nil:
		r.value = &stringValue{ref: ref[string]{get: m.String.Get, put: noReason(m.String.Set)}, def: m.String.Default, binary: true}
	default:
		panic("config: module parameter " + m.Name + " has no type")
	}
	if m.Apply != nil {
		r.onApply = c.moduleHook(m)
	}
	c.add(r)
	return nil
}

// moduleHook finds the hook of a row with the same module and key, or makes one.
func (c *Config) moduleHook(m ModuleRow) *hook {
	h := &hook{fn: noReason0(m.Apply)}
	if m.ApplyKey == nil {
		return h
	}
	h.key = moduleHook{m.Module, m.ApplyKey}
	for _, r := range c.rows {
		if r.onApply != nil && r.onApply.key == h.key {
			return r.onApply
		}
	}
	return h
}

func noReason[T any](set func(T) error) func(T) error {
	return func(v T) error { return marked(set(v)) }
}

func noReason0(fn func() error) func() error {
	return func() error { return marked(fn()) }
}

func marked(err error) error {
	if err != nil && err.Error() == "" {
		return errNoReason
	}
	return err
}

// RemoveRows takes away everything that AddRow registered for the module.
func (c *Config) RemoveRows(module any) {
	c.rows = slices.DeleteFunc(c.rows, func(r *Row) bool {
		if r.module == nil || r.module != module {
			return false
		}
		delete(c.byName, strings.ToLower(r.Name))
		return true
	})
}

// ModuleRows returns the parameters of a module without their aliases, in order of registration.
func (c *Config) ModuleRows(module any) []*Row {
	var rows []*Row
	for _, r := range c.rows {
		if r.module != nil && r.module == module && r.Flags&aliasRow == 0 {
			rows = append(rows, r)
		}
	}
	return rows
}

// moduleValue is a value that waits for the module that knows its name.
type moduleValue struct{ name, value string }

func (c *Config) queueModuleValue(name, value string) {
	for i := range c.moduleValues {
		if c.moduleValues[i].name == name {
			c.moduleValues[i].value = value
			return
		}
	}
	c.moduleValues = append(c.moduleValues, moduleValue{name, value})
}

// QueueModuleValue keeps a value for a module that is about to be loaded (MODULE LOADEX CONFIG).
func (c *Config) QueueModuleValue(name, value string) {
	c.queueModuleValue(strings.ToLower(name), value)
}

// UnresolvedModuleValues returns, as `name value` lines, what no module has claimed. The
// server must not start with any left, and MODULE LOADEX fails.
func (c *Config) UnresolvedModuleValues() []string {
	var lines []string
	for _, v := range c.moduleValues {
		lines = append(lines, v.name+" "+v.value)
	}
	return lines
}

// ClearModuleValues forgets the values that wait for a module.
func (c *Config) ClearModuleValues() { c.moduleValues = nil }

func (c *Config) takeModuleValue(names ...string) (value string, ok bool) {
	for i, v := range c.moduleValues {
		for _, n := range names {
			if n != "" && v.name == strings.ToLower(n) {
				c.moduleValues = slices.Delete(c.moduleValues, i, i+1)
				return v.value, true
			}
		}
	}
	return "", false
}

// LoadModuleValues gives every parameter of the module the value that the configuration has for
// it (RM_LoadConfigs), and the others their default, unless LoadModuleDefaults has done so: then
// defaultsLoaded is true. The first failure is logged, and forgets all waiting values.
func (c *Config) LoadModuleValues(module any, defaultsLoaded bool) error {
	return c.loadModule(module, true, !defaultsLoaded)
}

// LoadModuleDefaults gives every parameter of the module its default (RM_LoadDefaultConfigs).
func (c *Config) LoadModuleDefaults(module any) error { return c.loadModule(module, false, true) }

func (c *Config) loadModule(module any, values, defaults bool) error {
	for _, r := range c.ModuleRows(module) {
		text := "Issue attempting to set default value of configuration %s : %s"
		var err error
		value, found := "", false
		if values {
			value, found = c.takeModuleValue(r.Name, r.alias)
		}
		switch {
		case found:
			text = "Issue during loading of configuration %s : %s"
			_, err = r.set(value)
		case defaults:
			err = r.setDefault()
		}
		if err != nil {
			reason := err.Error()
			if reason == "" {
				reason = "(null)"
			}
			c.log(rlog.LevelWarning, fmt.Sprintf(text, r.Name, reason))
			c.ClearModuleValues()
			return err
		}
	}
	return nil
}

// setDefault stores the default without asking for the present value, which a
// module that is just starting may not have.
func (r *Row) setDefault() error {
	switch v := r.value.(type) {
	case *boolValue:
		return v.ref.store(v.def)
	case *numValue:
		return v.ref.store(v.def)
	case *enumValue:
		return v.ref.store(v.def)
	case *stringValue:
		return v.ref.store(v.def)
	}
	return nil
}
