package difftest

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Pair is two servers that must answer alike.
type Pair struct {
	A, B  *Server
	Start func() (a, b *Server, err error) // replaces both after a crash

	Proto int
	conns [2]*Conn

	noFieldTimes bool // the server under test has no hash fields that expire
}

// Difference is what a stream of commands showed.
type Difference struct {
	At   int // index of the command that was answered differently; len(commands) if only the data differ
	Text string
}

// Close closes the connections.
func (p *Pair) Close() {
	for i, c := range p.conns {
		if c != nil {
			c.Close()
			p.conns[i] = nil
		}
	}
}

// reset gives both servers an empty data set, default thresholds and fresh connections.
func (p *Pair) reset() error {
	if !p.A.Alive() || !p.B.Alive() {
		p.Close()
		p.A.Stop()
		p.B.Stop()
		a, b, err := p.Start()
		if err != nil {
			return err
		}
		p.A, p.B = a, b
	}
	p.Close()
	for i, s := range []*Server{p.A, p.B} {
		c, err := Dial(s.Addr)
		if err != nil {
			return err
		}
		p.conns[i] = c
		if p.Proto == 3 {
			if _, err := c.Do("HELLO", "3"); err != nil {
				return err
			}
		}
		for _, args := range [][]string{{"FLUSHALL"}, defaults()} {
			reply, err := c.Do(args...)
			if err != nil {
				return err
			}
			if string(reply) != "+OK\r\n" {
				return fmt.Errorf("%s: %s: %q", s.Name, args, reply)
			}
		}
	}
	return nil
}

// batch is how many commands are sent before their replies are read: large enough to exercise pipelining, small
// enough that no socket buffer fills.
const batch = 100

// Play resets both servers, sends the commands to both and returns the first difference, or nil.
func (p *Pair) Play(commands []Command) (*Difference, error) {
	if err := p.reset(); err != nil {
		return nil, err
	}
	for start := 0; start < len(commands); start += batch {
		part := commands[start:min(start+batch, len(commands))]
		for _, c := range p.conns {
			for _, cmd := range part {
				c.Queue(cmd.Args...)
			}
			if err := c.Flush(); err != nil {
				return &Difference{start + len(part) - 1, fmt.Sprintf("cannot send: %v", err)}, nil
			}
		}
		for i, cmd := range part {
			var replies [2][]byte
			var errs [2]error
			for j, c := range p.conns {
				replies[j], errs[j] = c.Read()
			}
			if errs[0] != nil || errs[1] != nil {
				return &Difference{start + i, p.report(replies, errs)}, nil
			}
			if !sameReply(cmd.Compare, replies[0], replies[1]) && !staleErrno(cmd, replies[1]) {
				return &Difference{start + i, p.report(replies, errs)}, nil
			}
		}
	}
	text, err := p.compareData()
	if err != nil || text == "" {
		return nil, err
	}
	return &Difference{len(commands), text}, nil
}

func (p *Pair) report(replies [2][]byte, errs [2]error) string {
	var b strings.Builder
	width := max(len(p.A.Name), len(p.B.Name))
	for i, s := range []*Server{p.A, p.B} {
		fmt.Fprintf(&b, "    %-*s  %s", width, s.Name, quoteShort(replies[i]))
		if errs[i] != nil {
			fmt.Fprintf(&b, " <%v>", errs[i])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// staleErrno recognises a SORT that redis-server refuses because a command before it, in the same pipeline, read a number that was out of
// range: it looks at an errno that nobody has reset (docs/differences.md).
func staleErrno(cmd Command, reference []byte) bool {
	return strings.HasPrefix(cmd.Args[0], "SORT") && string(reference) == "-ERR One or more scores can't be converted into double\r\n"
}

// sameReply compares as a template says.
func sameReply(how byte, a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	if how == '=' || IsError(a) || IsError(b) {
		return false
	}
	switch how {
	case '?':
		return bytes.Equal(Unordered(a, 1), Unordered(b, 1))
	case '!':
		return bytes.Equal(Unordered(a, 2), Unordered(b, 2))
	}
	x, errX := ParseReply(a)
	y, errY := ParseReply(b)
	if errX != nil || errY != nil {
		return false
	}
	switch how {
	case '5':
		return closeTo(x, y, 5)
	case 'k':
		return closeTo(x, y, 5000)
	case 't':
		return sameTimes(x, y)
	}
	return x.Kind == y.Kind && x.Null == y.Null && len(x.Elems) == len(y.Elems)
}

// closeTo says whether two replies are the same but for integers that differ by at most by.
func closeTo(a, b Value, by int64) bool {
	if a.Kind != b.Kind || a.Null != b.Null || len(a.Elems) != len(b.Elems) {
		return false
	}
	for i := range a.Elems {
		if !closeTo(a.Elems[i], b.Elems[i], by) {
			return false
		}
	}
	if a.Kind != ':' {
		return len(a.Elems) > 0 || bytes.Equal(a.Text, b.Text)
	}
	x, _ := strconv.ParseInt(string(a.Text), 10, 64)
	y, _ := strconv.ParseInt(string(b.Text), 10, 64)
	return max(x-y, y-x) <= by && (x < 0) == (y < 0)
}

// sameTimes says whether two replies are the same but for points in time, which are integers above the year 2001 in
// milliseconds.
func sameTimes(a, b Value) bool {
	if a.Kind != b.Kind || a.Null != b.Null || len(a.Elems) != len(b.Elems) {
		return false
	}
	for i := range a.Elems {
		if !sameTimes(a.Elems[i], b.Elems[i]) {
			return false
		}
	}
	if bytes.Equal(a.Text, b.Text) {
		return true
	}
	const year2001 = 1e12
	n, _ := strconv.ParseInt(string(a.Text), 10, 64)
	return a.Kind == ':' && n > year2001 && closeTo(a, b, 5000)
}

// databases is how many of the 16 the streams use.
const databases = 3

// compareData compares the data sets, their digest first, and describes the first difference.
func (p *Pair) compareData() (string, error) {
	if text, err := p.compareDigest(); err != nil || text != "" {
		return text, err
	}
	return p.compareKeys()
}

// compareKeys compares the data sets key by key.
func (p *Pair) compareKeys() (string, error) {
	for db := range databases {
		var keys [2][]string
		for i, c := range p.conns {
			// DISCARD for a stream that was cut inside a transaction.
			if _, err := c.Do("DISCARD"); err != nil {
				return "", err
			}
			if _, err := c.Do("SELECT", strconv.Itoa(db)); err != nil {
				return "", err
			}
			reply, err := c.Do("KEYS", "*")
			if err != nil {
				return "", err
			}
			v, err := ParseReply(reply)
			if err != nil {
				return "", err
			}
			for _, e := range v.Elems {
				keys[i] = append(keys[i], string(e.Text))
			}
			slices.Sort(keys[i])
		}
		if !slices.Equal(keys[0], keys[1]) {
			return fmt.Sprintf("    keys of db %d: %s %q, %s %q\n", db, p.A.Name, keys[0], p.B.Name, keys[1]), nil
		}
		for _, key := range keys[0] {
			text, err := p.compareKey(key)
			if err != nil {
				return "", err
			}
			if text != "" {
				return fmt.Sprintf("    key %q of db %d: %s", key, db, text), nil
			}
		}
	}
	return "", nil
}

// compareDigest compares Redis's digest of all databases. Keys that have expired belong to it until they are removed, which a
// scan does.
func (p *Pair) compareDigest() (string, error) {
	for db := range databases {
		for _, c := range p.conns {
			for _, args := range [][]string{{"DISCARD"}, {"SELECT", strconv.Itoa(db)}, {"SCAN", "0", "COUNT", "100000"}} {
				if _, err := c.Do(args...); err != nil {
					return "", err
				}
			}
		}
	}
	_, report, err := p.ask('=', "DEBUG", "DIGEST")
	if report == "" || err != nil {
		return "", err
	}
	// Which key it is says more; if none differs by itself, the digests are the finding.
	text, err := p.compareKeys()
	if err != nil || text != "" {
		return text, err
	}
	return "    " + report, nil
}

// ask sends one command to both servers and returns a report if the replies differ.
func (p *Pair) ask(how byte, args ...string) (replies [2][]byte, report string, err error) {
	for i, c := range p.conns {
		if replies[i], err = c.Do(args...); err != nil {
			return replies, "", err
		}
	}
	if !sameReply(how, replies[0], replies[1]) {
		report = fmt.Sprintf("%s\n%s", Command{Args: args}, p.report(replies, [2]error{}))
	}
	return replies, report, nil
}

// content is the command that shows a value whole, per type.
var content = map[string]struct {
	how  byte
	args func(key string) []string
}{
	"string": {'=', func(k string) []string { return []string{"GET", k} }},
	"list":   {'=', func(k string) []string { return []string{"LRANGE", k, "0", "-1"} }},
	"hash":   {'!', func(k string) []string { return []string{"HGETALL", k} }},
	"set":    {'?', func(k string) []string { return []string{"SMEMBERS", k} }},
	"zset":   {'=', func(k string) []string { return []string{"ZRANGE", k, "0", "-1", "WITHSCORES"} }},
	"stream": {'t', func(k string) []string { return []string{"XINFO", "STREAM", k, "FULL", "COUNT", "0"} }},
}

func (p *Pair) compareKey(key string) (string, error) {
	kinds, report, err := p.ask('=', "TYPE", key)
	if err != nil || report != "" {
		return report, err
	}
	encodings, report, err := p.ask('=', "OBJECT", "ENCODING", key)
	if err != nil || report != "" {
		return report, err
	}
	if _, report, err := p.ask('k', "PEXPIRETIME", key); err != nil || report != "" {
		return report, err
	}
	kind := string(bytes.Trim(kinds[0], "+\r\n"))
	show, ok := content[kind]
	if !ok {
		return "", nil // its time ran out on both since it was listed
	}
	if _, report, err := p.ask(show.how, show.args(key)...); err != nil || report != "" {
		return report, err
	}
	if kind == "hash" && !p.noFieldTimes {
		if report, err := p.compareFieldTimes(key); err != nil || report != "" {
			return report, err
		}
	}
	// The payload follows the order inside the value, which is free for hash tables, and for small sets that were
	// computed from hash tables; that of a stream may have the times at which its consumers were seen, that of a hash those at
	// which its fields expire.
	how := byte('=')
	listpack := bytes.Contains(encodings[0], []byte("listpack"))
	if bytes.Contains(encodings[0], []byte("hashtable")) || bytes.Contains(encodings[0], []byte("listpackex")) || kind == "set" && listpack {
		how = '~'
	}
	if kind == "stream" {
		groups, report, err := p.ask('=', "XINFO", "GROUPS", key)
		if err != nil || report != "" {
			return report, err
		}
		if string(groups[0]) != "*0\r\n" {
			how = '~'
		}
	}
	payloads, report, err := p.ask(how, "DUMP", key)
	if err != nil || report != "" {
		return report, err
	}
	return p.exchange(key, kind, payloads)
}

// compareFieldTimes compares the expiry of each field of a hash.
func (p *Pair) compareFieldTimes(key string) (string, error) {
	reply, err := p.conns[0].Do("HKEYS", key)
	if err != nil {
		return "", err
	}
	v, err := ParseReply(reply)
	if err != nil || len(v.Elems) == 0 {
		return "", err
	}
	args := []string{"HPEXPIRETIME", key, "FIELDS", strconv.Itoa(len(v.Elems))}
	for _, e := range v.Elems {
		args = append(args, string(e.Text))
	}
	_, report, err := p.ask('k', args...)
	return report, err
}

// exchange restores each server's payload on the other and compares what comes of it.
func (p *Pair) exchange(key, kind string, payloads [2][]byte) (string, error) {
	const name = "restored"
	for i, c := range p.conns {
		v, err := ParseReply(payloads[1-i])
		if err != nil {
			return "", err
		}
		reply, err := c.Do("RESTORE", name, "0", string(v.Text), "REPLACE")
		if err != nil {
			return "", err
		}
		if string(reply) != "+OK\r\n" {
			return fmt.Sprintf("RESTORE of the other's payload: %q for %q", reply, v.Text), nil
		}
	}
	defer func() {
		for _, c := range p.conns {
			_, _ = c.Do("DEL", name)
		}
	}()
	if _, report, err := p.ask('=', "OBJECT", "ENCODING", name); err != nil || report != "" {
		return report, err
	}
	show := content[kind]
	_, report, err := p.ask(show.how, show.args(name)...)
	return report, err
}

// Shrink drops commands while the difference stays, for at most limit. Transactions are dropped whole: commands
// that move into one would be compared by the wrong rule.
func (p *Pair) Shrink(commands []Command, d *Difference, limit time.Duration) ([]Command, *Difference) {
	deadline := time.Now().Add(limit)
	units := inUnits(commands, d.At)
	for size := max(len(units)/2, 1); time.Now().Before(deadline); {
		dropped := false
		for at := 0; at < len(units) && time.Now().Before(deadline); {
			end := min(at+size, len(units))
			fewer := slices.Concat(units[:at], units[end:])
			flat := slices.Concat(fewer...)
			found, err := p.Play(flat)
			if err != nil || found == nil {
				at = end
				continue
			}
			units, d, dropped = inUnits(flat, found.At), found, true
		}
		if size == 1 && !dropped {
			break
		}
		size = max(min(size, len(units))/2, 1)
	}
	return slices.Concat(units...), d
}

// inUnits groups transactions and cuts what follows the command at last.
func inUnits(commands []Command, last int) [][]Command {
	var units [][]Command
	inside := false
	for i, c := range commands {
		if i > last && !inside {
			break
		}
		if inside || c.Args[0] == "DEBUG" && len(units) > 0 { // a sleep belongs to the expiry in front of it
			units[len(units)-1] = append(units[len(units)-1], c)
		} else {
			units = append(units, []Command{c})
		}
		switch c.Args[0] {
		case "MULTI":
			inside = true
		case "EXEC", "DISCARD":
			inside = false
		}
	}
	return units
}

// Repro formats commands as a script that the runner and, line by line, redis-cli understand.
func Repro(commands []Command) string {
	var b strings.Builder
	for _, c := range commands {
		fmt.Fprintf(&b, "    %s\n", c)
	}
	return b.String()
}

// ErrTooMany stops a run that finds differences everywhere.
var ErrTooMany = errors.New("too many differences")

// Options of a random run.
type Options struct {
	Seed      uint64
	Commands  int            // in all
	Round     int            // between two comparisons of the data
	MaxFound  int            // distinct differences after which the run stops
	ShrinkFor time.Duration  // per difference
	Only      *regexp.Regexp // names of the commands, if not all
	Later     []string       // commands that the server under test need not have yet
}

// Known splits the templates into those whose commands a server has and the names of the commands that it lacks, so
// that one missing command does not hide what else differs.
func Known(s *Server, all []template) (known []template, missing []string, err error) {
	c, err := Dial(s.Addr)
	if err != nil {
		return nil, nil, err
	}
	defer c.Close()
	for _, t := range all {
		reply, err := c.Do("COMMAND", "INFO", t.name)
		if err != nil {
			return nil, nil, err
		}
		if v, err := ParseReply(reply); err == nil && len(v.Elems) == 1 && v.Elems[0].Null {
			if !slices.Contains(missing, t.name) {
				missing = append(missing, t.name)
			}
			continue
		}
		known = append(known, t)
	}
	return known, missing, nil
}

// derivedFrom asks a server for the syntax of its commands.
func derivedFrom(s *Server) ([]template, error) {
	c, err := Dial(s.Addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	reply, err := c.Do("COMMAND", "DOCS")
	if err != nil {
		return nil, err
	}
	return Derive(reply)
}

// Stream plays random commands on both servers and hands each distinct difference, shrunk, to report.
func Stream(p *Pair, o Options, report func(string)) error {
	defer p.Close()
	seen := map[string]bool{}
	derived, err := derivedFrom(p.B)
	if err != nil {
		return err
	}
	from, missing, err := Known(p.A, slices.Concat(templates, derived))
	if err != nil {
		return err
	}
	p.noFieldTimes = slices.Contains(missing, "HPEXPIRETIME")
	missing = slices.DeleteFunc(missing, func(name string) bool { return slices.Contains(o.Later, name) })
	if len(missing) > 0 {
		report(fmt.Sprintf("%s lacks %s", p.A.Name, strings.Join(missing, " ")))
	}
	if o.Only != nil {
		from = slices.DeleteFunc(from, func(t template) bool { return !o.Only.MatchString(t.name) })
	}
	for round := uint64(0); o.Commands > 0; round++ {
		g := NewGenerator(o.Seed+round, from)
		commands := g.Preamble()
		n := min(o.Round, o.Commands)
		for len(commands) < n {
			commands = append(commands, g.Next()...)
		}
		o.Commands -= n
		p.Proto = 2 + int(round%2)
		d, err := p.Play(commands)
		if err != nil {
			return fmt.Errorf("seed %d: %w", o.Seed+round, err)
		}
		if d == nil {
			continue
		}
		short, d := p.Shrink(commands, d, o.ShrinkFor)
		kind := "data"
		if d.At < len(short) {
			kind = short[d.At].Args[0]
		}
		if seen[kind] {
			continue
		}
		seen[kind] = true
		report(fmt.Sprintf("seed %d, RESP%d, after:\n%s%s", o.Seed+round, p.Proto, Repro(short), d.Text))
		if len(seen) >= o.MaxFound {
			return ErrTooMany
		}
	}
	return nil
}
