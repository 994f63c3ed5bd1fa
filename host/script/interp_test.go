package script

import (
	"testing"

	"github.com/stretchr/testify/require"
	lua "github.com/yuin/gopher-lua"
)

// The instruction of a frame is read from a field that is private to gopher-lua: whoever changes the library's version
// learns here that it is there no more.
func TestFrame(t *testing.T) {
	L := lua.NewState()
	defer L.Close()
	pcs := map[int]int{} // by line
	L.SetGlobal("here", L.NewFunction(func(L *lua.LState) int {
		d, ok := L.GetStack(1)
		require.True(t, ok)
		_, err := L.GetInfo("l", d, lua.LNil)
		require.NoError(t, err)
		require.NotPanics(t, func() { pcs[d.CurrentLine] = pc(d) },
			"lua.Debug has no frame.Pc any more: look for where this version of gopher-lua keeps the instruction of a frame, and change pc")
		return 0
	}))
	require.NoError(t, L.DoString("here()\nlocal x = 1\nhere()\nfor i = 1, 1 do\nhere() end"))
	require.Len(t, pcs, 3)
	fn, err := L.LoadString("here()\nlocal x = 1\nhere()\nfor i = 1, 1 do\nhere() end")
	require.NoError(t, err)
	for line, at := range pcs {
		require.Equal(t, line, fn.Proto.DbgSourcePositions[at],
			"frame.Pc of gopher-lua does not count as it did: pc must be the index of the instruction that runs")
	}
}
