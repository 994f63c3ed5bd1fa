package script

import (
	"bytes"

	lua "github.com/yuin/gopher-lua"
)

const (
	maxCaptures = 32
	// maxMatchDepth bounds the recursion over the items of a pattern.
	maxMatchDepth = 100000
	capUnfinished = -1
	capPosition   = -2
)

type capture struct{ start, len int }

// matcher matches one pattern against one subject, as Lua 5.1 does it. It
// counts its steps, so that a pattern that explodes can be interrupted.
type matcher struct {
	in    *Interp
	L     *lua.LState
	src   string
	pat   string
	level int
	depth int
	caps  [maxCaptures]capture
}

func (m *matcher) fail(msg string) { m.in.fail(m.L, "%s", msg) }

// at is a byte of the pattern; 0 behind its end, as in C.
func (m *matcher) at(p int) byte {
	if p < len(m.pat) {
		return m.pat[p]
	}
	return 0
}

func (m *matcher) classEnd(p int) int {
	if p >= len(m.pat) {
		return p
	}
	c := m.pat[p]
	p++
	switch c {
	case '%':
		if p >= len(m.pat) {
			m.fail("malformed pattern (ends with '%')")
		}
		return p + 1
	case '[':
		if m.at(p) == '^' {
			p++
		}
		for {
			if p >= len(m.pat) {
				m.fail("malformed pattern (missing ']')")
			}
			c := m.pat[p]
			p++
			if c == '%' && p < len(m.pat) {
				p++
			}
			if m.at(p) == ']' && p < len(m.pat) {
				return p + 1
			}
		}
	}
	return p
}

// The classes of characters, in the C locale.
func inClass(c, class byte) bool {
	var res bool
	switch class | 32 {
	case 'a':
		res = isAlpha(int(c))
	case 'c':
		res = c < 32 || c == 127
	case 'd':
		res = isDigit(int(c))
	case 'l':
		res = c >= 'a' && c <= 'z'
	case 'p':
		res = c > 32 && c < 127 && !isAlnum(int(c))
	case 's':
		res = isSpace(int(c))
	case 'u':
		res = c >= 'A' && c <= 'Z'
	case 'w':
		res = isAlnum(int(c))
	case 'x':
		res = isDigit(int(c)) || c|32 >= 'a' && c|32 <= 'f'
	case 'z':
		res = c == 0
	default:
		return class == c
	}
	if !isAlpha(int(class)) {
		return class == c
	}
	if class >= 'A' && class <= 'Z' {
		return !res
	}
	return res
}

// inSet matches a set that begins at p and whose ']' is at end.
func (m *matcher) inSet(c byte, p, end int) bool {
	want := true
	if m.at(p+1) == '^' {
		want = false
		p++
	}
	for p++; p < end; p++ {
		switch {
		case m.pat[p] == '%':
			p++
			if inClass(c, m.at(p)) {
				return want
			}
		case m.at(p+1) == '-' && p+2 < end:
			p += 2
			if m.pat[p-2] <= c && c <= m.pat[p] {
				return want
			}
		case m.pat[p] == c:
			return want
		}
	}
	return !want
}

func (m *matcher) single(c byte, p, end int) bool {
	switch m.pat[p] {
	case '.':
		return true
	case '%':
		return inClass(c, m.pat[p+1])
	case '[':
		return m.inSet(c, p, end-1)
	}
	return m.pat[p] == c
}

func (m *matcher) singleAt(s, p, end int) bool { return s < len(m.src) && m.single(m.src[s], p, end) }

// match returns where a match of pat[p:] at s ends, or -1.
func (m *matcher) match(s, p int) int {
	if m.depth++; m.depth > maxMatchDepth {
		m.fail("pattern too complex")
	}
	defer func() { m.depth-- }()
	for {
		m.in.step(m.L, 1)
		if p >= len(m.pat) {
			return s
		}
		switch m.pat[p] {
		case '(':
			if m.at(p+1) == ')' {
				return m.startCapture(s, p+2, capPosition)
			}
			return m.startCapture(s, p+1, capUnfinished)
		case ')':
			return m.endCapture(s, p+1)
		case '%':
			switch c := m.at(p + 1); {
			case c == 'b':
				if s = m.balance(s, p+2); s < 0 {
					return -1
				}
				p += 4
				continue
			case c == 'f':
				p += 2
				if m.at(p) != '[' {
					m.fail("missing '[' after '%f' in pattern")
				}
				end := m.classEnd(p)
				var before, here byte
				if s > 0 {
					before = m.src[s-1]
				}
				if s < len(m.src) {
					here = m.src[s]
				}
				if m.inSet(before, p, end-1) || !m.inSet(here, p, end-1) {
					return -1
				}
				p = end
				continue
			case isDigit(int(c)):
				if s = m.matchCapture(s, c); s < 0 {
					return -1
				}
				p += 2
				continue
			}
		case '$':
			if p+1 == len(m.pat) {
				if s == len(m.src) {
					return s
				}
				return -1
			}
		}
		end := m.classEnd(p)
		switch m.at(end) {
		case '?':
			if m.singleAt(s, p, end) {
				if res := m.match(s+1, end+1); res >= 0 {
					return res
				}
			}
			p = end + 1
			continue
		case '*':
			return m.maxExpand(s, p, end)
		case '+':
			if !m.singleAt(s, p, end) {
				return -1
			}
			return m.maxExpand(s+1, p, end)
		case '-':
			for {
				if res := m.match(s, end+1); res >= 0 {
					return res
				}
				if !m.singleAt(s, p, end) {
					return -1
				}
				s++
			}
		}
		if !m.singleAt(s, p, end) {
			return -1
		}
		s, p = s+1, end
	}
}

func (m *matcher) maxExpand(s, p, end int) int {
	i := 0
	for m.singleAt(s+i, p, end) {
		i++
	}
	m.in.step(m.L, i/16)
	for ; i >= 0; i-- {
		if res := m.match(s+i, end+1); res >= 0 {
			return res
		}
	}
	return -1
}

func (m *matcher) balance(s, p int) int {
	if p+1 >= len(m.pat) {
		m.fail("unbalanced pattern")
	}
	if s >= len(m.src) || m.src[s] != m.pat[p] {
		return -1
	}
	open, shut := m.pat[p], m.pat[p+1]
	m.in.step(m.L, (len(m.src)-s)/16)
	depth := 1
	for s++; s < len(m.src); s++ {
		switch m.src[s] {
		case shut:
			if depth--; depth == 0 {
				return s + 1
			}
		case open:
			depth++
		}
	}
	return -1
}

func (m *matcher) startCapture(s, p, what int) int {
	if m.level >= maxCaptures {
		m.fail("too many captures")
	}
	m.caps[m.level] = capture{s, what}
	m.level++
	res := m.match(s, p)
	if res < 0 {
		m.level--
	}
	return res
}

func (m *matcher) endCapture(s, p int) int {
	l := m.level - 1
	for ; l >= 0 && m.caps[l].len != capUnfinished; l-- {
	}
	if l < 0 {
		m.fail("invalid pattern capture")
	}
	m.caps[l].len = s - m.caps[l].start
	res := m.match(s, p)
	if res < 0 {
		m.caps[l].len = capUnfinished
	}
	return res
}

func (m *matcher) matchCapture(s int, c byte) int {
	l := int(c) - '1'
	if l < 0 || l >= m.level || m.caps[l].len == capUnfinished {
		m.fail("invalid capture index")
	}
	n := m.caps[l].len
	if n < 0 { // a position: nothing of that length is left
		return -1
	}
	if start := m.caps[l].start; len(m.src)-s >= n && m.src[start:start+n] == m.src[s:s+n] {
		return s + n
	}
	return -1
}

// capture is the i-th capture of a match from s to e.
func (m *matcher) capture(i, s, e int) lua.LValue {
	if i >= m.level {
		if i != 0 {
			m.fail("invalid capture index")
		}
		return lua.LString(m.src[s:e])
	}
	switch c := m.caps[i]; c.len {
	case capUnfinished:
		m.fail("unfinished capture")
	case capPosition:
		return lua.LNumber(c.start + 1)
	default:
		return lua.LString(m.src[c.start : c.start+c.len])
	}
	return lua.LNil
}

// push pushes the captures of a match, or the whole of it where there are none
// and whole is set.
func (m *matcher) push(s, e int, whole bool) int {
	n := m.level
	if n == 0 && whole {
		n = 1
	}
	for i := range n {
		m.L.Push(m.capture(i, s, e))
	}
	return n
}

func hasSpecials(p string) bool {
	for i := range len(p) {
		if bytes.IndexByte([]byte("^$*+?.([%-"), p[i]) >= 0 {
			return true
		}
	}
	return false
}
