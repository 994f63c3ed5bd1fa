package difftest

import (
	"flag"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	seedFlag     = flag.Uint64("seed", 1, "first seed of the random streams (0: from the clock)")
	onlyFlag     = flag.String("only", "", "names of the commands in random streams, as a regular expression")
	commandsFlag = flag.Int("commands", 0, "how many random commands (0: DIFFTEST_COMMANDS, or a few)")
)

// TestRandom plays random commands on berth and on redis-server 8.0. A failure prints the seed and the shortest
// list of commands that still shows the difference.
func TestRandom(t *testing.T) {
	name, bin := subject(t, "8.0")
	ref := oracle(t, "8.0")
	start := func() (*Server, *Server, error) {
		// Blocking commands notice their timeout at the next tick of the clock, so it ticks fast.
		a, err := Start(name, bin, "--hz", "500")
		if err != nil {
			return nil, nil, err
		}
		b, err := Start("8.0", ref, "--hz", "500")
		if err != nil {
			a.Stop()
		}
		return a, b, err
	}
	a, b, err := start()
	require.NoError(t, err)
	p := &Pair{A: a, B: b, Start: start}
	defer func() {
		if t.Failed() {
			t.Logf("log of %s:\n%s", p.A.Name, p.A.LogTail(2000))
		}
		p.A.Stop()
		p.B.Stop()
	}()

	o := Options{Seed: *seedFlag, Commands: *commandsFlag, Round: 2000, MaxFound: 10, ShrinkFor: 20 * time.Second}
	if *onlyFlag != "" {
		o.Only = regexp.MustCompile(*onlyFlag)
	}
	if o.Seed == 0 {
		o.Seed = uint64(time.Now().UnixNano() / 1e6)
	}
	if o.Commands == 0 {
		o.Commands = 60000
		if n, err := strconv.Atoi(os.Getenv("DIFFTEST_COMMANDS")); err == nil {
			o.Commands = n
		}
	}
	t.Logf("seed %d, %d commands", o.Seed, o.Commands)
	if err := Stream(p, o, func(text string) { t.Error(text) }); err != nil {
		t.Error(err)
	}
}

// TestStreamShrinks compares servers that are known to differ: the stream must find it and come down to the few
// commands that matter.
func TestStreamShrinks(t *testing.T) {
	a := StartT(t, "8.0", oracle(t, "8.0"))
	b := StartT(t, "valkey", oracle(t, "valkey-8.1"))
	p := &Pair{A: a, B: b, Proto: 2}
	defer p.Close()
	g := NewGenerator(1, templates)
	var commands []Command
	for len(commands) < 300 {
		commands = append(commands, g.one(func(tpl template) bool { return tpl.literal }))
	}
	// Valkey has no hash field commands of Redis 8.
	commands = append(commands, Command{Args: []string{"HGETDEL", "h1", "FIELDS", "1", "f1"}, Compare: '='})
	d, err := p.Play(commands)
	require.NoError(t, err)
	require.NotNil(t, d)
	short, d := p.Shrink(commands, d, 10*time.Second)
	require.Len(t, short, 1, Repro(short))
	require.Contains(t, d.Text, "unknown command")
}

// TestGeneratorRepeats pins that a seed names one stream, and that what is printed can be read back.
func TestGeneratorRepeats(t *testing.T) {
	one, two := NewGenerator(7, templates), NewGenerator(7, templates)
	for range 2000 {
		x, y := one.Next(), two.Next()
		require.Equal(t, x, y)
		for _, c := range x {
			args, err := SplitArgs(c.String())
			require.NoError(t, err, c.String())
			require.Equal(t, c.Args, args)
		}
	}
}

// TestTemplatesAreKnown sends each template's command name to the reference server: a misspelt one would test nothing.
func TestTemplatesAreKnown(t *testing.T) {
	s := StartT(t, "8.0", oracle(t, "8.0"))
	c, err := Dial(s.Addr)
	require.NoError(t, err)
	defer c.Close()
	g := NewGenerator(3, templates)
	derived, err := derivedFrom(s)
	require.NoError(t, err)
	require.Greater(t, len(derived), 150)
	for _, tpl := range slices.Concat(templates, derived) {
		args := tpl.body.emit(g, nil)
		reply, err := c.Do(args...)
		require.NoError(t, err)
		require.False(t, strings.HasPrefix(string(reply), "-ERR unknown"), "%q: %s", args, reply)
	}
}
