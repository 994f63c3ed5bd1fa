package difftest

import (
	"fmt"
	"strings"
)

// A template line describes a family of commands. Words stand for themselves; $name draws an argument (see
// draw.go); [ … ] is there half of the time, ( … | … ) is one of several, { … } repeats one to four times.
// The first character says how replies are compared:
//
//	=  raw bytes              ?  elements in any order       !  pairs in any order
//	~  type and length only   5  integers within 5           k  integers within 5000
//	t  points in time within 5000, all else as it is
type template struct {
	name    string // the command
	compare byte
	body    node
	weight  int
	literal bool // = lines without random times: they may stand inside MULTI
}

// node is one piece of a template.
type node interface {
	emit(g *Generator, args []string) []string
}

type (
	word     string
	variable string
	sequence []node
	optional struct{ of node }
	choice   []node
	repeat   struct{ of node }
)

func (n word) emit(_ *Generator, args []string) []string { return append(args, string(n)) }

func (n variable) emit(g *Generator, args []string) []string { return g.draw(string(n), args) }

func (n sequence) emit(g *Generator, args []string) []string {
	for _, part := range n {
		args = part.emit(g, args)
	}
	return args
}

func (n optional) emit(g *Generator, args []string) []string {
	if g.rnd.IntN(2) == 0 {
		return args
	}
	return n.of.emit(g, args)
}

func (n choice) emit(g *Generator, args []string) []string {
	return n[g.rnd.IntN(len(n))].emit(g, args)
}

func (n repeat) emit(g *Generator, args []string) []string {
	for range 1 + g.rnd.IntN(4) {
		args = n.of.emit(g, args)
	}
	return args
}

// parseTemplates reads the table of templates; "*N" at a line's end gives it the weight N.
func parseTemplates(table string) []template {
	var out []template
	for _, line := range strings.Split(table, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		t := template{compare: line[0], weight: 2}
		fields := strings.Fields(line[1:])
		if last := fields[len(fields)-1]; last[0] == '*' && len(last) > 1 {
			if _, err := fmt.Sscanf(last, "*%d", &t.weight); err != nil {
				panic("difftest: bad weight: " + line)
			}
			fields = fields[:len(fields)-1]
		}
		body, rest := parseSequence(fields)
		if len(rest) > 0 {
			panic("difftest: unbalanced template: " + line)
		}
		t.name, t.body = fields[0], body
		t.literal = t.compare == '=' && !strings.HasPrefix(fields[0], "B")
		out = append(out, t)
	}
	return out
}

// parseSequence reads nodes up to a closing bracket or a bar, which it leaves in place.
func parseSequence(fields []string) (node, []string) {
	var seq sequence
	for len(fields) > 0 {
		f := fields[0]
		switch f {
		case "]", ")", "}", "|":
			return seq, fields
		case "[", "{":
			inner, rest := parseSequence(fields[1:])
			fields = closeWith(rest, map[string]string{"[": "]", "{": "}"}[f])
			if f == "[" {
				seq = append(seq, optional{inner})
			} else {
				seq = append(seq, repeat{inner})
			}
			continue
		case "(":
			var alternatives choice
			rest := fields
			for {
				var inner node
				inner, rest = parseSequence(rest[1:])
				alternatives = append(alternatives, inner)
				if len(rest) == 0 || rest[0] != "|" {
					break
				}
			}
			fields = closeWith(rest, ")")
			seq = append(seq, alternatives)
			continue
		}
		if f[0] == '$' && len(f) > 1 {
			seq = append(seq, variable(f[1:]))
		} else {
			seq = append(seq, word(f))
		}
		fields = fields[1:]
	}
	return seq, nil
}

func closeWith(fields []string, bracket string) []string {
	if len(fields) == 0 || fields[0] != bracket {
		panic("difftest: " + bracket + " missing in a template")
	}
	return fields[1:]
}
