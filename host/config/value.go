package config

import (
	"errors"
	"strconv"
	"strings"
)

// ref is where a value lives: in a field of Config, or with a module.
type ref[T any] struct {
	field *T
	get   func() T
	put   func(T) error
}

func (r ref[T]) load() T {
	if r.field != nil {
		return *r.field
	}
	return r.get()
}

func (r ref[T]) store(v T) error {
	if r.field != nil {
		*r.field = v
		return nil
	}
	return r.put(v)
}

var errArity = errors.New("wrong number of arguments")

// boolValue is a yes or no.
type boolValue struct {
	ref ref[bool]
	def bool
}

func boolRow(name, alias string, flags Flags, field *bool, def bool) *Row {
	*field = def
	return newRow(name, alias, flags, &boolValue{ref: ref[bool]{field: field}, def: def})
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func (v *boolValue) get() string { return yesNo(v.ref.load()) }

func (v *boolValue) set(args []string) (bool, error) {
	if len(args) != 1 {
		return false, errArity
	}
	var b bool
	switch strings.ToLower(cString(args[0])) {
	case "yes":
		b = true
	case "no":
	default:
		return false, errors.New("argument must be 'yes' or 'no'")
	}
	if v.ref.load() == b {
		return false, nil
	}
	return true, v.ref.store(b)
}

func (v *boolValue) rewrite(w *rewriter, name string) {
	b := v.ref.load()
	w.line(name, name+" "+yesNo(b), b != v.def)
}

// stringValue is text. An unset string is empty and is not rewritten.
type stringValue struct {
	ref        ref[string]
	def        string
	emptyUnset bool
	binary     bool // may hold a NUL byte
	valid      func(string) error
}

func stringRow(name, alias string, flags Flags, field *string, def string) *Row {
	*field = def
	return newRow(name, alias, flags&^emptyUnset,
		&stringValue{ref: ref[string]{field: field}, def: def, emptyUnset: flags&emptyUnset != 0})
}

func sdsRow(name, alias string, flags Flags, field *string, def string) *Row {
	r := stringRow(name, alias, flags, field, def)
	r.value.(*stringValue).binary = true
	return r
}

func (r *Row) check(fn func(string) error) *Row {
	r.value.(*stringValue).valid = fn
	return r
}

func (v *stringValue) get() string { return v.ref.load() }

func (v *stringValue) set(args []string) (bool, error) {
	if len(args) != 1 {
		return false, errArity
	}
	s := args[0]
	if v.valid != nil {
		if err := v.valid(s); err != nil {
			return false, err
		}
	}
	if !v.binary {
		s = cString(s)
	}
	if v.ref.load() == s {
		return false, nil
	}
	return true, v.ref.store(s)
}

func (v *stringValue) rewrite(w *rewriter, name string) {
	s := v.ref.load()
	if s == "" && v.emptyUnset {
		w.done(name)
		return
	}
	w.line(name, name+" "+quoted(s), v.emptyUnset || s != v.def)
}

// enumValue is one of several words, or with flags any number of them.
type enumValue struct {
	ref   ref[int]
	def   int
	names []EnumEntry
	flags bool
	valid func(int) error
}

func enumRow(name, alias string, flags Flags, field *int, def int, names []EnumEntry) *Row {
	*field = def
	return newRow(name, alias, flags, &enumValue{ref: ref[int]{field: field}, def: def, names: names})
}

func flagsRow(name, alias string, flags Flags, field *int, def int, names []EnumEntry) *Row {
	r := enumRow(name, alias, flags, field, def, names)
	r.value.(*enumValue).flags = true
	return r
}

func (r *Row) checkInt(fn func(int) error) *Row {
	r.value.(*enumValue).valid = fn
	return r
}

// enumName returns the words of a value. An exact match wins; otherwise flags are named
// in the order of the table, each bit once.
func enumName(names []EnumEntry, v int, flags bool) string {
	left := v
	var words []string
	for _, e := range names {
		if e.Value == v {
			return e.Name
		}
		if flags && e.Value != 0 && left&e.Value == e.Value {
			words = append(words, e.Name)
			left &^= e.Value
		}
	}
	if len(words) == 0 || left != 0 {
		return "unknown"
	}
	return strings.Join(words, " ")
}

func (v *enumValue) get() string { return enumName(v.names, v.ref.load(), v.flags) }

func (v *enumValue) parse(args []string) (int, bool) {
	if len(args) == 0 || len(args) > 1 && !v.flags {
		return 0, false
	}
	sum := 0
next:
	for _, a := range args {
		for _, e := range v.names {
			if strings.EqualFold(cString(a), e.Name) {
				sum |= e.Value
				continue next
			}
		}
		return 0, false
	}
	return sum, true
}

func (v *enumValue) set(args []string) (bool, error) {
	n, ok := v.parse(args)
	if !ok {
		words := make([]string, len(v.names))
		for i, e := range v.names {
			words[i] = e.Name
		}
		return false, errors.New("argument(s) must be one of the following: " + strings.Join(words, ", "))
	}
	if v.valid != nil {
		if err := v.valid(n); err != nil {
			return false, err
		}
	}
	if v.ref.load() == n {
		return false, nil
	}
	return true, v.ref.store(n)
}

func (v *enumValue) rewrite(w *rewriter, name string) {
	w.line(name, name+" "+v.get(), v.ref.load() != v.def)
}

// unit says how a number is written.
type unit uint8

const (
	plain  unit = 0
	memory unit = 1 << iota
	percent
	octal
	// natural marks an unsigned type of C. It shows only in the error of ModuleSetInt.
	natural
	// unsignedText lets a module's number be as large as a uint64.
	unsignedText
)

// numValue is a number within limits. A percentage is kept as a negative number.
type numValue struct {
	ref        ref[int]
	def        int
	min, max   int
	unsigned   bool // compare and, unless signedText, print as uint64
	signedText bool
	unit       unit
}

func intRow(name, alias string, flags Flags, field *int, def, min, max int, u unit) *Row {
	*field = def
	return newRow(name, alias, flags, &numValue{ref: ref[int]{field: field}, def: def, min: min, max: max, unit: u})
}

func uintRow(name, alias string, flags Flags, field *uint64, def, min, max uint64, u unit) *Row {
	*field = def
	where := ref[int]{
		get: func() int { return int(*field) },
		put: func(n int) error { *field = uint64(n); return nil },
	}
	return newRow(name, alias, flags, &numValue{ref: where, def: int(def), min: int(min), max: int(max), unsigned: true, unit: u})
}

func (v *numValue) format(n int) string {
	switch {
	case v.unit&percent != 0 && n < 0:
		return strconv.Itoa(-n) + "%"
	case v.unit&octal != 0:
		return strconv.FormatInt(int64(n), 8)
	case v.unsigned && !v.signedText || v.unit&unsignedText != 0:
		return strconv.FormatUint(uint64(n), 10)
	}
	return strconv.Itoa(n)
}

func (v *numValue) get() string { return v.format(v.ref.load()) }

func (v *numValue) set(args []string) (bool, error) {
	if len(args) != 1 {
		return false, errArity
	}
	n, err := v.parse(args[0])
	if err != nil {
		return false, err
	}
	if err := v.inBounds(n); err != nil {
		return false, err
	}
	if v.ref.load() == n {
		return false, nil
	}
	return true, v.ref.store(n)
}

func (v *numValue) parse(s string) (int, error) {
	if v.unit&memory != 0 {
		if n, ok := parseMemory(s); ok {
			return int(n), nil
		}
	}
	if v.unit&percent != 0 && strings.HasSuffix(s, "%") {
		if n, ok := parseInt(s[:len(s)-1]); ok && n >= 0 {
			return -n, nil
		}
	}
	switch {
	case v.unit&octal != 0:
		n, rest, ok := cNumber(cString(s), 8)
		if ok && rest == "" {
			return int(n), nil
		}
		return 0, errors.New("argument couldn't be parsed as an octal number")
	case v.unit&(memory|percent) == memory|percent:
		return 0, errors.New("argument must be a memory or percent value")
	case v.unit&memory != 0:
		return 0, errors.New("argument must be a memory value")
	}
	if v.unit&unsignedText != 0 {
		n, err := strconv.ParseUint(strings.TrimPrefix(strings.TrimLeft(cString(s), " \t\n\v\f\r"), "+"), 10, 64)
		if err != nil {
			return 0, errors.New("argument couldn't be parsed as an unsigned number")
		}
		return int(n), nil
	}
	if n, ok := parseInt(s); ok {
		return n, nil
	}
	return 0, errors.New("argument couldn't be parsed into an integer")
}

func (v *numValue) inBounds(n int) error {
	switch {
	case v.unsigned:
		if uint64(n) >= uint64(v.min) && uint64(n) <= uint64(v.max) {
			return nil
		}
		return errors.New("argument must be between " + strconv.FormatUint(uint64(v.min), 10) +
			" and " + strconv.FormatUint(uint64(v.max), 10) + " inclusive")
	case v.unit&percent != 0 && n < 0:
		if n < v.min {
			return errors.New("percentage argument must be less or equal to " + strconv.Itoa(-v.min))
		}
		return nil
	case n < v.min || n > v.max:
		text := func(n int) string {
			if v.unit&octal != 0 {
				return strconv.FormatInt(int64(n), 8)
			}
			return strconv.Itoa(n)
		}
		return errors.New("argument must be between " + text(v.min) + " and " + text(v.max) + " inclusive")
	}
	return nil
}

func (v *numValue) rewrite(w *rewriter, name string) {
	n := v.ref.load()
	text := v.format(n)
	if v.unit&memory != 0 && (n >= 0 || v.unit&percent == 0) {
		text = formatMemory(n)
	}
	w.line(name, name+" "+text, n != v.def)
}
