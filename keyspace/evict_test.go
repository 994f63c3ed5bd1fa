package keyspace

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// evictHalf evicts half of n keys by a policy, and returns which are left.
func evictHalf(t *testing.T, ks *Keyspace, p Policy, n, samples int) (left []bool) {
	t.Helper()
	for range n / 2 {
		db, key, ok := ks.Victim(p, samples)
		require.True(t, ok)
		require.True(t, db.Evict(key))
	}
	left = make([]bool, n)
	for i := range n {
		left[i] = ks.DB(i%2).Find(fmt.Appendf(nil, "key:%d", i)) != nil
	}
	return left
}

func fillForEviction(ks *Keyspace, n int, each func(i int, e *Entry)) {
	for i := range n {
		each(i, set(ks.DB(i%2), fmt.Sprintf("key:%d", i), "v"))
	}
}

// share is the share of true among a part of the list.
func share(l []bool) float64 {
	n := 0
	for _, b := range l {
		if b {
			n++
		}
	}
	return float64(n) / float64(len(l))
}

// TestEvictionIsNearTheRealOrder: sampling evicts mostly what an exact policy would. The bounds are below what Redis's
// own test of its approximation reaches with the same samples.
func TestEvictionIsNearTheRealOrder(t *testing.T) {
	const n = 4000
	for _, c := range []struct {
		name    string
		policy  Policy
		samples int
		want    float64 // of the half that should stay, at least so much stays
		each    func(ks *Keyspace, i int, e *Entry)
	}{
		{"LRU, 5 samples", AllKeysLRU, 5, 0.85, func(ks *Keyspace, i int, e *Entry) { e.SetLRU(1000 + uint32(i)) }},
		{"LRU, 10 samples", AllKeysLRU, 10, 0.92, func(ks *Keyspace, i int, e *Entry) { e.SetLRU(1000 + uint32(i)) }},
		{"volatile LRU", VolatileLRU, 5, 0.85, func(ks *Keyspace, i int, e *Entry) {
			ks.DB(i%2).SetExpire(e, ks.Now()+1e6).SetLRU(1000 + uint32(i))
		}},
		{"TTL", VolatileTTL, 5, 0.85, func(ks *Keyspace, i int, e *Entry) { ks.DB(i%2).SetExpire(e, ks.Now()+1e6+int64(i)) }},
		{"LFU", AllKeysLFU, 10, 0.85, func(ks *Keyspace, i int, e *Entry) { ks.SetFreq(e, uint8(i*250/n)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			ks := newTestKS(t, Hooks{})
			ks.SetNow(20_000_000)
			ks.Switches.LFU = c.policy.LFU()
			fillForEviction(ks, n, func(i int, e *Entry) { c.each(ks, i, e) })
			left := evictHalf(t, ks, c.policy, n, c.samples)
			if got := share(left[n/2:]); got < c.want {
				t.Errorf("%.3f of the better half stayed", got)
			}
		})
	}
}

// TestRandomEvictionIsFair: the random policies prefer no part of the keys.
func TestRandomEvictionIsFair(t *testing.T) {
	const n = 4000
	for _, p := range []Policy{AllKeysRandom, VolatileRandom} {
		ks := newTestKS(t, Hooks{})
		fillForEviction(ks, n, func(i int, e *Entry) { ks.DB(i%2).SetExpire(e, ks.Now()+1e6) })
		left := evictHalf(t, ks, p, n, 5)
		require.InDelta(t, 0.5, share(left[:n/2]), 0.08)
	}
}

// TestVolatilePoliciesSpareTheRest: keys without an expire stay, whatever their age.
func TestVolatilePoliciesSpareTheRest(t *testing.T) {
	for _, p := range []Policy{VolatileLRU, VolatileLFU, VolatileTTL, VolatileRandom} {
		ks := newTestKS(t, Hooks{})
		db := ks.DB(0)
		for i := range 100 {
			e := set(db, fmt.Sprint("k", i), "v")
			e.SetLRU(1)
			if i%2 == 0 {
				db.SetExpire(e, ks.Now()+1e6)
			}
		}
		for range 50 {
			db, key, ok := ks.Victim(p, 5)
			require.True(t, ok)
			require.True(t, db.Find(key).HasExpire())
			db.Evict(key)
		}
		_, _, ok := ks.Victim(p, 5)
		require.False(t, ok)
		require.Equal(t, 50, db.Len())
	}
}

// TestLFUPrefersTheHot: keys that are used often stay when keys used once come and go, after the counters' decay too.
func TestLFUPrefersTheHot(t *testing.T) {
	ks := newTestKS(t, Hooks{})
	ks.Switches.LFU = true
	now := int64(60_000_000)
	ks.SetNow(now)
	db := ks.DB(0)
	for i := range 50 {
		set(db, fmt.Sprint("hot", i), "v")
	}
	for range 300 {
		for i := range 50 {
			db.Lookup(fmt.Appendf(nil, "hot%d", i), 0)
		}
	}
	for i := range 500 {
		set(db, fmt.Sprint("cold", i), "v")
		if db.Len() > 100 {
			db, key, ok := ks.Victim(AllKeysLFU, 10)
			require.True(t, ok)
			db.Evict(key)
		}
	}
	hot := 0
	for i := range 50 {
		if db.Find(fmt.Appendf(nil, "hot%d", i)) != nil {
			hot++
		}
	}
	require.GreaterOrEqual(t, hot, 48)
	// Ten minutes later ten points are gone from every counter, none below zero.
	e := db.Find([]byte("cold499"))
	if e == nil {
		e = set(db, "cold499", "v")
	}
	ks.SetNow(now + 10*60_000)
	require.Zero(t, ks.Freq(e))
}
