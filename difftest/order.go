package difftest

import (
	"bytes"
	"slices"
	"strconv"
)

// Unordered rewrites a raw reply so that two replies with the same elements in another order become equal: the
// elements of every aggregate are sorted in groups of group. Maps are sorted by pairs. What is not a RESP value
// is returned as it is.
func Unordered(raw []byte, group int) []byte {
	v, err := ParseReply(raw)
	if err != nil {
		return raw
	}
	return appendSorted(nil, v, group)
}

func appendSorted(dst []byte, v Value, group int) []byte {
	dst = append(dst, v.Kind)
	switch v.Kind {
	case '*', '~', '>', '%', '|':
		if v.Null {
			return append(dst, "-1\r\n"...)
		}
	case '$', '=', '!':
		if v.Null {
			return append(dst, "-1\r\n"...)
		}
		dst = strconv.AppendInt(dst, int64(len(v.Text)), 10)
		dst = append(dst, '\r', '\n')
		dst = append(dst, v.Text...)
		return append(dst, '\r', '\n')
	default:
		dst = append(dst, v.Text...)
		return append(dst, '\r', '\n')
	}
	n := len(v.Elems)
	if v.Kind == '%' || v.Kind == '|' {
		group = 2
		n /= 2
	}
	dst = strconv.AppendInt(dst, int64(n), 10)
	dst = append(dst, '\r', '\n')
	var groups [][]byte
	for chunk := range slices.Chunk(v.Elems, group) {
		var g []byte
		for _, e := range chunk {
			g = appendSorted(g, e, group)
		}
		groups = append(groups, g)
	}
	slices.SortFunc(groups, bytes.Compare)
	return append(dst, bytes.Join(groups, nil)...)
}
