package config

import (
	"errors"
	"fmt"
	"strings"

	"berth/internal/glob"
	"berth/internal/rlog"
)

// Pair is a parameter's name, as asked for, and its value.
type Pair struct{ Name, Value string }

// Get returns the parameters that any of the patterns matches, each once. A name without
// `*`, `?` or `[` is looked up as it is, and shown as it was written.
func (c *Config) Get(patterns ...string) []Pair {
	var found []Pair
	seen := map[string]bool{}
	add := func(name string, r *Row) {
		if key := strings.ToLower(name); !seen[key] {
			seen[key] = true
			found = append(found, Pair{name, r.Get()})
		}
	}
	for _, p := range patterns {
		if !strings.ContainsAny(p, "[*?") {
			if r := c.Lookup(p); r != nil {
				add(p, r)
			}
			continue
		}
		for _, r := range c.rows {
			if r.Flags&Hidden == 0 && glob.Match([]byte(p), []byte(r.Name), true) {
				add(r.Name, r)
			}
		}
	}
	return found
}

// SetOptions say who sets.
type SetOptions struct {
	// Loading is true while the data set is being loaded.
	Loading bool
	// AllowProtected says that this client may set protected parameters: enable-protected-configs
	// is yes, or local and the client is.
	AllowProtected bool
}

// ErrLoading is returned for a parameter that cannot be set while loading.
var ErrLoading = errors.New("loading")

// Set sets parameters as CONFIG SET does, all of them or none. pairs alternates names
// and values. The error is ErrLoading, or its text is that of the reply without `ERR `.
func (c *Config) Set(o SetOptions, pairs ...string) error {
	if len(pairs)%2 != 0 {
		return errors.New("syntax error")
	}
	rows, err := c.judge(o, pairs)
	if err != nil {
		return err
	}
	old := make([]string, len(rows))
	for i, r := range rows {
		old[i] = r.Get()
	}
	var apply []applyStep
	for i, r := range rows {
		changed, err := r.set(pairs[2*i+1])
		if err != nil {
			c.restore(rows[:i+1], old, nil)
			return setFailed(r.Name, err)
		}
		if (changed || r.Flags&Volatile != 0) && r.onApply != nil {
			apply = addStep(apply, r)
		}
	}
	for _, module := range []bool{false, true} {
		for _, s := range apply {
			if (s.row.module != nil) != module {
				continue
			}
			if err := s.hook.fn(); err != nil {
				text := "Failed applying new configuration. Possibly related to new " + s.row.Name + " setting. Restoring previous settings."
				if module {
					text = "Failed applying new module configuration. Restoring previous settings."
				}
				c.log(rlog.LevelWarning, text)
				c.restore(rows, old, apply)
				return setFailed(s.row.Name, err)
			}
		}
	}
	return nil
}

// applyStep is a hook to run and the first parameter that asked for it.
type applyStep struct {
	hook *hook
	row  *Row
}

func addStep(steps []applyStep, r *Row) []applyStep {
	for _, s := range steps {
		if s.hook == r.onApply {
			return steps
		}
	}
	return append(steps, applyStep{r.onApply, r})
}

// judge finds the rows and says whether they may be set at all. An unknown name goes before
// every other complaint that comes after it, a parameter that cannot be set while loading before all.
func (c *Config) judge(o SetOptions, pairs []string) ([]*Row, error) {
	var rows []*Row
	for i := 0; i < len(pairs); i += 2 {
		name := pairs[i]
		r := c.Lookup(name)
		switch {
		case r == nil:
			return nil, fmt.Errorf("Unknown option or number of arguments for CONFIG SET - '%s'", name)
		case r.Flags&Immutable != 0:
			return nil, setFailed(name, errors.New("can't set immutable config"))
		case r.Flags&Protected != 0 && !o.AllowProtected:
			return nil, setFailed(name, errors.New("can't set protected config"))
		case r.Flags&DenyLoading != 0 && o.Loading:
			return nil, ErrLoading
		}
		for _, other := range rows {
			if other == r {
				return nil, setFailed(name, errors.New("duplicate parameter"))
			}
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func setFailed(name string, err error) error {
	if errors.Is(err, errNoReason) {
		return fmt.Errorf("CONFIG SET failed (possibly related to argument '%s')", name)
	}
	return fmt.Errorf("CONFIG SET failed (possibly related to argument '%s') - %w", name, err)
}

// restore puts old values back and lets the hooks see them.
func (c *Config) restore(rows []*Row, old []string, apply []applyStep) {
	for i, r := range rows {
		if _, err := r.set(old[i]); err != nil {
			c.log(rlog.LevelWarning, fmt.Sprintf("Failed restoring failed CONFIG SET command. Error setting %s to '%s': %s", r.Name, old[i], err))
		}
	}
	for _, s := range apply {
		if err := s.hook.fn(); err != nil {
			c.log(rlog.LevelWarning, fmt.Sprintf("Failed applying restored failed CONFIG SET command: %s", err))
		}
	}
}

// Sensitive reports whether the value of that parameter must not be shown in logs.
func (c *Config) Sensitive(name string) bool {
	r := c.Lookup(name)
	return r != nil && r.Flags&Sensitive != 0
}
