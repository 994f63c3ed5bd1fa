package difftest

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// Generator makes commands from templates. The same seed and templates give the same commands.
type Generator struct {
	rnd   *rand.Rand
	from  []template
	total int // sum of the templates' weights
	keys  int // how many keys of each type there are
	ids   int // how many ids for new entries of streams were drawn
}

// NewGenerator starts a generator.
func NewGenerator(seed uint64, from []template) *Generator {
	g := &Generator{rnd: rand.New(rand.NewPCG(seed, 0x6265727468)), from: from}
	for _, t := range from {
		g.total += t.weight
	}
	g.keys = 2 + g.rnd.IntN(4)
	return g
}

// Command is one generated command and the way its replies are compared.
type Command struct {
	Args    []string
	Compare byte
}

func (c Command) String() string {
	quoted := make([]string, len(c.Args))
	for i, a := range c.Args {
		quoted[i] = a
		if a == "" || strings.ContainsFunc(a, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"'\#`, r) }) {
			quoted[i] = quoteArg(a)
		}
	}
	return strings.Join(quoted, " ")
}

// quoteArg quotes as SplitArgs and redis-cli read it.
func quoteArg(a string) string {
	b := []byte{'"'}
	for i := range len(a) {
		switch c := a[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ' || c > '~':
			b = append(b, '\\', 'x', "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		default:
			b = append(b, c)
		}
	}
	return string(append(b, '"'))
}

// thresholds are the parameters that streams vary, the default first. An intset may be as large as a listpack at
// least: otherwise a set's encoding depends on the order in which a hash table gave its members.
var thresholds = [][]string{
	{"hash-max-listpack-entries 128", "hash-max-listpack-entries 3", "hash-max-listpack-entries 8"},
	{"hash-max-listpack-value 64", "hash-max-listpack-value 8"},
	{
		"set-max-listpack-entries 128 set-max-intset-entries 512",
		"set-max-listpack-entries 3 set-max-intset-entries 4",
		"set-max-listpack-entries 8 set-max-intset-entries 8",
	},
	{"set-max-listpack-value 64", "set-max-listpack-value 8"},
	{"zset-max-listpack-entries 128", "zset-max-listpack-entries 3", "zset-max-listpack-entries 8"},
	{"zset-max-listpack-value 64", "zset-max-listpack-value 8"},
	{"list-max-listpack-size -2", "list-max-listpack-size 2", "list-max-listpack-size 5", "list-max-listpack-size -1"},
	{"hll-sparse-max-bytes 3000", "hll-sparse-max-bytes 100", "hll-sparse-max-bytes 0"},
	{"stream-node-max-entries 100", "stream-node-max-entries 3", "stream-node-max-entries 10"},
	{"stream-node-max-bytes 4096", "stream-node-max-bytes 120", "stream-node-max-bytes 0"},
	{"list-compress-depth 0", "list-compress-depth 1", "list-compress-depth 2"},
}

// defaults is the command that sets every threshold back.
func defaults() []string {
	args := []string{"CONFIG", "SET"}
	for _, t := range thresholds {
		args = append(args, strings.Fields(t[0])...)
	}
	return args
}

// Preamble sets small thresholds at random, so that values change their encodings within a short stream.
func (g *Generator) Preamble() []Command {
	var out []Command
	for _, t := range thresholds {
		if chosen := g.pick(t); chosen != t[0] {
			out = append(out, Command{Args: append([]string{"CONFIG", "SET"}, strings.Fields(chosen)...), Compare: '='})
		}
	}
	return out
}

// Next makes one command, or the commands of a transaction.
func (g *Generator) Next() []Command {
	switch g.rnd.IntN(360) {
	case 0, 1, 2, 3, 4, 5:
		return g.transaction()
	case 6:
		return g.expiry()
	}
	return []Command{g.one(func(template) bool { return true })}
}

// expiry lets a key's time run out, so that the commands that follow meet a key that is over and, as far as the server knows, still there.
func (g *Generator) expiry() []Command {
	return []Command{
		{Args: []string{"PEXPIRE", g.key("k"), "1"}, Compare: '='},
		{Args: []string{"DEBUG", "SLEEP", "0.003"}, Compare: '='},
	}
}

func (g *Generator) transaction() []Command {
	out := []Command{{Args: []string{"MULTI"}, Compare: '='}}
	for range g.rnd.IntN(5) {
		out = append(out, g.one(func(t template) bool { return t.literal }))
	}
	end := "EXEC"
	if g.rnd.IntN(6) == 0 {
		end = "DISCARD"
	}
	return append(out, Command{Args: []string{end}, Compare: '='})
}

func (g *Generator) one(allowed func(template) bool) Command {
	for {
		n := g.rnd.IntN(g.total)
		for _, t := range g.from {
			if n -= t.weight; n >= 0 {
				continue
			}
			if !allowed(t) {
				break
			}
			args := t.body.emit(g, nil)
			if g.rnd.IntN(30) == 0 {
				args = g.spoil(args)
			}
			return Command{Args: args, Compare: t.compare}
		}
	}
}

// spoil makes a nearly valid command: an argument goes missing, comes twice, or is something else. Left alone are
// commands that would become unpredictable (cursors, the count that SPOP must keep, blocking times) or endless (two
// thousand million random members), and the scores of y keys.
func (g *Generator) spoil(args []string) []string {
	name := args[0]
	if len(args) < 2 || name == "SPOP" || name == "DEBUG" || name == "XADD" && strings.HasPrefix(args[1], "u") || slices.Contains(args, "BLOCK") ||
		name == "ZADD" && strings.HasPrefix(args[1], "y") || name == "FLUSHDB" || name[0] == 'B' ||
		strings.HasSuffix(name, "SCAN") || strings.Contains(name, "RAND") {
		return args
	}
	i := 1 + g.rnd.IntN(len(args)-1)
	ways := 4
	if hasRelativeTime(args) {
		ways = 2 // another number might be a moment from now
	}
	if name == "SETBIT" || name == "BITFIELD" {
		ways = 3 // a large number would be the place of a bit
	}
	switch g.rnd.IntN(ways) {
	case 0:
		return append(args[:i:i], args[i+1:]...)
	case 1:
		return append(append(args[:i:i], args[i]), args[i:]...)
	case 2:
		args[i] = g.pick(edgeNumbers)
	default:
		args[i] = g.pick(values)
	}
	return args
}

func hasRelativeTime(args []string) bool {
	return strings.Contains(args[0], "EXPIRE") || strings.HasSuffix(args[0], "SETEX") ||
		slices.Contains(args, "EX") || slices.Contains(args, "PX")
}

func itoa(n int) string { return strconv.Itoa(n) }

func (g *Generator) pick(from []string) string { return from[g.rnd.IntN(len(from))] }

var (
	edgeNumbers = []string{
		"9223372036854775807", "-9223372036854775808", "9223372036854775808", "4294967296", "-2147483649", "1.5", "abc", "",
		" 1", "0x10", "+5", "007", "-0", "1e2",
	}
	values = []string{
		"", "a", "hello", "0", "1", "-1", "10", "127", "128", "-129", "4095", "4096", "32768", "8388608", "2147483648",
		"9223372036854775807", "-9223372036854775808", "9223372036854775808", "3.5", "1e10", "\x00", "\x00\xff\r\n",
		"01", "+1", " 1", "f1", "s1", "aaaaaaaaaaaaaaaaaaaa",
		strings.Repeat("x", 44), strings.Repeat("y", 45), strings.Repeat("0123456789", 7), strings.Repeat("z", 300),
	}
	scores = []string{
		"0", "1", "2", "3", "-1", "1.5", "-2.25", "100", "1e3", "0.1", "3.0000000001", "inf", "-inf", "17179869184", "-0", "1e-7",
		"9007199254740993", "12345678.901",
	}
	globs = []string{"*", "s*", "?1", "[a-m]*", "m*", "f?", "*1*", "[^s]?", "nosuch", "\\s1", ""}
)

// draw appends what a variable of a template stands for.
func (g *Generator) draw(name string, args []string) []string {
	switch name {
	case "s", "l", "h", "t", "z", "y", "g", "b", "p", "x", "u", "k":
		return append(args, g.key(name))
	case "trim":
		return g.trim(args)
	case "nl", "nt", "nz":
		n := 1 + g.rnd.IntN(3)
		args = append(args, strconv.Itoa(n))
		for range n {
			kind := name[1:]
			if kind == "z" && g.rnd.IntN(4) == 0 {
				kind = "t" // sets take part in sorted-set algebra
			}
			args = append(args, g.key(kind))
		}
		return args
	case "nf", "nfv":
		n := 1 + g.rnd.IntN(3)
		args = append(args, strconv.Itoa(n))
		for range n {
			args = g.draw("f", args)
			if name == "nfv" {
				args = g.draw("v", args)
			}
		}
		return args
	}
	return append(args, g.argument(name))
}

func (g *Generator) argument(name string) string {
	switch name {
	case "v":
		if g.rnd.IntN(3) == 0 {
			return strconv.Itoa(g.rnd.IntN(300) - 100)
		}
		return g.pick(values)
	case "m":
		switch g.rnd.IntN(4) {
		case 0:
			return strconv.Itoa(g.rnd.IntN(20))
		case 1:
			return g.pick(values)
		}
		return "m" + strconv.Itoa(g.rnd.IntN(30))
	case "f":
		if g.rnd.IntN(8) == 0 {
			return g.pick(values)
		}
		return "f" + strconv.Itoa(g.rnd.IntN(12))
	case "i":
		if g.rnd.IntN(6) == 0 {
			return g.pick(edgeNumbers)
		}
		return strconv.Itoa(g.rnd.IntN(2000) - 1000)
	case "c":
		return strconv.Itoa(g.rnd.IntN(9) - 2)
	case "ix":
		if g.rnd.IntN(12) == 0 {
			return g.pick(edgeNumbers)
		}
		return strconv.Itoa(g.rnd.IntN(25) - 12)
	case "off":
		return strconv.Itoa(g.rnd.IntN(70) - 1)
	case "d":
		if g.rnd.IntN(25) == 0 {
			return g.pick([]string{"nan", "abc", "", "1e400", " 1"})
		}
		return g.pick(scores)
	case "w":
		return g.pick([]string{"1", "2", "0", "-1", "0.5", "inf"})
	case "sb":
		return g.pick([]string{"", "", "("}) + g.pick(scores)
	case "lb":
		if g.rnd.IntN(3) == 0 {
			return g.pick([]string{"-", "+", "[", "(", "x"})
		}
		return g.pick([]string{"[", "("}) + g.argument("m")
	case "lon":
		if g.rnd.IntN(15) == 0 {
			return g.pick([]string{"180", "-180", "0", "181", "abc"})
		}
		return g.coordinate(180)
	case "lat":
		if g.rnd.IntN(15) == 0 {
			return g.pick([]string{"85.05112878", "-85.05112878", "0", "86", ""})
		}
		return g.coordinate(85)
	case "r":
		return g.pick([]string{"0", "1", "10", "500.5", "3000", "1e4", "50000", "-1"})
	case "unit":
		return g.pick([]string{"m", "km", "km", "km", "FT", "mi", "parsec"})
	case "glob":
		return g.pick(globs)
	case "db":
		return strconv.Itoa(g.rnd.IntN(3))
	case "ex": // relative: far enough that nothing expires during a run
		return g.pick([]string{"1000", "5000", "100000", "0", "-1"})
	case "px":
		return g.pick([]string{"1000000", "5000000", "100000000", "0", "-1"})
	case "at":
		return g.pick([]string{"4102444800", "4102444900", "5000000000", "1", "0", "-1"})
	case "pxat":
		return g.pick([]string{"4102444800123", "4102444900000", "5000000000000", "1", "0", "-1"})
	case "gr":
		return "g" + strconv.Itoa(g.rnd.IntN(3))
	case "co":
		return "c" + strconv.Itoa(g.rnd.IntN(3))
	case "id", "nid", "ib", "sid", "gid":
		return g.streamID(name)
	case "hat":
		return g.pick([]string{"4102444800", "4102444900", "5000000000", "1", "0"})
	case "hpxat":
		return g.pick([]string{"4102444800123", "4102444900000", "5000000000000", "1", "0"})
	case "bound":
		return g.argument(g.pick([]string{"ix", "sb", "lb"}))
	case "bit":
		return g.pick([]string{"0", "1", "0", "1", "0", "1", "2"})
	case "bitoff":
		switch g.rnd.IntN(12) {
		case 0:
			return g.pick([]string{"4294967296", "9223372036854775807", "-1", "x", "", "#", "#-1", "#4294967296", "100000"})
		case 1, 2, 3:
			return "#" + itoa(g.rnd.IntN(12))
		}
		return itoa(g.rnd.IntN(150))
	case "bitval":
		if g.rnd.IntN(3) == 0 {
			return g.pick(edgeNumbers)
		}
		return itoa(g.rnd.IntN(600) - 300)
	case "enc":
		if g.rnd.IntN(25) == 0 {
			return g.pick([]string{"u64", "i65", "u0", "i", "", "8", "x8"})
		}
		return g.pick([]string{"u", "i"}) + itoa(1+g.rnd.IntN(63))
	case "xid":
		if g.rnd.IntN(10) == 0 {
			return g.pick([]string{"0", "0-0", "$", "-", "+", "", "1-", "-1", "x", "5-*", "18446744073709551615-18446744073709551615", "(1", "1-1-1"})
		}
		return g.streamID("id")
	case "grp":
		return g.pick([]string{"g1", "g2", "g2", "nosuch"})
	case "con":
		return g.pick([]string{"c1", "c2", "c3"})
	case "zero":
		return g.pick([]string{"0", "0", "0", "0", "-1", "x"})
	}
	panic("difftest: unknown variable $" + name)
}

// coordinate draws degrees up to limit in both directions; some are small integers, so that members meet.
func (g *Generator) coordinate(limit float64) string {
	if g.rnd.IntN(4) == 0 {
		return strconv.Itoa(g.rnd.IntN(5) - 2)
	}
	return strconv.FormatFloat((2*g.rnd.Float64()-1)*limit, 'g', 3+g.rnd.IntN(14), 64)
}

// key draws a key that usually holds the wanted type: the first letter of a key is its type. Only y keys (sorted sets
// whose scores are all equal) never hold anything else.
func (g *Generator) key(kind string) string {
	switch {
	case kind == "k", kind != "y" && kind != "u" && g.rnd.IntN(25) == 0:
		kind = []string{"s", "l", "h", "t", "z", "s", "l", "h", "t", "z", "b", "p", "g", "x"}[g.rnd.IntN(14)]
	case kind == "s" && g.rnd.IntN(60) == 0:
		return ""
	case kind == "l" && g.rnd.IntN(60) == 0:
		return "\x00key"
	}
	return kind + strconv.Itoa(g.rnd.IntN(g.keys))
}

// streamID draws an id for an entry of a stream: nid is mostly above all before it, id one of those, ib a bound of a
// range, sid and gid what may stand in place of an id to read from.
func (g *Generator) streamID(name string) string {
	const ahead = 40
	text := func(n int) string { return strconv.Itoa(n/4) + "-" + strconv.Itoa(n%4) }
	old := func() string { return text(max(g.ids-g.rnd.IntN(ahead), 0)) }
	if g.rnd.IntN(60) == 0 {
		return g.pick([]string{
			"0-0", "0-1", "0", "-", "+", "$", ">", "5-18446744073709551615", "18446744073709551615-18446744073709551614", "7-*", "-5", "1-",
			"1-2-3", "abc", "", "18446744073709551616", "01-01", "+3- 4", "99999999999999999999999-1", "0-*",
		})
	}
	switch name {
	case "nid":
		g.ids += 1 + g.rnd.IntN(3)
		switch g.rnd.IntN(12) {
		case 0:
			return old()
		case 1:
			return strconv.Itoa(g.ids/4) + "-*"
		case 2:
			return strconv.Itoa(g.ids / 4)
		}
		return text(g.ids)
	case "ib":
		switch g.rnd.IntN(6) {
		case 0:
			return "-"
		case 1:
			return "+"
		case 2:
			return "(" + old()
		case 3:
			return strconv.Itoa(max(g.ids-g.rnd.IntN(ahead), 0) / 4)
		}
	case "sid", "gid":
		if g.rnd.IntN(2) == 0 {
			return g.pick([]string{"$", "0", "0-0"})
		}
		if name == "sid" && g.rnd.IntN(4) == 0 {
			return "+"
		}
	}
	return old()
}

// trim draws the trimming options of XADD and XTRIM.
func (g *Generator) trim(args []string) []string {
	threshold := "MAXLEN"
	value := strconv.Itoa(g.rnd.IntN(25) - 1)
	if g.rnd.IntN(2) == 0 {
		threshold, value = "MINID", g.streamID("id")
	}
	args = append(args, threshold)
	sign := g.pick([]string{"", "=", "~", "~"})
	if sign != "" {
		args = append(args, sign)
	}
	args = append(args, value)
	if g.rnd.IntN(4) == 0 && sign == "~" || g.rnd.IntN(20) == 0 {
		args = append(args, "LIMIT", strconv.Itoa(g.rnd.IntN(20)-1))
	}
	return args
}
