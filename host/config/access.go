package config

import (
	"errors"
	"strings"

	"berth/internal/glob"
)

// Kind is the type that a parameter has for modules.
type Kind int

// The kinds, numbered as RedisModuleConfigType. What is neither number, choice nor yes or no is text.
const (
	KindString Kind = iota
	KindEnum
	KindInt
	KindBool

	// KindAny lets ModuleSet set a parameter of any kind from its text.
	KindAny Kind = -1
)

// Kind returns the parameter's type.
func (r *Row) Kind() Kind {
	switch r.value.(type) {
	case *enumValue:
		return KindEnum
	case *numValue:
		return KindInt
	case *boolValue:
		return KindBool
	}
	return KindString
}

// Bool returns the value of a KindBool parameter.
func (r *Row) Bool() (value, ok bool) {
	v, ok := r.value.(*boolValue)
	return ok && v.ref.load(), ok
}

// Int returns the value of a KindInt parameter. A percentage is negative, and a number above the
// largest int is one too, cast.
func (r *Row) Int() (value int, ok bool) {
	v, ok := r.value.(*numValue)
	if !ok {
		return 0, false
	}
	return v.ref.load(), true
}

// Names returns the names, aliases too, that a pattern matches; all of them for the empty one. A hidden
// parameter has to be named.
func (c *Config) Names(pattern string) []string {
	if pattern != "" && !strings.ContainsAny(pattern, "[*?") {
		if r := c.Lookup(pattern); r != nil {
			return []string{r.Name}
		}
		return nil
	}
	var names []string
	for _, r := range c.rows {
		if r.Flags&Hidden == 0 && (pattern == "" || glob.Match([]byte(pattern), []byte(r.Name), true)) {
			names = append(names, r.Name)
		}
	}
	return names
}

// ModuleSet sets a parameter on behalf of a module and applies it. A parameter of another kind than asked for
// gives an error without text.
func (c *Config) ModuleSet(kind Kind, name, value string) error {
	r, err := c.moduleTarget(kind, name)
	if err != nil {
		return err
	}
	return c.moduleApply(r, func() (bool, error) { return r.set(value) })
}

// ModuleSetInt sets a KindInt parameter; see Row.Int for what negative numbers mean.
func (c *Config) ModuleSetInt(name string, n int) error {
	r, err := c.moduleTarget(KindInt, name)
	if err != nil {
		return err
	}
	v := r.value.(*numValue)
	return c.moduleApply(r, func() (bool, error) {
		if n < 0 && (v.unsigned || v.unit&natural != 0) {
			return false, errors.New("argument must be greater or equal to 0")
		}
		if err := v.inBounds(n); err != nil {
			return false, err
		}
		if v.ref.load() == n {
			return false, nil
		}
		return true, v.ref.store(n)
	})
}

func (c *Config) moduleTarget(kind Kind, name string) (*Row, error) {
	r := c.Lookup(name)
	switch {
	case r == nil:
		return nil, errors.New("Config name not found")
	case r.Flags&Immutable != 0:
		return nil, errors.New("Config is immutable")
	case r.Flags&Protected != 0 && c.EnableProtectedConfigs != ActionYes:
		return nil, errors.New("Config is protected")
	case kind != KindAny && r.Kind() != kind:
		return nil, errNoReason
	}
	return r, nil
}

// moduleApply sets and applies. A module's parameter is applied even when it did not change and when it was
// refused, as in Redis 8.2.
func (c *Config) moduleApply(r *Row, set func() (bool, error)) error {
	old := []string{r.Get()}
	var steps []applyStep
	if r.onApply != nil {
		steps = []applyStep{{r.onApply, r}}
	}
	ofModule := r.module != nil
	changed, err := set()
	if err != nil {
		if !ofModule {
			steps = nil
		}
		c.restore([]*Row{r}, old, steps)
		return err
	}
	if !changed && r.Flags&Volatile == 0 && !ofModule || r.onApply == nil {
		return nil
	}
	if err := r.onApply.fn(); err != nil {
		c.restore([]*Row{r}, old, steps)
		return err
	}
	return nil
}
