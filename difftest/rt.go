package difftest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// stepKind says what a script line does.
type stepKind int

const (
	stepCommand stepKind = iota // send, read one reply
	stepSend                    // > command
	stepRead                    // < [N]
	stepIgnore                  // ! command
	stepLet                     // let NAME command
	stepConn                    // conn NAME
	stepClose                   // close
	stepProto                   // proto N
	stepSleep                   // sleep MS
	stepBlocked                 // blocked N
	stepRaw                     // inline, raw
)

// Step is one line of a script.
type Step struct {
	Line int
	Text string // as written, for reports

	kind    stepKind
	args    []string
	name    string         // conn, let
	n       int            // <, proto, sleep, blocked
	data    []byte         // inline, raw
	match   *regexp.Regexp // ~/REGEX/
	group   int            // ?: size of the groups whose order does not matter
	expects [][]byte       // expect, per protocol

	sortReplies bool // ?<
}

// ModuleRef is a module that a script wants loaded.
type ModuleRef struct {
	Name string
	Args []string
}

// Script is a parsed .rt file.
type Script struct {
	Path       string
	Modules    []ModuleRef
	Reference  string   // "8.0", …, "none"
	ServerArgs []string // extra command line for both servers
	Protos     []int    // protocols to run in
	Masks      []*regexp.Regexp
	Steps      []Step
}

// ParseScript reads a script. defaultModule is loaded when the script names no module; it may be empty.
func ParseScript(path, defaultModule string) (*Script, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	s := &Script{Path: path, Reference: "8.0", Protos: []int{2, 3}}
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimRight(line, "\r")
		if trimmed := strings.TrimSpace(line); trimmed == "" || trimmed[0] == '#' {
			continue
		}
		if err := s.parseLine(i+1, line); err != nil {
			return nil, fmt.Errorf("%s:%d: %w: %s", path, i+1, err, line)
		}
	}
	if len(s.Modules) == 0 && defaultModule != "" {
		s.Modules = []ModuleRef{{Name: defaultModule}}
	}
	if len(s.Steps) == 0 {
		return nil, fmt.Errorf("%s: no commands", path)
	}
	return s, nil
}

func (s *Script) parseLine(number int, line string) error {
	word, rest, _ := strings.Cut(line, " ")
	step := Step{Line: number, Text: line, kind: stepCommand}
	command := line
	// Before the first step only: "module list" further down is a command.
	header := len(s.Steps) == 0
	switch {
	case header && (word == "module" || word == "server"):
		args, err := SplitArgs(rest)
		if err != nil || len(args) == 0 {
			return errors.Join(err, errors.New("arguments expected"))
		}
		if word == "server" {
			s.ServerArgs = append(s.ServerArgs, args...)
		} else {
			s.Modules = append(s.Modules, ModuleRef{Name: args[0], Args: args[1:]})
		}
		return nil
	case header && word == "mask":
		expr := strings.TrimSpace(rest)
		if len(expr) < 3 || expr[0] != '/' || expr[len(expr)-1] != '/' {
			return errors.New("mask /REGEX/ expected")
		}
		re, err := regexp.Compile("(?s)" + expr[1:len(expr)-1])
		if err != nil {
			return err
		}
		s.Masks = append(s.Masks, re)
		return nil
	case header && word == "reference":
		s.Reference = strings.TrimSpace(rest)
		return nil
	}
	switch word {
	case "expect":
		data, err := unquoteOne(rest)
		if err != nil {
			return err
		}
		if len(s.Steps) == 0 {
			return errors.New("no command above")
		}
		last := &s.Steps[len(s.Steps)-1]
		last.expects = append(last.expects, data)
		return nil
	case "proto", "sleep", "blocked":
		n, err := strconv.Atoi(strings.TrimSpace(rest))
		if err != nil {
			return err
		}
		if word == "proto" && header {
			s.Protos = []int{n}
			return nil
		}
		step.n = n
		step.kind = map[string]stepKind{"proto": stepProto, "sleep": stepSleep, "blocked": stepBlocked}[word]
		s.Steps = append(s.Steps, step)
		return nil
	case "conn":
		step.kind, step.name = stepConn, strings.TrimSpace(rest)
		s.Steps = append(s.Steps, step)
		return nil
	case "close":
		step.kind = stepClose
		s.Steps = append(s.Steps, step)
		return nil
	case "<", "?<":
		step.kind, step.n, step.sortReplies = stepRead, 1, word == "?<"
		if rest = strings.TrimSpace(rest); rest != "" {
			n, err := strconv.Atoi(rest)
			if err != nil {
				return err
			}
			step.n = n
		}
		s.Steps = append(s.Steps, step)
		return nil
	case "inline":
		step.kind, step.data = stepRaw, []byte(rest+"\r\n")
		s.Steps = append(s.Steps, step)
		return nil
	case "raw":
		data, err := unquoteOne(rest)
		if err != nil {
			return err
		}
		step.kind, step.data = stepRaw, data
		s.Steps = append(s.Steps, step)
		return nil
	case ">":
		step.kind, command = stepSend, rest
	case "!":
		step.kind, command = stepIgnore, rest
	case "?":
		step.group, command = 1, rest
	case "?2":
		step.group, command = 2, rest
	case "let":
		name, after, _ := strings.Cut(rest, " ")
		step.kind, step.name, command = stepLet, name, after
	}
	if strings.HasPrefix(line, "~/") {
		expr, after, found := strings.Cut(line[2:], "/ ")
		if !found {
			return errors.New("~/REGEX/ command expected")
		}
		re, err := regexp.Compile("(?s)" + expr)
		if err != nil {
			return err
		}
		step.match, command = re, after
	}
	args, err := SplitArgs(command)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return errors.New("no command")
	}
	step.args = args
	s.Steps = append(s.Steps, step)
	return nil
}

func unquoteOne(text string) ([]byte, error) {
	args, err := SplitArgs(text)
	if err != nil {
		return nil, err
	}
	if len(args) != 1 {
		return nil, errors.New("one quoted string expected")
	}
	return []byte(args[0]), nil
}

// SplitArgs splits a line as redis-cli does: words, "double quotes" with \n \r \t \a \b \xHH escapes, and
// 'single quotes' with \' alone.
func SplitArgs(line string) ([]string, error) {
	var args []string
	i := 0
	for {
		for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
			i++
		}
		if i == len(line) {
			return args, nil
		}
		var arg []byte
		for i < len(line) && line[i] != ' ' && line[i] != '\t' {
			quote := line[i]
			if quote != '"' && quote != '\'' {
				arg = append(arg, line[i])
				i++
				continue
			}
			i++
			for {
				if i == len(line) {
					return nil, errors.New("unbalanced quotes")
				}
				if line[i] == quote {
					i++
					break
				}
				b, n := unescape(line[i:], quote)
				arg = append(arg, b)
				i += n
			}
			if i < len(line) && line[i] != ' ' && line[i] != '\t' {
				return nil, errors.New("a closing quote must end the argument")
			}
		}
		args = append(args, string(arg))
	}
}

// unescape decodes one byte inside quotes and says how much of s it took.
func unescape(s string, quote byte) (byte, int) {
	if s[0] != '\\' || len(s) == 1 {
		return s[0], 1
	}
	if quote == '\'' {
		if s[1] == '\'' {
			return '\'', 2
		}
		return '\\', 1
	}
	if s[1] == 'x' && len(s) >= 4 {
		if b, err := strconv.ParseUint(s[2:4], 16, 8); err == nil {
			return byte(b), 4
		}
	}
	if i := strings.IndexByte("nrtab", s[1]); i >= 0 {
		return "\n\r\t\a\b"[i], 2
	}
	return s[1], 2
}

// Outcome is what one step brought on one server.
type Outcome struct {
	Replies [][]byte
	Err     error
}

func (o Outcome) String() string {
	var b strings.Builder
	for i, r := range o.Replies {
		if i > 0 {
			b.WriteString(" | ")
		}
		b.WriteString(quoteShort(r))
	}
	if o.Err != nil {
		fmt.Fprintf(&b, " <%v>", o.Err)
	}
	return b.String()
}

// quoteShort quotes raw bytes and cuts what would fill the screen.
func quoteShort(b []byte) string {
	const max = 1500
	if len(b) <= max {
		return strconv.Quote(string(b))
	}
	return fmt.Sprintf("%q… (%d bytes)", b[:max], len(b))
}

// replyTimeout is long beside what any command takes and short beside a human's patience.
const replyTimeout = 8 * time.Second

// maxTimeouts ends a script on a server that has stopped answering.
const maxTimeouts = 3

// Run plays the script's steps on a server in the given protocol. The outcomes stand at the steps' indexes; they
// are fewer when the server stopped answering.
func (s *Script) Run(addr string, proto int) []Outcome {
	r := &runner{addr: addr, proto: proto, conns: map[string]*Conn{}, current: "main", vars: map[string]string{}}
	defer r.closeAll()
	var outs []Outcome
	timeouts := 0
	for i := range s.Steps {
		o := r.step(&s.Steps[i])
		outs = append(outs, o)
		if errors.Is(o.Err, ErrNoReply) {
			if timeouts++; timeouts >= maxTimeouts {
				break
			}
		}
	}
	return outs
}

type runner struct {
	addr    string
	proto   int
	conns   map[string]*Conn
	current string
	vars    map[string]string
}

func (r *runner) closeAll() {
	for _, c := range r.conns {
		c.Close()
	}
}

func (r *runner) conn() (*Conn, error) {
	if c := r.conns[r.current]; c != nil {
		return c, nil
	}
	c, err := Dial(r.addr)
	if err != nil {
		return nil, err
	}
	c.Timeout = replyTimeout
	if r.proto == 3 {
		if _, err := c.Do("HELLO", "3"); err != nil {
			c.Close()
			return nil, err
		}
	}
	r.conns[r.current] = c
	return c, nil
}

// drop forgets the current connection; the next command opens a new one.
func (r *runner) drop() {
	if c := r.conns[r.current]; c != nil {
		c.Close()
		delete(r.conns, r.current)
	}
}

func (r *runner) step(s *Step) Outcome {
	switch s.kind {
	case stepConn:
		r.current = s.name
		// Opened now, so that "conn x" alone has its effect on CLIENT LIST and INFO.
		_, err := r.conn()
		return Outcome{Err: err}
	case stepClose:
		r.drop()
		return Outcome{}
	case stepSleep:
		time.Sleep(time.Duration(s.n) * time.Millisecond)
		return Outcome{}
	case stepBlocked:
		return Outcome{Err: r.waitBlocked(s.n)}
	}
	c, err := r.conn()
	if err != nil {
		return Outcome{Err: err}
	}
	o := Outcome{}
	switch s.kind {
	case stepRaw:
		o.Err = c.SendRaw(s.data)
	case stepSend:
		o.Err = c.Send(r.expand(s.args)...)
	case stepRead:
		o = r.read(c, s.n)
	case stepProto:
		_, o.Err = c.Do("HELLO", strconv.Itoa(s.n))
	default:
		var reply []byte
		reply, o.Err = c.Do(r.expand(s.args)...)
		if s.kind == stepLet {
			var rest []byte
			r.vars[s.name], rest = lastScalar(reply)
			o.Replies = [][]byte{rest}
		} else if s.kind != stepIgnore {
			o.Replies = [][]byte{reply}
		}
	}
	if o.Err != nil {
		r.drop()
		if !errors.Is(o.Err, ErrNoReply) {
			// EOF, reset and broken pipe differ by timing, not by behaviour.
			o.Err = errors.New("connection closed")
		}
	}
	return o
}

// lastScalar finds the last plain element of a reply and returns it with the raw reply up to it.
func lastScalar(raw []byte) (string, []byte) {
	v, err := ParseReply(raw)
	if err != nil || IsError(raw) {
		return "", raw
	}
	size := len("\r\n")
	for len(v.Elems) > 0 {
		v = v.Elems[len(v.Elems)-1]
	}
	size += len(v.Text)
	if v.Kind == '$' && !v.Null {
		size += len("$\r\n") + len(strconv.Itoa(len(v.Text)))
	} else {
		size++
	}
	return string(v.Text), raw[:len(raw)-size]
}

// silence is how long "< 0" listens. Both servers run at the same time, so it costs this once.
const silence = 60 * time.Millisecond

func (r *runner) read(c *Conn, n int) Outcome {
	if n == 0 {
		reply, err := c.ReadWithin(silence)
		if errors.Is(err, ErrNoReply) && len(reply) == 0 {
			return Outcome{}
		}
		return Outcome{Replies: [][]byte{reply}, Err: err}
	}
	o := Outcome{}
	for ; n > 0; n-- {
		reply, err := c.Read()
		if err != nil {
			o.Err = err
			break
		}
		o.Replies = append(o.Replies, reply)
	}
	return o
}

func (r *runner) waitBlocked(n int) error {
	c, err := Dial(r.addr)
	if err != nil {
		return err
	}
	defer c.Close()
	want := []byte(fmt.Sprintf("\r\nblocked_clients:%d\r\n", n))
	for deadline := time.Now().Add(replyTimeout); time.Now().Before(deadline); {
		info, err := c.Do("INFO", "clients")
		if err != nil {
			return err
		}
		if bytes.Contains(info, want) {
			return nil
		}
		time.Sleep(2 * time.Millisecond)
	}
	return fmt.Errorf("never %d blocked clients", n)
}

// expand replaces ${NAME} by what `let NAME` kept.
func (r *runner) expand(args []string) []string {
	out := slices.Clone(args)
	for i, a := range out {
		if !strings.Contains(a, "${") {
			continue
		}
		for name, value := range r.vars {
			a = strings.ReplaceAll(a, "${"+name+"}", value)
		}
		out[i] = a
	}
	return out
}

// Load makes a server load the script's modules, found as dir/NAME.so or, with a slash in NAME, as a path.
func (s *Script) Load(addr, dir string) error {
	if len(s.Modules) == 0 {
		return nil
	}
	c, err := Dial(addr)
	if err != nil {
		return err
	}
	defer c.Close()
	for _, m := range s.Modules {
		path := m.Name
		if !strings.Contains(path, "/") {
			path = filepath.Join(dir, m.Name+".so")
		}
		reply, err := c.Do(append([]string{"MODULE", "LOAD", path}, m.Args...)...)
		if err != nil {
			return fmt.Errorf("MODULE LOAD %s: %w", path, err)
		}
		if string(reply) != "+OK\r\n" {
			return fmt.Errorf("MODULE LOAD %s: %q", path, reply)
		}
	}
	return nil
}

// Compare returns a report per step whose outcomes differ between two servers.
func (s *Script) Compare(nameA, nameB string, a, b []Outcome) []string {
	var diffs []string
	width := max(len(nameA), len(nameB))
	for i := range s.Steps {
		step := &s.Steps[i]
		if i >= len(a) || i >= len(b) {
			who := nameA
			if i < len(a) {
				who = nameB
			}
			return append(diffs, fmt.Sprintf("%s:%d: %s stopped answering; the rest was not compared", s.Path, step.Line, who))
		}
		s.mask(a[i])
		s.mask(b[i])
		if step.same(a[i], b[i]) {
			continue
		}
		what := "differs"
		if step.match != nil {
			what = "does not match on both"
		}
		diffs = append(diffs, fmt.Sprintf("%s:%d: %s %s\n    %-*s  %s\n    %-*s  %s",
			s.Path, step.Line, step.Text, what, width, nameA, a[i], width, nameB, b[i]))
	}
	return diffs
}

// mask replaces what the script's masks match by what is in their groups.
func (s *Script) mask(o Outcome) {
	for _, re := range s.Masks {
		for i, r := range o.Replies {
			o.Replies[i] = re.ReplaceAllFunc(r, func(m []byte) []byte {
				return bytes.Join(re.FindSubmatch(m)[1:], nil)
			})
		}
	}
}

func (s *Step) same(a, b Outcome) bool {
	if (a.Err == nil) != (b.Err == nil) || a.Err != nil && a.Err.Error() != b.Err.Error() {
		return false
	}
	if len(a.Replies) != len(b.Replies) {
		return false
	}
	if s.sortReplies {
		slices.SortFunc(a.Replies, bytes.Compare)
		slices.SortFunc(b.Replies, bytes.Compare)
	}
	for i := range a.Replies {
		x, y := a.Replies[i], b.Replies[i]
		switch {
		case s.match != nil:
			if !s.match.Match(x) || !s.match.Match(y) {
				return false
			}
		case s.group > 0:
			if !bytes.Equal(Unordered(x, s.group), Unordered(y, s.group)) {
				return false
			}
		case !bytes.Equal(x, y):
			return false
		}
	}
	return true
}

// Check compares outcomes with the script's expect lines, for scripts without a reference server.
func (s *Script) Check(name string, proto int, outs []Outcome) []string {
	var diffs []string
	for i := range s.Steps {
		step := &s.Steps[i]
		if i >= len(outs) {
			return append(diffs, fmt.Sprintf("%s:%d: %s stopped answering", s.Path, step.Line, name))
		}
		report := func(want string) {
			diffs = append(diffs, fmt.Sprintf("%s:%d: %s\n    %s  %s\n    wanted  %s", s.Path, step.Line, step.Text, name, outs[i], want))
		}
		if outs[i].Err != nil {
			report("a reply")
			continue
		}
		if len(step.expects) > 0 {
			want := step.expects[min(proto-2, len(step.expects)-1)]
			if got := bytes.Join(outs[i].Replies, nil); !bytes.Equal(got, want) {
				report(quoteShort(want))
			}
		} else if step.match != nil && !step.match.Match(bytes.Join(outs[i].Replies, nil)) {
			report(step.match.String())
		}
	}
	return diffs
}
