package lzf

const (
	tableBits   = 16
	maxLiterals = 1 << 5
	maxDistance = 1 << 13
	maxMatch    = 1<<8 + 1<<3
)

// Compressor keeps the table of positions between calls. The zero value is ready. It is
// not safe for concurrent use.
type Compressor struct {
	// last holds where three bytes were last seen, counted from an origin that moves
	// on with every call: so what earlier calls left needs no clearing.
	last   [1 << tableBits]uint32
	origin uint32
}

func slot(p []byte, i int) uint32 {
	h := uint32(p[i])<<16 | uint32(p[i+1])<<8 | uint32(p[i+2])
	return (h>>(24-tableBits) - h*5) & (1<<tableBits - 1)
}

// Compress compresses src into dst and returns the number of bytes written, or 0 when
// they would not fit. src is shorter than 4 GiB.
func (c *Compressor) Compress(dst, src []byte) int {
	n := len(src)
	if n == 0 || len(dst) == 0 {
		return 0
	}
	if uint64(c.origin)+uint64(n) >= 1<<32 {
		*c = Compressor{}
	}
	origin := c.origin
	c.origin += uint32(n)

	in, out := 0, 1 // out leaves room for the control byte of the run of literals
	lit := 0
	for in < n-2 {
		s := slot(src, in)
		ref := int(c.last[s]) - int(origin)
		c.last[s] = origin + uint32(in)
		// The reference compressor's table can't tell position 0 from none.
		if ref <= 0 || in-ref > maxDistance ||
			src[ref] != src[in] || src[ref+1] != src[in+1] || src[ref+2] != src[in+2] {
			if out >= len(dst) {
				return 0
			}
			dst[out] = src[in]
			out, in, lit = out+1, in+1, lit+1
			if lit == maxLiterals {
				dst[out-lit-1] = byte(lit - 1)
				out, lit = out+1, 0
			}
			continue
		}

		end := out
		if lit == 0 {
			end-- // no literals: their control byte is taken back
		}
		if end+4 >= len(dst) {
			return 0
		}
		if lit > 0 {
			dst[out-lit-1] = byte(lit - 1)
		}
		out = end

		// A match may use up the input, except that the last two bytes are left when the
		// rest is long, or very short: the reference compressor's loop is unrolled.
		most := min(n-in-2, maxMatch)
		if most > 16 {
			most = max(most, 19)
		}
		length := 3
		for length < most && src[ref+length] == src[in+length] {
			length++
		}
		dist := in - ref - 1
		if code := length - 2; code < 7 {
			dst[out] = byte(code<<5 | dist>>8)
			out++
		} else {
			dst[out], dst[out+1] = byte(7<<5|dist>>8), byte(code-7)
			out += 2
		}
		dst[out] = byte(dist)
		out += 2
		lit = 0
		in += length
		if in >= n-2 {
			break
		}
		// Of what the match covered, only its last two positions are noted.
		for i := in - 2; i < in; i++ {
			c.last[slot(src, i)] = origin + uint32(i)
		}
	}
	// At most two bytes are left, and perhaps another control byte.
	if out+3 > len(dst) {
		return 0
	}
	for ; in < n; in++ {
		dst[out] = src[in]
		out, lit = out+1, lit+1
		if lit == maxLiterals {
			dst[out-lit-1] = byte(lit - 1)
			out, lit = out+1, 0
		}
	}
	if lit == 0 {
		return out - 1
	}
	dst[out-lit-1] = byte(lit - 1)
	return out
}

// Expand expands src into dst, and reports whether it is well formed and fills dst exactly.
func Expand(dst, src []byte) bool {
	out := 0
	for len(src) > 0 {
		ctrl := int(src[0])
		src = src[1:]
		if ctrl < maxLiterals {
			n := ctrl + 1
			if n > len(src) || n > len(dst)-out {
				return false
			}
			copy(dst[out:], src[:n])
			src = src[n:]
			out += n
			continue
		}
		n := ctrl >> 5
		if n == 7 {
			if len(src) == 0 {
				return false
			}
			n += int(src[0])
			src = src[1:]
		}
		n += 2
		if len(src) == 0 {
			return false
		}
		from := out - (ctrl&31<<8 | int(src[0])) - 1
		src = src[1:]
		if from < 0 || n > len(dst)-out {
			return false
		}
		// Source and destination may overlap: bytes just written are read again.
		for i := range n {
			dst[out+i] = dst[from+i]
		}
		out += n
	}
	return out == len(dst)
}
