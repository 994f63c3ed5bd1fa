package difftest

import (
	"cmp"
	"slices"
	"strings"
)

// Beside the templates of templates.go, which know what makes sense, there is one per command that a server documents: its
// syntax as COMMAND DOCS gives it, so that no argument is forgotten, and no order and combination of them.

// derivedKeys is the kind of key (see Generator.key) that the commands of a group work on.
var derivedKeys = map[string]string{
	"string": "s", "list": "l", "hash": "h", "set": "t", "sorted-set": "z", "geo": "g", "bitmap": "b", "hyperloglog": "p", "stream": "x",
	"generic": "k",
}

// derivedCompare says how replies are compared where raw bytes may differ; the characters are those of templates.
var derivedCompare = map[string]byte{
	"hgetall": '!', "hkeys": '?', "hvals": '?', "smembers": '?', "sinter": '?', "sunion": '?', "sdiff": '?', "keys": '?',
	"ttl": '5', "pttl": 'k', "expiretime": '5', "pexpiretime": 'k',
	"httl": '5', "hpttl": 'k', "hexpiretime": '5', "hpexpiretime": 'k',
	"dump": '~', "object|refcount": '~', "object|idletime": '~',
	"xpending": '~', "xinfo|consumers": '~', "xinfo|stream": '~',
}

// underived are the commands whose outcome depends on chance or on the clock; some have a template of their own.
var underived = strings.Fields(`
	spop srandmember hrandfield zrandmember randomkey scan hscan sscan zscan sort sort_ro
	expire pexpire hexpire hpexpire blpop brpop blmove brpoplpush blmpop bzpopmin bzpopmax bzmpop
	wait waitaof migrate pfselftest pfdebug xread xreadgroup`)

// Derive makes templates of a reply of COMMAND DOCS, of those commands that random streams may use.
func Derive(reply []byte) ([]template, error) { return derive(reply, false) }

// derive makes templates of a reply of COMMAND DOCS; every asks for all commands, whatever it does.
func derive(reply []byte, every bool) ([]template, error) {
	v, err := ParseReply(reply)
	if err != nil {
		return nil, err
	}
	var out []template
	var walk func(v Value)
	walk = func(v Value) {
		for i := 0; i+1 < len(v.Elems); i += 2 {
			name, about := string(v.Elems[i].Text), v.Elems[i+1]
			group, _ := field(about, "group")
			key := derivedKeys[string(group.Text)]
			if subs, ok := field(about, "subcommands"); ok {
				walk(subs)
				continue
			}
			switch {
			case every:
				key = cmp.Or(key, "k")
			case key == "", slices.Contains(underived, name), strings.HasSuffix(name, "|help"):
				continue
			}
			if strings.HasSuffix(name, "bylex") || name == "zlexcount" {
				key = "y" // among unequal scores the outcome is chance
			}
			d := deriver{key: key}
			args, _ := field(about, "arguments")
			body := sequence{}
			for _, w := range strings.Split(strings.ToUpper(name), "|") {
				body = append(body, word(w))
			}
			t := template{name: string(body[0].(word)), compare: '=', body: append(body, d.all(args)...), weight: 1}
			if how, ok := derivedCompare[name]; ok {
				t.compare = how
			}
			out = append(out, t)
		}
	}
	walk(v)
	// The order of a reply's map is the server's own.
	slices.SortFunc(out, func(a, b template) int { return strings.Compare(nameOf(a), nameOf(b)) })
	return out, nil
}

func nameOf(t template) string {
	var words []string
	for _, n := range t.body.(sequence) {
		w, ok := n.(word)
		if !ok {
			break
		}
		words = append(words, string(w))
	}
	return strings.Join(words, " ")
}

// field finds a field of a reply that is a map or, in RESP2, a flat list of pairs.
func field(v Value, name string) (Value, bool) {
	for i := 0; i+1 < len(v.Elems); i += 2 {
		if string(v.Elems[i].Text) == name {
			return v.Elems[i+1], true
		}
	}
	return Value{}, false
}

func textOf(v Value, name string) string {
	f, _ := field(v, name)
	return string(f.Text)
}

type deriver struct{ key string }

// counted is a number and as many items; now and then the number is wrong.
type counted struct{ of node }

func (n counted) emit(g *Generator, args []string) []string {
	k := 1 + g.rnd.IntN(3)
	said := k
	if g.rnd.IntN(15) == 0 {
		said += g.rnd.IntN(4) - 2
	}
	args = append(args, itoa(said))
	for range k {
		args = n.of.emit(g, args)
	}
	return args
}

// all makes the nodes of a list of arguments.
func (d deriver) all(args Value) sequence {
	var seq sequence
	for i := 0; i < len(args.Elems); i++ {
		a := args.Elems[i]
		if name := textOf(a, "name"); (name == "numkeys" || name == "numfields") && i+1 < len(args.Elems) {
			// Without the flags: the repetition is the count's.
			i++
			seq = append(seq, counted{d.one(args.Elems[i])})
			continue
		}
		seq = append(seq, d.argument(a))
	}
	return seq
}

func (d deriver) argument(a Value) node {
	flags, _ := field(a, "flags")
	has := func(flag string) bool {
		return slices.ContainsFunc(flags.Elems, func(v Value) bool { return string(v.Text) == flag })
	}
	n := d.one(a)
	token := textOf(a, "token")
	if textOf(a, "type") == "pure-token" {
		token = ""
	}
	if token != "" && has("multiple_token") {
		n = sequence{word(token), n}
		token = ""
	}
	if has("multiple") {
		n = repeat{n}
	}
	if token != "" {
		n = sequence{word(token), n}
	}
	if has("optional") {
		n = optional{n}
	}
	return n
}

// one is the argument itself, without its token and repetition.
func (d deriver) one(a Value) node {
	inner, _ := field(a, "arguments")
	switch kind := textOf(a, "type"); kind {
	case "pure-token":
		return word(textOf(a, "token"))
	case "block":
		return d.all(inner)
	case "oneof":
		var c choice
		for _, e := range inner.Elems {
			if token := textOf(e, "token"); token == "*" || token == "BYLEX" {
				continue // a stream's entry named by the clock; an order that scores do not have
			}
			c = append(c, d.argument(e))
		}
		return c
	case "key":
		return variable(d.key)
	default:
		return variable(d.variable(kind, textOf(a, "name")))
	}
}

// variable picks what a value is drawn from: by its name, else by its type.
func (d deriver) variable(kind, name string) string {
	switch name {
	case "longitude":
		return "lon"
	case "latitude":
		return "lat"
	case "radius", "width", "height":
		return "r"
	case "member", "member1", "member2":
		return "m"
	case "field":
		return "f"
	case "increment":
		if kind == "double" {
			return "d"
		}
		return "i"
	case "decrement", "entries-added":
		return "i"
	case "min", "max", "start", "stop", "end":
		switch {
		case kind == "double":
			return "sb"
		case d.key == "x":
			return "xid"
		case kind == "string" && (d.key == "z" || d.key == "y"):
			return "bound"
		}
		return "ix"
	case "db", "destination-db":
		return "db"
	case "bit":
		return "bit"
	case "encoding":
		return "enc"
	case "offset":
		if d.key == "b" {
			return "bitoff"
		}
		return "off"
	case "seconds":
		return "ex"
	case "milliseconds":
		return "px"
	case "unix-time-seconds":
		return d.hashTime("at")
	case "unix-time-milliseconds":
		return d.hashTime("pxat")
	case "weight":
		return "w"
	case "id", "lastid", "last-id", "max-deleted-id", "threshold":
		if name == "threshold" {
			return "c"
		}
		return "xid"
	case "group":
		return "grp"
	case "consumer":
		return "con"
	case "min-idle-time", "ms":
		return "zero"
	case "ttl":
		return "px"
	}
	switch kind {
	case "pattern":
		return "glob"
	case "double":
		return "d"
	case "integer":
		if d.key == "b" && name == "value" {
			return "bitval"
		}
		return "c"
	}
	return "v"
}

// hashTime: a field's expiry may not be negative.
func (d deriver) hashTime(name string) string {
	if d.key == "h" {
		return "h" + name
	}
	return name
}
