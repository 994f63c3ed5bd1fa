package difftest

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAppendOnlyFile plays the scripts of the commands and compares what they leave in the append only file.
func TestAppendOnlyFile(t *testing.T) {
	scripts, err := filepath.Glob(filepath.Join("testdata", "commands", "*.rt"))
	require.NoError(t, err)
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".rt"), func(t *testing.T) {
			t.Parallel()
			s, err := ParseScript(path, "")
			require.NoError(t, err)
			if s.Reference != "8.0" {
				t.Skip("for another server")
			}
			name, bin := subject(t, "8.0")
			args := append([]string{"--appendonly", "yes", "--appendfsync", "no", "--auto-aof-rewrite-percentage", "0"}, s.ServerArgs...)
			a := StartT(t, name, bin, args...)
			b := StartT(t, "redis", oracle(t, "8.0"), args...)
			for _, server := range []*Server{a, b} {
				// What nobody looks at expires at some time or other.
				c, err := Dial(server.Addr)
				require.NoError(t, err)
				_, err = c.Do("DEBUG", "SET-ACTIVE-EXPIRE", "0")
				require.NoError(t, err)
				require.NoError(t, c.Close())
			}
			mine := make(chan []Outcome)
			go func() { mine <- s.Run(a.Addr, 2) }()
			s.Run(b.Addr, 2)
			<-mine
			x, err := a.AOFCommands()
			require.NoError(t, err)
			y, err := b.AOFCommands()
			require.NoError(t, err)
			if diff := CompareAOF(name, "redis", x, y); diff != "" {
				t.Error(diff)
			}
		})
	}
}
