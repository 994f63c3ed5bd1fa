package glob

// maxStars bounds how many separate groups of `*` one pattern may open before
// it is declared not to match. Redis has the bound because it recurses; clients
// can observe it, so it is kept although this matcher does not recurse.
const maxStars = 1000

// Match reports whether s matches pattern as a whole. With nocase, ASCII letters
// compare equal whatever their case, except a letter that is escaped inside
// a `[...]` class. Neither slice is kept.
//
// The dialect: `*` any run, `?` any one byte, `[abc]`, `[a-z]`, `[^a]` classes,
// `\x` the byte x itself. An unclosed class ends with the pattern. A pattern that
// still has something to match when s is already empty at the start does not match, so
// `*` does not match the empty string.
func Match(pattern, s []byte, nocase bool) bool {
	var (
		p, i         int
		stars        int
		starP, starI = -1, 0
	)
	for p < len(pattern) && i < len(s) {
		ok := true
		next := p + 1
		switch c := pattern[p]; c {
		case '*':
			for p+1 < len(pattern) && pattern[p+1] == '*' {
				p++
			}
			if p+1 == len(pattern) {
				return true
			}
			if stars++; stars > maxStars {
				return false
			}
			// Only the latest `*` can still be worth widening: whatever an
			// earlier one could skip, the latest can skip as well.
			p++
			starP, starI = p, i
			continue
		case '?':
		case '[':
			ok, next = matchClass(pattern, p+1, s[i], nocase)
		default:
			if c == '\\' && p+1 < len(pattern) {
				p++
				c = pattern[p]
				next = p + 1
			}
			ok = c == s[i] || nocase && lower(c) == lower(s[i])
		}
		if ok {
			p, i = next, i+1
			if i < len(s) && p < len(pattern) {
				continue
			}
			rest := p
			if i == len(s) {
				for rest < len(pattern) && pattern[rest] == '*' {
					rest++
				}
				if rest == len(pattern) {
					return true
				}
			}
		}
		// A mismatch, or one of the two ran out before the other.
		if starP < 0 {
			return false
		}
		starI++
		p, i = starP, starI
	}
	return len(pattern) == 0 && len(s) == 0
}

// matchClass matches c against the class whose first byte after `[` is at p,
// and returns where the pattern goes on.
func matchClass(pattern []byte, p int, c byte, nocase bool) (match bool, next int) {
	not := p < len(pattern) && pattern[p] == '^'
	if not {
		p++
	}
	for {
		switch rest := len(pattern) - p; {
		case rest <= 0:
			return match != not, len(pattern)
		case pattern[p] == '\\' && rest >= 2:
			p++
			match = match || pattern[p] == c
		case pattern[p] == ']':
			return match != not, p + 1
		case rest >= 3 && pattern[p+1] == '-':
			// Ends compare as signed chars, and are swapped before case is
			// folded: both are visible in what Redis on amd64 matches.
			lo, hi, x := pattern[p], pattern[p+2], c
			if int8(lo) > int8(hi) {
				lo, hi = hi, lo
			}
			if nocase {
				lo, hi, x = lower(lo), lower(hi), lower(x)
			}
			p += 2
			match = match || int8(x) >= int8(lo) && int8(x) <= int8(hi)
		default:
			match = match || pattern[p] == c || nocase && lower(pattern[p]) == lower(c)
		}
		p++
	}
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}
