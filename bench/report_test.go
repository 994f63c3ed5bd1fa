package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMedian(t *testing.T) {
	require.Equal(t, 2.0, median([]float64{9, 2, 1}))
	require.Equal(t, 1.5, median([]float64{2, 1}))
}

func TestTables(t *testing.T) {
	r := &report{
		rounds: 5, version: "0.1.0", noModule: "berth did not load it.",
		speeds: []speed{
			{row: "PING", pipeline: 16, redis: 1.5, valkey: 0.5, faster: 0.75, perSec: [servers]float64{3000, 2000, 6000}, cpu: [servers]float64{1, 2, 3}},
			{row: "Call INCR", pipeline: 1, skipped: "no module"},
		},
		memory: []memory{{shape: "hash of 10", unit: "key", used: [servers]float64{90, 200, 100}}},
	}
	var b bytes.Buffer
	r.markdown(&b)
	require.Contains(t, b.String(), "| PING | 16 | 1.50 | 0.50 | 0.75 ▾ | 3 | 2 | 6 | 1.00 | 2.00 | 3.00 |\n")
	require.Contains(t, b.String(), "| Call INCR | 1 | skipped |")
	require.Contains(t, b.String(), "The module rows were skipped: berth did not load it.\n")
	require.Contains(t, b.String(), "| hash of 10 | key | 90.0 (0) | 200.0 (0) | 100.0 (0) | 0.90 |\n")
}

func TestWriteReportKeepsTheRest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.md")
	require.NoError(t, os.WriteFile(path, []byte("before\n"+markBegin+"old\n"+markEnd+"after\n"), 0o644))
	require.NoError(t, writeReport(path, "new"))
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "before\n"+markBegin+"\nnew\n"+markEnd+"after\n", string(got))
	require.NoError(t, os.WriteFile(path, []byte("nothing"), 0o644))
	require.ErrorContains(t, writeReport(path, "new"), "has lost its marks")
}

// The file that -write writes has its marks.
func TestPerformancePage(t *testing.T) {
	b, err := os.ReadFile("../docs/performance.md")
	require.NoError(t, err)
	require.Contains(t, string(b), markBegin)
	require.Contains(t, string(b), markEnd)
}
