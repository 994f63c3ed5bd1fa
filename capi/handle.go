package capi

// A table gives Go values the numbers by which C structs refer to them. Numbers start at 1, so
// that 0 means none; each carries a generation in its upper half, so that a stale number finds
// nothing. The caller holds the server lock.
type table[T any] struct {
	slots []slot[T]
	free  []uint32
}

type slot[T any] struct {
	value T
	gen   uint32
	used  bool
}

// add stores v and returns its number.
func (t *table[T]) add(v T) int64 {
	var i uint32
	if n := len(t.free); n > 0 {
		i = t.free[n-1]
		t.free = t.free[:n-1]
	} else {
		i = uint32(len(t.slots))
		t.slots = append(t.slots, slot[T]{})
	}
	s := &t.slots[i]
	s.value, s.used = v, true
	return int64(s.gen)<<32 | int64(i+1)
}

// get finds the value of a number.
func (t *table[T]) get(h int64) (v T, ok bool) {
	if s := t.at(h); s != nil {
		return s.value, true
	}
	return v, false
}

// remove forgets a number and returns its value.
func (t *table[T]) remove(h int64) (v T, ok bool) {
	s := t.at(h)
	if s == nil {
		return v, false
	}
	v = s.value
	var zero T
	s.value, s.used = zero, false
	s.gen = (s.gen + 1) & 0x7fffffff
	t.free = append(t.free, uint32(h)-1)
	return v, true
}

func (t *table[T]) at(h int64) *slot[T] {
	i := uint32(h)
	if i == 0 || int(i) > len(t.slots) {
		return nil
	}
	s := &t.slots[i-1]
	if !s.used || s.gen != uint32(h>>32) {
		return nil
	}
	return s
}
