package script

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// jsonReader decodes a text.
type jsonReader struct {
	in    *Interp
	L     *lua.LState
	cfg   *jsonConfig
	src   string
	pos   int
	depth int
	tok   jsonToken
	at    int // where the token begins, or the error is
	str   string
	num   float64
	flag  bool
}

type jsonToken int

const (
	jsonObjBegin jsonToken = iota
	jsonObjEnd
	jsonArrBegin
	jsonArrEnd
	jsonString
	jsonNumber
	jsonBoolean
	jsonNull
	jsonColon
	jsonComma
	jsonEnd
	jsonError
)

var jsonTokenNames = [...]string{"T_OBJ_BEGIN", "T_OBJ_END", "T_ARR_BEGIN", "T_ARR_END", "T_STRING", "T_NUMBER", "T_BOOLEAN",
	"T_NULL", "T_COLON", "T_COMMA", "T_END"}

func (in *Interp) jsonDecode(L *lua.LState, cfg *jsonConfig) int {
	if L.GetTop() != 1 {
		return in.argError(L, 1, "expected 1 argument")
	}
	r := &jsonReader{in: in, L: L, cfg: cfg, src: in.checkString(L, 1)}
	if len(r.src) >= 2 && (r.src[0] == 0 || r.src[1] == 0) {
		return in.fail(L, "JSON parser does not support UTF-16 or UTF-32")
	}
	r.next()
	v := r.value()
	r.next()
	if r.tok != jsonEnd {
		r.expected("the end")
	}
	L.Push(v)
	return 1
}

func (r *jsonReader) expected(what string) {
	found := r.str
	if r.tok != jsonError {
		found = jsonTokenNames[r.tok]
	}
	r.in.fail(r.L, "Expected %s but found %s at character %d", what, found, r.at+1)
}

// byteAt is a byte of the text, 0 behind its end.
func (r *jsonReader) byteAt(i int) byte {
	if i < len(r.src) {
		return r.src[i]
	}
	return 0
}

func (r *jsonReader) bad(msg string) {
	r.tok, r.str, r.at = jsonError, msg, r.pos
}

func (r *jsonReader) next() {
	r.in.step(r.L, 1)
	for {
		c := r.byteAt(r.pos)
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			break
		}
		r.pos++
	}
	r.at = r.pos
	rest := r.src[min(r.pos, len(r.src)):]
	switch c := r.byteAt(r.pos); {
	case c == '{':
		r.tok = jsonObjBegin
	case c == '}':
		r.tok = jsonObjEnd
	case c == '[':
		r.tok = jsonArrBegin
	case c == ']':
		r.tok = jsonArrEnd
	case c == ':':
		r.tok = jsonColon
	case c == ',':
		r.tok = jsonComma
	case c == 0:
		r.tok = jsonEnd
		return
	case c == '"':
		r.text()
		return
	case c == '-' || isDigit(int(c)):
		if !r.cfg.decodeInvalid && r.invalidNumber() {
			r.bad("invalid number")
			return
		}
		r.number()
		return
	case strings.HasPrefix(rest, "true"):
		r.tok, r.flag = jsonBoolean, true
		r.pos += 4
		return
	case strings.HasPrefix(rest, "false"):
		r.tok, r.flag = jsonBoolean, false
		r.pos += 5
		return
	case strings.HasPrefix(rest, "null"):
		r.tok = jsonNull
		r.pos += 4
		return
	case r.cfg.decodeInvalid && r.invalidNumber():
		r.number()
		return
	default:
		r.bad("invalid token")
		return
	}
	r.pos++
}

// invalidNumber tells numbers that C reads and JSON does not know.
func (r *jsonReader) invalidNumber() bool {
	i := r.pos
	if r.byteAt(i) == '+' {
		return true
	}
	if r.byteAt(i) == '-' {
		i++
	}
	c := r.byteAt(i)
	if c == '0' {
		d := r.byteAt(i + 1)
		return d|32 == 'x' || isDigit(int(d))
	}
	if c <= '9' {
		return false
	}
	rest := strings.ToLower(r.src[i:min(i+3, len(r.src))])
	return rest == "inf" || rest == "nan"
}

func (r *jsonReader) number() {
	n := numberPrefix(r.src[r.pos:])
	f, ok := 0.0, false
	if n > 0 {
		f, ok = parseNumber(r.src[r.pos : r.pos+n])
	}
	if !ok {
		r.bad("invalid number")
		return
	}
	r.tok, r.num = jsonNumber, f
	r.pos += n
}

// numberPrefix is how much of s C's strtod takes.
func numberPrefix(s string) int {
	i := 0
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	low := strings.ToLower(s[i:min(len(s), i+8)])
	switch {
	case strings.HasPrefix(low, "infinity"):
		return i + 8
	case strings.HasPrefix(low, "inf"):
		return i + 3
	case strings.HasPrefix(low, "nan"):
		i += 3
		if i < len(s) && s[i] == '(' {
			for k := i + 1; k < len(s); k++ {
				if s[k] == ')' {
					return k + 1
				}
				if !nanChars(s[k : k+1]) {
					break
				}
			}
		}
		return i
	}
	digits, exp := isDigit, byte('e')
	if strings.HasPrefix(low, "0x") {
		hex := func(c int) bool { return isDigit(c) || c|32 >= 'a' && c|32 <= 'f' }
		if i+2 < len(s) && (hex(int(s[i+2])) || s[i+2] == '.' && i+3 < len(s) && hex(int(s[i+3]))) {
			digits, exp = hex, 'p'
			i += 2
		}
	}
	count := 0
	for ; i < len(s) && digits(int(s[i])); i++ {
		count++
	}
	if i < len(s) && s[i] == '.' && (count > 0 || i+1 < len(s) && digits(int(s[i+1]))) {
		for i++; i < len(s) && digits(int(s[i])); i++ {
			count++
		}
	}
	if count == 0 {
		return 0
	}
	if i < len(s) && s[i]|32 == exp {
		k := i + 1
		if k < len(s) && (s[k] == '-' || s[k] == '+') {
			k++
		}
		if k < len(s) && isDigit(int(s[k])) {
			for i = k; i < len(s) && isDigit(int(s[i])); i++ {
			}
		}
	}
	return i
}

func (r *jsonReader) text() {
	r.pos++
	var b []byte
	for {
		c := r.byteAt(r.pos)
		switch c {
		case '"':
			r.pos++
			r.in.charge(len(b))
			r.tok, r.str = jsonString, string(b)
			return
		case 0:
			r.bad("unexpected end of string")
			return
		case '\\':
			switch e := r.byteAt(r.pos + 1); e {
			case '"', '\\', '/':
				c = e
			case 'b':
				c = '\b'
			case 't':
				c = '\t'
			case 'n':
				c = '\n'
			case 'f':
				c = '\f'
			case 'r':
				c = '\r'
			case 'u':
				n := 0
				if b, n = r.unicode(b); n == 0 {
					r.bad("invalid unicode escape code")
					return
				}
				r.pos += n
				continue
			default:
				r.bad("invalid escape code")
				return
			}
			r.pos++
		}
		b = append(b, c)
		r.pos++
	}
}

// unicode appends what \uXXXX at the position stands for; n is its length.
func (r *jsonReader) unicode(b []byte) (out []byte, n int) {
	cp, ok := r.hex4(r.pos + 2)
	if !ok {
		return b, 0
	}
	n = 6
	if cp&0xF800 == 0xD800 {
		if cp&0x400 != 0 || r.byteAt(r.pos+6) != '\\' || r.byteAt(r.pos+7) != 'u' {
			return b, 0
		}
		low, ok := r.hex4(r.pos + 8)
		if !ok || low&0xFC00 != 0xDC00 {
			return b, 0
		}
		cp = (cp&0x3FF)<<10 + (low & 0x3FF) + 0x10000
		n = 12
	}
	switch {
	case cp <= 0x7F:
		b = append(b, byte(cp))
	case cp <= 0x7FF:
		b = append(b, byte(cp>>6|0xC0), byte(cp&0x3F|0x80))
	case cp <= 0xFFFF:
		b = append(b, byte(cp>>12|0xE0), byte(cp>>6&0x3F|0x80), byte(cp&0x3F|0x80))
	default:
		b = append(b, byte(cp>>18|0xF0), byte(cp>>12&0x3F|0x80), byte(cp>>6&0x3F|0x80), byte(cp&0x3F|0x80))
	}
	return b, n
}

func (r *jsonReader) hex4(at int) (n int, ok bool) {
	for i := at; i < at+4; i++ {
		c := int(r.byteAt(i))
		switch {
		case isDigit(c):
			n = n<<4 | (c - '0')
		case c|32 >= 'a' && c|32 <= 'f':
			n = n<<4 | ((c | 32) - 'a' + 10)
		default:
			return 0, false
		}
	}
	return n, true
}

func (r *jsonReader) descend() {
	if r.depth++; r.depth > r.cfg.decodeDepth || r.depth > maxPush/3 {
		r.in.fail(r.L, "Found too many nested data structures (%d) at character %d", r.depth, r.pos)
	}
}

// value is the value whose first token is the current one.
func (r *jsonReader) value() lua.LValue {
	switch r.tok {
	case jsonString:
		return lua.LString(r.str)
	case jsonNumber:
		return lua.LNumber(r.num)
	case jsonBoolean:
		return lua.LBool(r.flag)
	case jsonNull:
		return r.in.null()
	case jsonObjBegin:
		return r.object()
	case jsonArrBegin:
		return r.array()
	}
	r.expected("value")
	return lua.LNil
}

func (r *jsonReader) object() lua.LValue {
	r.descend()
	t := r.L.NewTable()
	r.next()
	if r.tok == jsonObjEnd {
		r.depth--
		return t
	}
	for {
		if r.tok != jsonString {
			r.expected("object key string")
		}
		key := r.str
		r.next()
		if r.tok != jsonColon {
			r.expected("colon")
		}
		r.next()
		t.RawSetString(key, r.value())
		r.next()
		if r.tok == jsonObjEnd {
			r.depth--
			return t
		}
		if r.tok != jsonComma {
			r.expected("comma or object end")
		}
		r.next()
	}
}

func (r *jsonReader) array() lua.LValue {
	r.descend()
	t := r.L.NewTable()
	r.next()
	if r.tok == jsonArrEnd {
		r.depth--
		return t
	}
	for i := 1; ; i++ {
		t.RawSetInt(i, r.value())
		r.next()
		if r.tok == jsonArrEnd {
			r.depth--
			return t
		}
		if r.tok != jsonComma {
			r.expected("comma or array end")
		}
		r.next()
	}
}
