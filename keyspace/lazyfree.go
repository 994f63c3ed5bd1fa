package keyspace

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"berth/keyspace/dict"
	"berth/keyspace/mem"
)

const (
	// lazyEffort is the effort from which a value is left to the background when the
	// caller asks for it, and alwaysLazy that from which it is in any case.
	lazyEffort = 64
	alwaysLazy = 2000
	// lazyBytes is the same for the length of a string, where unmapping is what costs.
	lazyBytes       = 1 << 20
	alwaysLazyBytes = 8 << 20
)

// value is a value that is in no entry, or no longer: what is needed to free it.
type value struct {
	p   unsafe.Pointer
	mt  ModuleType // module values
	typ Type
	enc Encoding
}

// valueOf returns the part of a value outside its entry, if there is one.
func (ks *Keyspace) valueOf(e *Entry) (v value, ok bool) {
	t := e.Type()
	switch t {
	case String:
		if !e.outside() {
			return v, false
		}
		return value{p: loadPtr(e.value()), typ: t}, true
	case Module:
		return value{p: e.Ptr(), typ: t, mt: ks.ModuleTypeOf(e)}, true
	default:
		return value{p: e.Ptr(), typ: t, enc: e.Encoding()}, true
	}
}

func (v value) free() {
	switch v.typ {
	case String:
		mem.Free(v.p)
	case Module:
		v.mt.Free(v.p)
	default:
		containers[v.typ].free(v.enc, v.p)
	}
}

// freeValue frees the part of a value outside its entry, now or later. The entry's
// memory and content stay, though a pointer in it is dangling then.
func (db *DB) freeValue(e *Entry, lazy bool) {
	v, ok := db.ks.valueOf(e)
	if !ok {
		return
	}
	// What Redis would free in the background is counted; the rest goes there because that is the better place.
	later, counted := false, int64(0)
	switch v.typ {
	case String:
		n := mem.Usable(v.p)
		later = n >= alwaysLazyBytes || lazy && n >= lazyBytes
	case Module:
		// A module may rely on being freed at once by a plain DEL.
		if lazy {
			effort := v.mt.FreeEffort(db.id, e.Key(), v.p)
			if effort == 0 || effort > lazyEffort {
				later, counted = true, 1
			}
		}
	default:
		effort := containers[v.typ].effort(v.enc, v.p)
		if lazy && effort > lazyEffort {
			counted = 1
		}
		later = counted > 0 || effort > alwaysLazy
	}
	if later {
		db.ks.lazy.push(freeJob{value: v}, counted)
		return
	}
	v.free()
}

// freeJob is a value, or all of a database's tables.
type freeJob struct {
	value         value
	keys, expires *dict.Dict
}

// lazyFreer frees on a goroutine that lives as long as there is something to free.
type lazyFreer struct {
	ks      *Keyspace
	pending atomic.Int64 // values, of those that are counted
	freed   atomic.Int64
	queued  atomic.Int64 // jobs, all of them

	mu      sync.Mutex // guards what follows; nothing else is locked while it is held
	jobs    []job
	running bool
	idle    sync.Cond
}

type job struct {
	freeJob
	count int64
}

func (l *lazyFreer) push(j freeJob, count int64) {
	l.pending.Add(count)
	l.queued.Add(1)
	l.mu.Lock()
	l.jobs = append(l.jobs, job{j, count})
	start := !l.running
	l.running = true
	l.mu.Unlock()
	if start {
		go l.run()
	}
}

func (l *lazyFreer) run() {
	for {
		l.mu.Lock()
		if len(l.jobs) == 0 {
			l.jobs = nil
			l.running = false
			if l.idle.L != nil {
				l.idle.Broadcast()
			}
			l.mu.Unlock()
			return
		}
		j := l.jobs[0]
		l.jobs = l.jobs[1:]
		l.mu.Unlock()
		if j.keys != nil {
			j.expires.Free(nil)
			j.keys.Free(l.ks.freeEntry)
		} else {
			j.value.free()
		}
		l.pending.Add(-j.count)
		l.queued.Add(-1)
		l.freed.Add(j.count)
	}
}

func (l *lazyFreer) wait() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.idle.L = &l.mu
	for l.running {
		l.idle.Wait()
	}
}
