package host

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// Error codes that somebody makes up do not fill the memory: beyond 128 of
// them the table is given up until the statistics are reset.
func TestErrorCodesAreBounded(t *testing.T) {
	s, _, log := loggedServer(t)
	c := (&testServer{s, t}).client()
	count := func(from, to int) {
		s.Do(func() {
			for i := from; i < to; i++ {
				s.countErrorCode(fmt.Sprintf("E%d text", i))
			}
		})
	}
	count(0, 128)
	count(5, 6)
	require.Equal(t, "count=2", c.infoField("errorstats", "errorstat_E5"))
	require.NotContains(t, log.String(), "Errorstats stopped")
	count(128, 130)
	require.Equal(t, "# Errorstats\r\nerrorstat_ERRORSTATS_DISABLED:count=1\r\n", c.text("INFO errorstats"))
	require.Contains(t, log.String(), "# Errorstats stopped adding new errors because the number of errors reached the limit")
	require.Contains(t, log.String(), "# Current errors code list: E0, E1, E10, E100, ")
	c.do("nosuch")
	require.Equal(t, "count=1", c.infoField("errorstats", "errorstat_ERRORSTATS_DISABLED"))
	c.do("CONFIG RESETSTAT")
	c.do("nosuch")
	require.Equal(t, "# Errorstats\r\nerrorstat_ERR:count=1\r\n", c.text("INFO errorstats"))
}
