package snapshot

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseCPUs(t *testing.T) {
	for list, want := range map[string][]int{
		"0": {0}, "0,2,5": {0, 2, 5}, "1-3": {1, 2, 3}, "0-8:4,9": {0, 4, 8, 9}, " 1 , 3 ": {1, 3},
	} {
		set, ok := parseCPUs(list)
		require.True(t, ok, list)
		require.Equal(t, len(want), set.Count(), list)
		for _, n := range want {
			require.True(t, set.IsSet(n), list)
		}
	}
	for _, list := range []string{"", "x", "-1", "3-1", "1-", "1:2", "1-5:0", "0,,1", "99999999"} {
		_, ok := parseCPUs(list)
		require.False(t, ok, list)
	}
}
