package command

import "berth/internal/numfmt"

// The functions below find keys where key specs cannot: a keyword may stand
// anywhere (SORT), or what is done to the key depends on other arguments
// (SET). Those that only repeat a spec come into play when the spec does not
// fit the arguments; like Redis's they read numbers with C's atoi and know no
// flags, which a client can see in COMMAND GETKEYSANDFLAGS.

// counted appends the keys that follow their number, which stands at count.
func counted(argv [][]byte, count int, dst []KeyRef) ([]KeyRef, bool) {
	if count >= len(argv) {
		return dst, false
	}
	n := numfmt.Atoi(argv[count])
	if n < 1 || n > len(argv)-count-1 {
		return dst, false
	}
	for i := range n {
		dst = append(dst, KeyRef{Pos: count + 1 + i})
	}
	return dst, true
}

// numkeysKeys: ZUNION numkeys key ...
func numkeysKeys(_ *Row, argv [][]byte, dst []KeyRef) ([]KeyRef, bool) {
	return counted(argv, 1, dst)
}

// evalKeys: EVAL script numkeys key ...
func evalKeys(_ *Row, argv [][]byte, dst []KeyRef) ([]KeyRef, bool) {
	return counted(argv, 2, dst)
}

// storeNumkeysKeys: ZUNIONSTORE destination numkeys key ...
func storeNumkeysKeys(_ *Row, argv [][]byte, dst []KeyRef) ([]KeyRef, bool) {
	dst, ok := counted(argv, 2, dst)
	if ok {
		dst = append(dst, KeyRef{Pos: 1})
	}
	return dst, ok
}

// sortROKeys: SORT_RO key; the keys of BY and GET are made from its members.
func sortROKeys(_ *Row, _ [][]byte, dst []KeyRef) ([]KeyRef, bool) {
	return append(dst, KeyRef{1, KeyRO | KeyAccess}), true
}

// sortKeys: SORT key ... STORE destination; the last STORE counts.
func sortKeys(_ *Row, argv [][]byte, dst []KeyRef) ([]KeyRef, bool) {
	dst = append(dst, KeyRef{1, KeyRO | KeyAccess})
	store := 0
	for i := 2; i < len(argv); i++ {
		switch a := argv[i]; {
		case EqualFold(a, "limit"):
			i += 2
		case EqualFold(a, "get"), EqualFold(a, "by"):
			i++
		case EqualFold(a, "store") && i+1 < len(argv):
			store = i + 1
		}
	}
	if store != 0 {
		dst = append(dst, KeyRef{store, KeyOW | KeyUpdate})
	}
	return dst, true
}

// georadiusKeys: GEORADIUS key ... STORE|STOREDIST destination.
func georadiusKeys(_ *Row, argv [][]byte, dst []KeyRef) ([]KeyRef, bool) {
	dst = append(dst, KeyRef{1, KeyRO | KeyAccess})
	store := 0
	for i := 5; i+1 < len(argv); i++ {
		if EqualFold(argv[i], "store") || EqualFold(argv[i], "storedist") {
			i++
			store = i
		}
	}
	if store != 0 {
		dst = append(dst, KeyRef{store, KeyOW | KeyUpdate})
	}
	return dst, true
}

// xreadKeys: XREAD ... STREAMS key ... id ...
func xreadKeys(_ *Row, argv [][]byte, dst []KeyRef) ([]KeyRef, bool) {
	at := 0
loop:
	for i := 1; i < len(argv); i++ {
		switch a := argv[i]; {
		case EqualFold(a, "block"), EqualFold(a, "count"):
			i++
		case EqualFold(a, "group"):
			i += 2
		case EqualFold(a, "noack"):
		case EqualFold(a, "streams"):
			at = i
			break loop
		default:
			break loop
		}
	}
	n := len(argv) - at - 1
	if at == 0 || n == 0 || n%2 != 0 {
		return dst, false
	}
	for i := range n / 2 {
		dst = append(dst, KeyRef{at + 1 + i, KeyRO | KeyAccess})
	}
	return dst, true
}

// migrateKeys: MIGRATE host port key|"" db timeout ... KEYS key ...
func migrateKeys(_ *Row, argv [][]byte, dst []KeyRef) ([]KeyRef, bool) {
	const flags = KeyRW | KeyAccess | KeyDelete
	for i := 6; i < len(argv); i++ {
		switch a := argv[i]; {
		case EqualFold(a, "auth"):
			i++
		case EqualFold(a, "auth2"):
			i += 2
		case EqualFold(a, "keys"):
			if len(argv[3]) != 0 {
				return dst, false
			}
			for k := i + 1; k < len(argv); k++ {
				dst = append(dst, KeyRef{k, flags})
			}
			return dst, i+1 < len(argv)
		}
	}
	return append(dst, KeyRef{3, flags}), true
}

// setKeys: with GET the old value of the key is read too.
func setKeys(_ *Row, argv [][]byte, dst []KeyRef) ([]KeyRef, bool) {
	for i := 3; i < len(argv); i++ {
		if EqualFold(argv[i], "get") {
			return append(dst, KeyRef{1, KeyRW | KeyAccess | KeyUpdate}), true
		}
	}
	return append(dst, KeyRef{1, KeyOW | KeyUpdate}), true
}

// bitfieldKeys: nothing but GET operations only reads the key.
func bitfieldKeys(_ *Row, argv [][]byte, dst []KeyRef) ([]KeyRef, bool) {
	const (
		ro = KeyRO | KeyAccess
		rw = KeyRW | KeyAccess | KeyUpdate
	)
	for i := 2; i < len(argv); i++ {
		left := len(argv) - i - 1
		switch a := argv[i]; {
		case EqualFold(a, "get") && left >= 2:
			i += 2
		case EqualFold(a, "overflow") && left >= 1:
			i++
		default:
			return append(dst, KeyRef{1, rw}), true
		}
	}
	return append(dst, KeyRef{1, ro}), true
}
