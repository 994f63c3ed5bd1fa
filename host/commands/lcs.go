package commands

import (
	"berth/host/command"
	"berth/keyspace"
)

// cmdLCS finds the longest common subsequence of two strings by the usual
// table of lengths, which is walked back from its end.
func cmdLCS(c *command.Ctx) {
	var text [2][]byte
	var scratch [2]keyspace.Scratch
	for i := range text {
		e := c.LookupRead(c.Args[1+i])
		if e == nil {
			continue
		}
		if e.Type() != keyspace.String {
			c.Error("ERR The specified keys must contain string values")
			return
		}
		text[i] = keyspace.StringBytes(e, scratch[i][:0])
	}
	a, b := text[0], text[1]
	var wantLen, wantIdx, withLen bool
	var minLen int64
	for i := 3; i < len(c.Args); i++ {
		switch {
		case c.ArgIs(i, "idx"):
			wantIdx = true
		case c.ArgIs(i, "len"):
			wantLen = true
		case c.ArgIs(i, "withmatchlen"):
			withLen = true
		case c.ArgIs(i, "minmatchlen") && i+1 < len(c.Args):
			var ok bool
			if minLen, ok = c.IntArg(i + 1); !ok {
				return
			}
			minLen = max(minLen, 0)
			i++
		default:
			c.Error(command.ErrSyntax)
			return
		}
	}
	if wantIdx && wantLen {
		c.Error("ERR If you want both the length and indexes, please just use IDX.")
		return
	}
	if int64(len(a)) >= 1<<32-2 || int64(len(b)) >= 1<<32-2 {
		c.Error("ERR String too long for LCS")
		return
	}
	width := int64(len(b) + 1)
	cells := int64(len(a)+1) * width
	if cells*4 > c.Host.MaxBulkLen() {
		c.Error("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len")
		return
	}
	table := make([]uint32, cells)
	for i := 1; i <= len(a); i++ {
		row, above := table[int64(i)*width:], table[int64(i-1)*width:]
		for j := 1; j <= len(b); j++ {
			if a[i-1] == b[j-1] {
				row[j] = above[j-1] + 1
			} else {
				row[j] = max(above[j], row[j-1])
			}
		}
	}
	total := table[cells-1]
	if wantLen {
		c.Int(int64(total))
		return
	}
	walk := lcsWalk{c: c, minLen: minLen, withLen: withLen, report: wantIdx}
	if wantIdx {
		c.Map(2)
		c.BulkString("matches")
		walk.mark = c.Defer()
	}
	result := make([]byte, total)
	left := total
	i, j := len(a), len(b)
	for i > 0 && j > 0 && left > 0 {
		switch {
		case a[i-1] == b[j-1]:
			left--
			result[left] = a[i-1]
			walk.match(i-1, j-1)
			i, j = i-1, j-1
		case table[int64(i-1)*width+int64(j)] > table[int64(i)*width+int64(j-1)]:
			i--
		default:
			j--
		}
	}
	walk.flush()
	if !wantIdx {
		c.Bulk(result)
		return
	}
	c.DeferredArray(walk.mark, walk.ranges)
	c.BulkString("len")
	c.Int(int64(total))
}

// lcsWalk joins matching positions, which come in descending order, to ranges
// and replies with each.
type lcsWalk struct {
	c          *command.Ctx
	minLen     int64
	withLen    bool
	report     bool
	mark       command.Mark
	ranges     int
	open       bool
	aFrom, aTo int
	bFrom, bTo int
}

func (w *lcsWalk) match(i, j int) {
	if w.open && w.aFrom == i+1 && w.bFrom == j+1 {
		w.aFrom, w.bFrom = i, j
		return
	}
	w.flush()
	w.open = true
	w.aFrom, w.aTo, w.bFrom, w.bTo = i, i, j, j
}

func (w *lcsWalk) flush() {
	if !w.open {
		return
	}
	w.open = false
	n := int64(w.aTo - w.aFrom + 1)
	if !w.report || w.minLen != 0 && n < w.minLen {
		return
	}
	w.ranges++
	c := w.c
	if w.withLen {
		c.Array(3)
	} else {
		c.Array(2)
	}
	c.Array(2)
	c.Int(int64(w.aFrom))
	c.Int(int64(w.aTo))
	c.Array(2)
	c.Int(int64(w.bFrom))
	c.Int(int64(w.bTo))
	if w.withLen {
		c.Int(n)
	}
}
