package host

// largeOutput lends room for large replies: what one client has sent the next can fill. Without it a server that
// sends nothing but megabytes would spend its time on memory that the collector has just been through.
type largeOutput struct {
	free [][]byte
	used bool // since the cron looked last
}

const (
	// maxSpares and maxSpare bound what is kept.
	maxSpares = 4
	maxSpare  = 4 << 20
)

// take returns an empty buffer with room for n bytes.
func (l *largeOutput) take(n int) []byte {
	l.used = true
	for i, b := range l.free {
		if cap(b) >= n {
			last := len(l.free) - 1
			l.free[i], l.free[last] = l.free[last], nil
			l.free = l.free[:last]
			return b[:0]
		}
	}
	return make([]byte, 0, n)
}

// give takes a buffer back that nobody refers to any more.
func (l *largeOutput) give(b []byte) {
	if cap(b) > maxSpare {
		return
	}
	if len(l.free) < maxSpares {
		l.free = append(l.free, b)
		return
	}
	// The smallest makes room.
	least := 0
	for i := range l.free {
		if cap(l.free[i]) < cap(l.free[least]) {
			least = i
		}
	}
	if cap(l.free[least]) < cap(b) {
		l.free[least] = b
	}
}

// cron gives up what has not been used for a while.
func (l *largeOutput) cron() {
	if !l.used {
		l.free = nil
	}
	l.used = false
}
