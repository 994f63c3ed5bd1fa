package command

import "strings"

// Known is a command as permission rules name it: by its original name, whether or not this server
// has a handler for it. A rule that was written for Redis then means here what it means there.
type Known struct {
	ID         int
	Name       string // full
	Container  bool   // has subcommands
	Sub        bool   // is one
	Categories Category
}

// Known finds a command or subcommand ("config|get") by its full name from before any rename, in
// any case.
func (t *Table) Known(full string) (Known, bool) {
	full = strings.ToLower(full)
	if i, ok := findMeta(full); ok && t.moduleRow(full) == nil {
		return t.knownNative(i), true
	}
	if r := t.moduleRow(full); r != nil {
		return r.known(), true
	}
	return Known{}, false
}

func (t *Table) moduleRow(full string) *Row {
	parent, sub, isSub := strings.Cut(full, "|")
	r := t.original.find([]byte(parent))
	if r != nil && isSub {
		r = r.Sub([]byte(sub))
	}
	if r == nil || r.Module == nil {
		return nil
	}
	return r
}

func (t *Table) knownNative(i int) Known {
	e := &rowIndex[i]
	k := Known{ID: i, Name: e.name, Sub: e.parent >= 0, Categories: e.row.Categories}
	// A container's subcommands follow it in the order of names, though not always at once:
	// "client-x" would come before "client|x".
	if !k.Sub {
		for j := i + 1; j < len(rowIndex) && strings.HasPrefix(rowIndex[j].name, e.name); j++ {
			if rowIndex[j].parent == i {
				k.Container = true
				break
			}
		}
	}
	return k
}

func (r *Row) known() Known {
	return Known{ID: r.ID, Name: strings.ToLower(r.FullName()), Container: len(r.Subs) > 0, Sub: r.Parent != nil, Categories: r.Categories}
}

// EachKnown calls f for every command and subcommand that a rule can name, a container before its
// subcommands.
func (t *Table) EachKnown(f func(Known)) {
	for i := range rowIndex {
		f(t.knownNative(i))
	}
	for _, r := range t.rows {
		if r.Module == nil {
			continue
		}
		f(r.known())
		for _, s := range r.Subs {
			f(s.known())
		}
	}
}

// SubIDs calls f with the ID of each subcommand of a container.
func (t *Table) SubIDs(k Known, f func(id int)) {
	if !k.Container {
		return
	}
	if r := t.moduleRow(k.Name); r != nil {
		for _, s := range r.Subs {
			f(s.ID)
		}
		return
	}
	for j := k.ID + 1; j < len(rowIndex) && strings.HasPrefix(rowIndex[j].name, k.Name); j++ {
		if rowIndex[j].parent == k.ID {
			f(j)
		}
	}
}

// Original calls f for every command and subcommand that has a handler, the renamed and disabled
// ones too.
func (t *Table) Original(f func(*Row)) {
	for _, s := range t.original.slots {
		if s.row == nil {
			continue
		}
		f(s.row)
		for _, sub := range s.row.Subs {
			f(sub)
		}
	}
}
