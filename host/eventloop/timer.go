package eventloop

import (
	"container/heap"
	"time"
)

// TimerFunc runs when a timer is due and returns after how long it wants to
// run again; a negative duration ends it.
type TimerFunc func() time.Duration

type timer struct {
	id    int64
	when  time.Time
	fn    TimerFunc
	index int
}

type timerHeap []*timer

func (h timerHeap) Len() int           { return len(h) }
func (h timerHeap) Less(i, j int) bool { return h[i].when.Before(h[j].when) }
func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *timerHeap) Push(x any) {
	t := x.(*timer)
	t.index = len(*h)
	*h = append(*h, t)
}
func (h *timerHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	t.index = -1
	return t
}

func (h timerHeap) next() (time.Duration, bool) {
	if len(h) == 0 {
		return 0, false
	}
	return max(time.Until(h[0].when), 0), true
}

// run calls every timer that was due when it started; one that a timer adds
// waits for the next turn.
func (h *timerHeap) run(l *Loop) {
	if len(*h) == 0 {
		return
	}
	now := time.Now()
	var again []*timer
	for len(*h) > 0 && !(*h)[0].when.After(now) {
		t := heap.Pop(h).(*timer)
		if next := t.fn(); next >= 0 && l.byID[t.id] == t {
			t.when = time.Now().Add(next)
			again = append(again, t)
		} else {
			delete(l.byID, t.id)
		}
	}
	for _, t := range again {
		if l.byID[t.id] == t {
			heap.Push(h, t)
		}
	}
}

// AddTimer runs fn after d and returns the timer's id.
func (l *Loop) AddTimer(d time.Duration, fn TimerFunc) int64 {
	l.nextID++
	t := &timer{id: l.nextID, when: time.Now().Add(d), fn: fn}
	l.byID[t.id] = t
	heap.Push(&l.timers, t)
	return t.id
}

// RemoveTimer ends a timer; it reports whether the timer was there. A timer
// may remove itself while it runs.
func (l *Loop) RemoveTimer(id int64) bool {
	t, ok := l.byID[id]
	if !ok {
		return false
	}
	delete(l.byID, id)
	if t.index >= 0 && t.index < len(l.timers) && l.timers[t.index] == t {
		heap.Remove(&l.timers, t.index)
	}
	return true
}
