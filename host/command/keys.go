package command

import (
	"berth/internal/numfmt"
)

// ChannelFlags say what a command does to pub/sub channels.
type ChannelFlags uint8

// The channel flags.
const (
	ChannelPattern ChannelFlags = 1 << iota
	ChannelSubscribe
	ChannelUnsubscribe
	ChannelPublish
)

// ChannelRef is a channel of an argument vector.
type ChannelRef struct {
	Pos   int
	Flags ChannelFlags
}

// GetChannelsFunc appends the channels of argv to dst; false when the
// arguments are too malformed to tell.
type GetChannelsFunc func(row *Row, argv [][]byte, dst []ChannelRef) ([]ChannelRef, bool)

// KeySearch are options of key extraction.
type KeySearch uint8

// The key search options.
const (
	// IncludeNotKeys also takes key specs that are only there for the cluster
	// slot, such as that of SPUBLISH.
	IncludeNotKeys KeySearch = 1 << iota
	// ReturnPartial keeps what was found when a spec does not apply.
	ReturnPartial
)

// HasKeys reports whether the command may have keys among its arguments.
func (r *Row) HasKeys() bool {
	if r.GetKeys != nil || r.Flags&FlagModuleGetKeys != 0 {
		return true
	}
	for i := range r.KeySpecs {
		if r.KeySpecs[i].Flags&KeyNotKey == 0 {
			return true
		}
	}
	return false
}

// GetKeys appends the keys of argv to dst, with what the command does to each,
// and reports whether the arguments made sense. argv starts with the
// command's name. The key specs decide where they are complete and know the
// flags; otherwise the row's own function does. Nothing is allocated but what
// dst lacks.
func GetKeys(r *Row, argv [][]byte, dst []KeyRef, opt KeySearch) ([]KeyRef, bool) {
	usable, vary := false, false
	for i := range r.KeySpecs {
		f := r.KeySpecs[i].Flags
		usable = usable || f&KeyNotKey == 0 || opt&IncludeNotKeys != 0
		vary = vary || f&KeyVariableFlags != 0
	}
	if usable && !vary {
		if out, ok := KeysBySpecs(r, argv, dst, opt); ok {
			return out, true
		}
	}
	if r.GetKeys != nil {
		if out, ok := r.GetKeys(r, argv, dst); ok {
			return out, true
		}
		return dst, false
	}
	return dst, len(r.KeySpecs) == 0
}

// KeysBySpecs is [GetKeys] by the key specs alone. It reports false when a
// spec is incomplete or does not fit the arguments.
func KeysBySpecs(r *Row, argv [][]byte, dst []KeyRef, opt KeySearch) ([]KeyRef, bool) {
	start := len(dst)
	for i := range r.KeySpecs {
		s := &r.KeySpecs[i]
		if s.Flags&KeyNotKey != 0 && opt&IncludeNotKeys == 0 {
			continue
		}
		out, ok := s.apply(argv, dst)
		if !ok && opt&ReturnPartial == 0 {
			return dst[:start], false
		}
		dst = out
	}
	return dst, true
}

func (s *KeySpec) apply(argv [][]byte, dst []KeyRef) ([]KeyRef, bool) {
	argc := len(argv)
	if s.Begin.Type == BSUnknown {
		return dst, false
	}
	first := s.Begin.find(argv)
	if first <= 0 {
		return dst, true // the keyword is not there
	}
	var last int
	step := s.Find.KeyStep
	switch s.Find.Type {
	case FKRange:
		switch {
		case s.Find.LastKey >= 0:
			last = first + s.Find.LastKey
		case s.Find.Limit == 0:
			last = argc + s.Find.LastKey
		default:
			last = first + (argc-first)/s.Find.Limit + s.Find.LastKey
		}
	case FKKeynum:
		at := first + s.Find.KeyNumIdx
		if at >= argc {
			return dst, false
		}
		n, ok := numfmt.ParseInt64(argv[at])
		if !ok || n < 0 || n > int64(argc) {
			return dst, false
		}
		first += s.Find.FirstKey
		last = first + (int(n)-1)*step
	default:
		return dst, false
	}
	if first >= argc || last >= argc || last < first {
		return dst, false
	}
	for i := first; i <= last; i += max(step, 1) {
		dst = append(dst, KeyRef{i, s.Flags})
	}
	return dst, s.Flags&KeyIncomplete == 0
}

// find returns where a spec begins, or 0.
func (b *BeginSearch) find(argv [][]byte) int {
	switch b.Type {
	case BSIndex:
		return b.Index
	case BSKeyword:
		i, end, step := b.StartFrom, len(argv)-1, 1
		if b.StartFrom < 0 {
			i, end, step = len(argv)+b.StartFrom, 1, -1
			if i < end {
				return 0
			}
		}
		// The last place looked at is never taken for the keyword: nothing
		// could follow it.
		for ; i != end && i > 0 && i < len(argv); i += step {
			if len(argv[i]) == len(b.Keyword) && foldEqual(argv[i], b.Keyword) {
				return i + 1
			}
		}
	}
	return 0
}

// DeriveKeyRange sets FirstKey, LastKey, KeyStep and FlagMovableKeys of a
// module's row from its key specs, as the legacy fields of COMMAND INFO have
// them. Native rows have them already.
func (r *Row) DeriveKeyRange() {
	r.FirstKey, r.LastKey, r.KeyStep = 0, 0, 0
	movable := r.Flags&FlagModuleGetKeys != 0
	if len(r.KeySpecs) == 1 {
		if s := &r.KeySpecs[0]; s.Begin.Type == BSIndex && s.Find.Type == FKRange {
			r.FirstKey, r.LastKey, r.KeyStep = s.Begin.Index, s.lastIndex(), s.Find.KeyStep
			r.setMovable(movable || s.Flags&KeyIncomplete != 0)
			return
		}
	}
	prev := 0
	for i := range r.KeySpecs {
		s := &r.KeySpecs[i]
		if s.Begin.Type != BSIndex || s.Find.Type != FKRange || s.Find.KeyStep != 1 ||
			prev != 0 && prev != s.Begin.Index-1 {
			movable = true
			continue
		}
		movable = movable || s.Flags&KeyIncomplete != 0
		if r.FirstKey == 0 || s.Begin.Index < r.FirstKey {
			r.FirstKey = s.Begin.Index
		}
		// A last key counted from the end lies behind every other.
		if last := s.lastIndex(); uint32(last) > uint32(r.LastKey) {
			r.LastKey = last
		}
		prev = r.LastKey
		r.KeyStep = 1
	}
	r.setMovable(movable)
}

func (s *KeySpec) lastIndex() int {
	if s.Find.LastKey >= 0 {
		return s.Begin.Index + s.Find.LastKey
	}
	return s.Find.LastKey
}

func (r *Row) setMovable(v bool) {
	if v {
		r.Flags |= FlagMovableKeys
	} else {
		r.Flags &^= FlagMovableKeys
	}
}

// HasChannels reports whether the command names channels.
func (r *Row) HasChannels() bool { return r.Channels != 0 || r.GetChannels != nil }

// Channels appends the channels that argv names to dst. It reports false
// when the arguments are too malformed to tell.
func Channels(r *Row, argv [][]byte, dst []ChannelRef) ([]ChannelRef, bool) {
	if r.GetChannels != nil {
		return r.GetChannels(r, argv, dst)
	}
	if r.Channels == 0 {
		return dst, true
	}
	last := len(argv) - 1
	if r.Channels&ChannelPublish != 0 {
		last = min(last, 1)
	}
	for i := 1; i <= last; i++ {
		dst = append(dst, ChannelRef{i, r.Channels})
	}
	return dst, true
}
