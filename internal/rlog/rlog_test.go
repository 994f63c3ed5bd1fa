package rlog

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLineFormat(t *testing.T) {
	var out bytes.Buffer
	h := New(&out)
	h.SetPID(6464)
	h.SetRole('M')
	h.SetLevel(LevelDebug)
	log := slog.New(h)
	log.Info("Ready to accept connections tcp")
	log.Debug("d")
	h.Logf(LevelVerbose, "%d clients", 3)
	log.Error("w", "key", 1)
	log.WithGroup("g").With("a", 2).Warn("x", slog.Group("h", "b", "c"))
	const when = `6464:M \d\d [A-Z][a-z][a-z] 20\d\d \d\d:\d\d:\d\d\.\d{3} `
	require.Regexp(t, `^`+when+`\* Ready to accept connections tcp\n`+when+`\. d\n`+when+`- 3 clients\n`+
		when+`# w key=1\n`+when+`\* x g\.a=2 g\.h\.b=c\n$`, out.String())
}

func TestLevelFilter(t *testing.T) {
	var out bytes.Buffer
	h := New(&out)
	h.SetLevel(LevelWarning)
	h.Log(LevelNotice, "no")
	h.Raw(LevelNotice, "no")
	require.Empty(t, out.String())
	h.Log(LevelWarning, "yes")
	require.Contains(t, out.String(), " # yes\n")
	out.Reset()
	h.SetLevel(LevelNothing)
	h.Log(LevelWarning, "no")
	require.Empty(t, out.String())
}

func TestFormattedTextIsCut(t *testing.T) {
	var out bytes.Buffer
	h := New(&out)
	h.Logf(LevelNotice, "%s", strings.Repeat("x", 3000))
	require.Equal(t, 1023, strings.Count(out.String(), "x"))
	out.Reset()
	h.Log(LevelNotice, strings.Repeat("x", 3000))
	require.Equal(t, 3000, strings.Count(out.String(), "x"))
}

func TestFileSurvivesRotation(t *testing.T) {
	h := New(os.Stdout)
	name := filepath.Join(t.TempDir(), "log")
	require.NoError(t, os.WriteFile(name, []byte("before\n"), 0o644))
	h.SetFile(name)
	h.Raw(LevelNotice, "one\n")
	require.NoError(t, os.Rename(name, name+".1"))
	h.Raw(LevelNotice, "two\n")
	old, err := os.ReadFile(name + ".1")
	require.NoError(t, err)
	require.Equal(t, "before\none\n", string(old))
	now, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, "two\n", string(now))
}

func TestSyslogFacility(t *testing.T) {
	h := New(os.Stdout)
	require.NoError(t, h.SetSyslog("redis", "LOCAL3"))
	require.Error(t, h.SetSyslog("redis", "mail"))
}
