package script

import (
	"fmt"
	"math"
	"strings"
)

// token is what the lexer finds: a character stands for itself.
type token int

const (
	tkAnd token = iota + 257
	tkBreak
	tkDo
	tkElse
	tkElseif
	tkEnd
	tkFalse
	tkFor
	tkFunction
	tkIf
	tkIn
	tkLocal
	tkNil
	tkNot
	tkOr
	tkRepeat
	tkReturn
	tkThen
	tkTrue
	tkUntil
	tkWhile
	tkConcat
	tkDots
	tkEq
	tkGe
	tkLe
	tkNe
	tkNumber
	tkName
	tkString
	tkEOS
)

var tokenTexts = [...]string{"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local",
	"nil", "not", "or", "repeat", "return", "then", "true", "until", "while", "..", "...", "==", ">=", "<=", "~=",
	"<number>", "<name>", "<string>", "<eof>"}

var reserved = func() map[string]token {
	m := map[string]token{}
	for i, s := range tokenTexts[:tkWhile-tkAnd+1] {
		m[s] = tkAnd + token(i)
	}
	return m
}()

// text is the token as error messages show it.
func (t token) text() string {
	switch {
	case t >= tkAnd:
		return tokenTexts[t-tkAnd]
	case t < 32 || t == 127:
		return fmt.Sprintf("char(%d)", int(t))
	}
	return string([]byte{byte(t)})
}

// A syntaxError is thrown where the parser can't go on.
type syntaxError struct{ msg string }

func (e *syntaxError) Error() string { return e.msg }

const eof = -1

// lexer cuts a chunk into the tokens of Lua 5.1. Its messages are Lua's.
type lexer struct {
	src  string
	pos  int
	cur  int // the current character, or eof
	name string
	line int // of the current character
	last int // line of the last token that was taken

	tok, ahead       token
	str, aheadStr    string
	num, aheadNum    float64
	hasAhead         bool
	start            int // where the token being read begins
	tokText, aheadTx string
}

func newLexer(src, chunkname string) *lexer {
	l := &lexer{src: src, name: shortName(chunkname, longIDSize), line: 1, last: 1}
	l.pos = -1
	l.advance()
	return l
}

func (l *lexer) advance() {
	l.pos++
	if l.pos < len(l.src) {
		l.cur = int(l.src[l.pos])
	} else {
		l.pos, l.cur = len(l.src), eof
	}
}

func (l *lexer) fail(msg string) {
	panic(&syntaxError{fmt.Sprintf("%s:%d: %s", l.name, l.line, msg)})
}

func (l *lexer) failNear(msg, near string) { l.fail(msg + " near '" + cString(near) + "'") }

// cString is s as far as a C string goes.
func cString(s string) string {
	if i := strings.IndexByte(s, 0); i >= 0 {
		return s[:i]
	}
	return s
}

// lexFail reports an error in the token that is being read.
func (l *lexer) lexFail(msg string) { l.failNear(msg, l.src[l.start:l.pos]) }

// unexpected reports an error at the current token.
func (l *lexer) unexpected(msg string) { l.failNear(msg, l.tokText) }

func (l *lexer) next() {
	l.last = l.line
	if l.hasAhead {
		l.tok, l.str, l.num, l.tokText = l.ahead, l.aheadStr, l.aheadNum, l.aheadTx
		l.hasAhead = false
		return
	}
	l.tok = l.read()
	l.tokText = l.textOf(l.tok)
}

func (l *lexer) textOf(t token) string {
	if t == tkName || t == tkString || t == tkNumber {
		return l.src[l.start:l.pos]
	}
	return t.text()
}

// peek looks at the token after the current one.
func (l *lexer) peek() token {
	if !l.hasAhead {
		str, num := l.str, l.num
		l.ahead = l.read()
		l.aheadTx = l.textOf(l.ahead)
		l.aheadStr, l.aheadNum = l.str, l.num
		l.str, l.num = str, num
		l.hasAhead = true
	}
	return l.ahead
}

func (l *lexer) isNewline() bool { return l.cur == '\n' || l.cur == '\r' }

func (l *lexer) newline() {
	old := l.cur
	l.advance()
	if l.isNewline() && l.cur != old {
		l.advance()
	}
	l.line++
}

func isSpace(c int) bool { return c == ' ' || c >= '\t' && c <= '\r' }
func isDigit(c int) bool { return c >= '0' && c <= '9' }
func isAlpha(c int) bool { return c|32 >= 'a' && c|32 <= 'z' }
func isAlnum(c int) bool { return isDigit(c) || isAlpha(c) }

func (l *lexer) read() token {
	for {
		l.start = l.pos
		switch c := l.cur; {
		case c == '\n' || c == '\r':
			l.newline()
		case c == '-':
			l.advance()
			if l.cur != '-' {
				return '-'
			}
			l.advance()
			if l.cur == '[' {
				l.start = l.pos
				if sep := l.skipSep(); sep >= 0 {
					l.longString(sep, "unfinished long comment")
					continue
				}
			}
			for !l.isNewline() && l.cur != eof {
				l.advance()
			}
		case c == '[':
			sep := l.skipSep()
			if sep >= 0 {
				l.str = l.longString(sep, "unfinished long string")
				return tkString
			}
			if sep == -1 {
				return '['
			}
			l.lexFail("invalid long string delimiter")
		case c == '=':
			return l.oneOrTwo('=', '=', tkEq)
		case c == '<':
			return l.oneOrTwo('<', '=', tkLe)
		case c == '>':
			return l.oneOrTwo('>', '=', tkGe)
		case c == '~':
			return l.oneOrTwo('~', '=', tkNe)
		case c == '"' || c == '\'':
			l.str = l.quoted()
			return tkString
		case c == '.':
			l.advance()
			if l.cur == '.' {
				l.advance()
				if l.cur == '.' {
					l.advance()
					return tkDots
				}
				return tkConcat
			}
			if !isDigit(l.cur) {
				return '.'
			}
			l.number()
			return tkNumber
		case c == eof:
			return tkEOS
		case isSpace(c):
			l.advance()
		case isDigit(c):
			l.number()
			return tkNumber
		case isAlpha(c) || c == '_':
			for isAlnum(l.cur) || l.cur == '_' {
				l.advance()
			}
			l.str = l.src[l.start:l.pos]
			if t, ok := reserved[l.str]; ok {
				return t
			}
			return tkName
		default:
			l.advance()
			return token(c)
		}
	}
}

func (l *lexer) oneOrTwo(one token, second int, two token) token {
	l.advance()
	if l.cur != second {
		return one
	}
	l.advance()
	return two
}

// number reads a numeral: more than numerals look like, and then it is malformed.
func (l *lexer) number() {
	for isDigit(l.cur) || l.cur == '.' {
		l.advance()
	}
	if l.cur == 'e' || l.cur == 'E' {
		l.advance()
		if l.cur == '+' || l.cur == '-' {
			l.advance()
		}
	}
	for isAlnum(l.cur) || l.cur == '_' {
		l.advance()
	}
	n, ok := parseNumber(l.src[l.start:l.pos])
	if !ok {
		l.lexFail("malformed number")
	}
	l.num = n
}

// skipSep passes `[==` or `]==` and returns the number of '='; -1 for a
// bracket alone, less where no second bracket follows.
func (l *lexer) skipSep() int {
	bracket, n := l.cur, 0
	l.advance()
	for l.cur == '=' {
		l.advance()
		n++
	}
	if l.cur == bracket {
		return n
	}
	return -n - 1
}

func (l *lexer) longString(sep int, unfinished string) string {
	var b strings.Builder
	l.advance()
	if l.isNewline() {
		l.newline()
	}
	for {
		switch l.cur {
		case eof:
			l.failNear(unfinished, "<eof>")
		case ']':
			from := l.pos
			if l.skipSep() == sep {
				l.advance()
				return b.String()
			}
			b.WriteString(l.src[from:l.pos])
		case '\n', '\r':
			b.WriteByte('\n')
			l.newline()
		default:
			b.WriteByte(byte(l.cur))
			l.advance()
		}
	}
}

func (l *lexer) quoted() string {
	var b strings.Builder
	del := l.cur
	l.advance()
	for l.cur != del {
		switch l.cur {
		case eof:
			l.failNear("unfinished string", "<eof>")
		case '\n', '\r':
			l.failNear("unfinished string", string(rune(del))+b.String())
		case '\\':
			l.advance()
			switch c := l.cur; c {
			case 'a', 'b', 'f', 'n', 'r', 't', 'v':
				b.WriteByte("\a\b\f\n\r\t\v"[strings.IndexByte("abfnrtv", byte(c))])
				l.advance()
			case '\n', '\r':
				b.WriteByte('\n')
				l.newline()
			case eof:
			default:
				if !isDigit(c) {
					b.WriteByte(byte(c))
					l.advance()
					break
				}
				n := 0
				for i := 0; i < 3 && isDigit(l.cur); i++ {
					n = n*10 + l.cur - '0'
					l.advance()
				}
				if n > math.MaxUint8 {
					l.failNear("escape sequence too large", string(rune(del))+b.String())
				}
				b.WriteByte(byte(n))
			}
		default:
			b.WriteByte(byte(l.cur))
			l.advance()
		}
	}
	l.advance()
	return b.String()
}

// How long a chunk's name may be in messages, with its end in C: those of
// running programs, and the compiler's.
const (
	idSize     = 60
	longIDSize = 80
)

// chunkID is a chunk's name as messages show it.
func chunkID(source string) string { return shortName(source, idSize) }

func shortName(source string, idSize int) string {
	switch {
	case strings.HasPrefix(source, "="):
		return source[1:min(len(source), idSize)]
	case strings.HasPrefix(source, "@"):
		source = source[1:]
		if room := idSize - len(" '...' ") - 1; len(source) > room {
			return "..." + source[len(source)-room:]
		}
		return source
	}
	n := strings.IndexAny(source, "\n\r")
	if n < 0 {
		n = len(source)
	}
	n = min(n, idSize-len(` [string "..."] `)-1)
	if n < len(source) {
		return `[string "` + source[:n] + `..."]`
	}
	return `[string "` + source + `"]`
}
