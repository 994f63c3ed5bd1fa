package config

import (
	"errors"
	"strings"
)

// Flags say how a parameter may be used.
type Flags uint32

// The flags of a row.
const (
	// Immutable parameters come from the configuration file or the command line only.
	Immutable Flags = 1 << iota
	// Hidden ones are matched by their exact name, never by a pattern.
	Hidden
	// Protected ones need enable-protected-configs.
	Protected
	// Sensitive values are redacted in the slow log and MONITOR.
	Sensitive
	// DenyLoading ones cannot be set while the data set is being loaded.
	DenyLoading
	// MultiArg ones take several words on a line.
	MultiArg
	// Debug ones are tuned by Redis's own tests; the flag changes nothing here.
	Debug
	// Volatile ones are applied even when their value did not change.
	Volatile

	emptyUnset
	aliasRow
)

// Row is one parameter, or an alias of one: an alias is a row of its own that shares the value.
type Row struct {
	Name  string
	Flags Flags

	alias   string // the other name: of an alias row the primary one, else the alias or ""
	value   value
	onApply *hook
	module  any
}

// hook is compared by address: a hook shared by several parameters runs once per CONFIG SET.
type hook struct {
	fn  func() error
	key any
}

// value is how one kind of parameter is read, set and written down.
type value interface {
	// get returns the value as CONFIG GET shows it.
	get() string
	// set parses args and stores the value. It reports whether the value is a new one, and
	// leaves the value alone if it returns an error.
	set(args []string) (changed bool, err error)
	// rewrite hands the value's lines to w.
	rewrite(w *rewriter, name string)
}

// errNoReason is the error of a module that refused a value without saying why.
var errNoReason = errors.New("")

func newRow(name, alias string, flags Flags, v value) *Row {
	return &Row{Name: name, alias: alias, Flags: flags, value: v}
}

// Get returns the value as CONFIG GET shows it.
func (r *Row) Get() string { return r.value.get() }

// Module returns what AddRow was given as the owner, nil for the server's own parameters.
func (r *Row) Module() any { return r.module }

// Primary returns the parameter's own name, which for an alias is another one.
func (r *Row) Primary() string {
	if r.Flags&aliasRow != 0 {
		return r.alias
	}
	return r.Name
}

// set splits a single value as CONFIG SET does, and sets it.
func (r *Row) set(text string) (bool, error) {
	if r.Flags&MultiArg == 0 {
		return r.value.set([]string{text})
	}
	if text == "" {
		return r.value.set(nil)
	}
	return r.value.set(strings.Split(text, " "))
}

// New returns the defaults, as a server has them that was started without configuration, but for save: a server in a
// Go program saves by itself only if the program says when. LoadArgs brings Redis's save points.
func New() *Config {
	c := &Config{byName: map[string]*Row{}}
	c.Chdir, c.Getwd = osChdir, osGetwd
	for _, r := range c.table() {
		c.add(r)
	}
	c.builtinHooks()
	return c
}

// add enters a row, and another for its alias. Two parameters of one name are a mistake of ours.
func (c *Config) add(r *Row) {
	c.enter(r)
	if r.alias != "" {
		c.enter(&Row{
			Name: r.alias, alias: r.Name, Flags: r.Flags | aliasRow,
			value: r.value, onApply: r.onApply, module: r.module,
		})
	}
}

func (c *Config) enter(r *Row) {
	key := strings.ToLower(r.Name)
	if c.byName[key] != nil {
		panic("config: parameter " + r.Name + " registered twice")
	}
	c.byName[key] = r
	c.rows = append(c.rows, r)
}

// Lookup returns the row of a name or alias in any case, or nil.
func (c *Config) Lookup(name string) *Row { return c.byName[strings.ToLower(name)] }

// OnChange makes fn run when CONFIG SET gave one of the named parameters a new value. All values of
// that CONFIG SET are in place then. An error makes CONFIG SET fail with its text; the
// old values are then restored and fn is called again. It runs once even if several of
// its parameters changed. It does not run for values from the configuration file.
func (c *Config) OnChange(fn func() error, names ...string) {
	h := &hook{fn: fn}
	for _, name := range names {
		r := c.Lookup(name)
		if r == nil {
			panic("config: OnChange of unknown parameter " + name)
		}
		if prev := r.onApply; prev != nil {
			// The parameter's own rule, such as clamping, comes first.
			r.onApply = &hook{fn: func() error {
				if err := prev.fn(); err != nil {
					return err
				}
				return fn()
			}}
		} else {
			r.onApply = h
		}
		if r.alias != "" {
			c.Lookup(r.alias).onApply = r.onApply
		}
	}
}
