package commands

// sortFirst sorts points so that the first n are in their places, nearest first when order is 1 and farthest
// first when it is -1. Points at the same distance end up where Redis's own quicksort leaves them, which a client
// sees when COUNT cuts among them: the choice of pivots and every exchange are those of Bentley and McIlroy's
// "Engineering a Sort Function", except that parts beyond n are left alone.
func sortFirst(p []geoPoint, n, order int) {
	s := geoSorter{p, n, order}
	s.sort(0, len(p))
}

type geoSorter struct {
	p     []geoPoint
	n     int
	order int
}

// compare compares the distances of points i and j.
func (s *geoSorter) compare(i, j int) int {
	switch a, b := s.p[i].dist, s.p[j].dist; {
	case a > b:
		return s.order
	case a == b:
		return 0
	}
	return -s.order
}

func (s *geoSorter) swap(i, j int) { s.p[i], s.p[j] = s.p[j], s.p[i] }

// swapRuns exchanges n points from i with n points from j.
func (s *geoSorter) swapRuns(i, j, n int) {
	for k := range n {
		s.swap(i+k, j+k)
	}
}

func (s *geoSorter) median(a, b, c int) int {
	if s.compare(a, b) < 0 {
		switch {
		case s.compare(b, c) < 0:
			return b
		case s.compare(a, c) < 0:
			return c
		}
		return a
	}
	switch {
	case s.compare(b, c) > 0:
		return b
	case s.compare(a, c) < 0:
		return a
	}
	return c
}

// pivot chooses among lo and the n-1 points that follow.
func (s *geoSorter) pivot(lo, n int) int {
	mid := lo + n/2
	if n == 7 {
		return mid
	}
	first, last := lo, lo+n-1
	if n > 40 {
		d := n / 8
		first = s.median(first, first+d, first+2*d)
		mid = s.median(mid-d, mid, mid+d)
		last = s.median(last-2*d, last-d, last)
	}
	return s.median(first, mid, last)
}

// sort sorts the points lo to hi-1.
func (s *geoSorter) sort(lo, hi int) {
	for hi-lo >= 7 {
		s.swap(lo, s.pivot(lo, hi-lo))
		// What equals the pivot gathers at both ends, [lo, a) and (d, hi); what is smaller comes to lie in [a, b), what
		// is greater in (c, d].
		a, b := lo+1, lo+1
		c, d := hi-1, hi-1
		for {
			for b <= c {
				r := s.compare(b, lo)
				if r > 0 {
					break
				}
				if r == 0 {
					s.swap(a, b)
					a++
				}
				b++
			}
			for b <= c {
				r := s.compare(c, lo)
				if r < 0 {
					break
				}
				if r == 0 {
					s.swap(c, d)
					d--
				}
				c--
			}
			if b > c {
				break
			}
			s.swap(b, c)
			b++
			c--
		}
		smaller, greater := b-a, d-c
		n := min(a-lo, smaller)
		s.swapRuns(lo, b-n, n)
		n = min(greater, hi-1-d)
		s.swapRuns(b, hi-n, n)
		if smaller > 1 {
			s.sort(lo, lo+smaller)
		}
		lo = hi - greater
		if greater < 2 || lo >= s.n {
			return
		}
	}
	for i := lo + 1; i < hi; i++ {
		for j := i; j > lo && s.compare(j-1, j) > 0; j-- {
			s.swap(j, j-1)
		}
	}
}
