package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// indexEntry is one line of the generated rowIndex. The generated rows leave
// Row.Parent nil: a Go variable cannot refer to itself.
type indexEntry struct {
	name   string // full name
	row    *Row
	parent int // the container's place in rowIndex, -1 for none
}

// findMeta returns the position of a full name in rowIndex.
func findMeta(full string) (int, bool) {
	return slices.BinarySearchFunc(rowIndex[:], full, func(e indexEntry, n string) int {
		return strings.Compare(e.name, n)
	})
}

// Table is the command table of one server: the commands that have handlers,
// under the names that clients use. The metadata of a row is shared static
// data; the row itself belongs to the table.
//
// A table is filled before the server starts. From then on every method, the
// look-ups too, is called with the server lock held.
type Table struct {
	exposed  nameIndex // what clients may call, after renames
	original nameIndex // the same by the names from before any rename
	rows     []*Row    // the exposed top-level rows, in the order they came
	native   [len(rowIndex)]*Row

	moduleIDs map[string]int
	cats      []string // the names of module categories, "" where removed
}

// NewTable returns a table without commands.
func NewTable() *Table {
	return &Table{exposed: newNameIndex(512), original: newNameIndex(512)}
}

// Register gives a native command its handler and returns its row. name is a
// full name: "get", "config|get". The container of a subcommand comes into
// the table with its first subcommand, whose handler stays nil unless it is
// registered as well. A name that Redis does not know, or one registered
// twice, is a mistake in the program: Register panics.
func (t *Table) Register(name string, h Handler) *Row {
	i, ok := findMeta(name)
	if !ok || h == nil {
		panic(fmt.Sprintf("command: no such command %q, or no handler", name))
	}
	r := t.nativeRow(i)
	if r.Handler != nil {
		panic(fmt.Sprintf("command: %q registered twice", name))
	}
	r.Handler = h
	return r
}

// nativeRow returns the table's own row for the metadata at i, and makes it
// if need be.
func (t *Table) nativeRow(i int) *Row {
	if r := t.native[i]; r != nil {
		return r
	}
	r := new(Row)
	*r = *rowIndex[i].row
	r.ID = i
	t.native[i] = r
	if p := rowIndex[i].parent; p >= 0 {
		r.Parent = t.nativeRow(p)
		r.Parent.addSub(r)
	} else {
		t.insert(r)
	}
	return r
}

// addSub keeps the subcommands sorted by name: Redis replies them in the order
// of a hash table, so any order will do, but one that stays is kinder.
func (r *Row) addSub(sub *Row) {
	i, _ := slices.BinarySearchFunc(r.Subs, sub, func(a, b *Row) int { return strings.Compare(a.Name, b.Name) })
	r.Subs = slices.Insert(r.Subs, i, sub)
}

func (t *Table) insert(r *Row) {
	t.exposed.add(r.Name, r)
	t.original.add(r.Name, r)
	t.rows = append(t.rows, r)
}

// Lookup finds a top-level command by the name clients use, in any case, or
// nil. It allocates nothing.
func (t *Table) Lookup(name []byte) *Row { return t.exposed.find(name) }

// LookupOriginal is [Table.Lookup] by the name from before renames, as the
// append-only file and a master's stream use it.
func (t *Table) LookupOriginal(name []byte) *Row { return t.original.find(name) }

// LookupArgs finds the row that argv calls: that of the subcommand where
// argv[0] is a container and argv[1] is there. It is nil when the command or
// the subcommand is unknown.
func (t *Table) LookupArgs(argv [][]byte) *Row { return resolve(t.Lookup(argv[0]), argv) }

func resolve(r *Row, argv [][]byte) *Row {
	if r != nil && len(r.Subs) > 0 && len(argv) > 1 {
		return r.Sub(argv[1])
	}
	return r
}

// LookupFull finds a row by its full name, "get" or "config|get".
func (t *Table) LookupFull(name string) *Row {
	parent, sub, ok := strings.Cut(name, "|")
	r := t.Lookup([]byte(parent))
	if r == nil || !ok {
		return r
	}
	return r.Sub([]byte(sub))
}

// Sub finds a subcommand by its name in any case, or nil.
func (r *Row) Sub(name []byte) *Row {
	for _, s := range r.Subs {
		if len(s.Name) == len(name) && foldEqual(name, s.Name) {
			return s
		}
	}
	return nil
}

// The errors of [Table.Rename], with the texts of Redis's configuration
// parser.
var (
	ErrRenameUnknown = errors.New("No such command in rename-command")
	ErrRenameTarget  = errors.New("Target command name already exists")
)

// Rename makes a command known to clients by another name, or by none when
// name is empty (the directive rename-command). A command of Redis that has
// no handler here may be renamed as well, without effect, so that a
// configuration file written for Redis loads.
func (t *Table) Rename(old, name string) error {
	r := t.exposed.find([]byte(old))
	if r == nil {
		if i, ok := findMeta(strings.ToLower(old)); ok && t.native[i] == nil && rowIndex[i].parent < 0 {
			return nil
		}
		return ErrRenameUnknown
	}
	t.exposed.remove(old)
	if name == "" {
		t.rows = slices.DeleteFunc(t.rows, func(x *Row) bool { return x == r })
		return nil
	}
	if t.exposed.find([]byte(name)) != nil {
		t.exposed.add(old, r)
		return ErrRenameTarget
	}
	t.exposed.add(name, r)
	return nil
}

// Add puts a module's command into the table, or a module's subcommand under
// r.Parent, and gives it its ID. It reports false when the name is taken.
func (t *Table) Add(r *Row) bool {
	if r.Parent != nil {
		if r.Parent.Sub([]byte(r.Name)) != nil {
			return false
		}
		r.Parent.addSub(r)
	} else {
		if t.exposed.find([]byte(r.Name)) != nil {
			return false
		}
		t.insert(r)
	}
	r.ID = t.moduleID(strings.ToLower(r.FullName()))
	return true
}

// moduleID gives a name the same number whenever a module brings it, so that
// permissions outlive a reload.
func (t *Table) moduleID(name string) int {
	if i, ok := findMeta(name); ok {
		return i
	}
	id, ok := t.moduleIDs[name]
	if !ok {
		if t.moduleIDs == nil {
			t.moduleIDs = make(map[string]int)
		}
		id = len(rowIndex) + len(t.moduleIDs)
		t.moduleIDs[name] = id
	}
	return id
}

// IDs is one more than the highest ID given so far.
func (t *Table) IDs() int { return len(rowIndex) + len(t.moduleIDs) }

// Remove takes a module's command, with its subcommands, out of the table.
func (t *Table) Remove(r *Row) {
	if p := r.Parent; p != nil {
		p.Subs = slices.DeleteFunc(p.Subs, func(x *Row) bool { return x == r })
		return
	}
	t.exposed.removeRow(r)
	t.original.removeRow(r)
	t.rows = slices.DeleteFunc(t.rows, func(x *Row) bool { return x == r })
}

// Len is the number of top-level commands that clients can call.
func (t *Table) Len() int { return len(t.rows) }

// Rows returns the top-level commands that clients can call, in the order in
// which they came into the table. The slice belongs to the table.
func (t *Table) Rows() []*Row { return t.rows }

// All calls f for every command and subcommand that clients can call, a
// container before its subcommands.
func (t *Table) All(f func(*Row)) {
	for _, r := range t.rows {
		f(r)
		for _, s := range r.Subs {
			f(s)
		}
	}
}
