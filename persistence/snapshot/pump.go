package snapshot

import (
	"io"
	"sync"
	"sync/atomic"
)

// pump writes what is put into it to the writer, on a goroutine.
type pump struct {
	to      io.WriteCloser
	wake    func()
	waiting atomic.Int64 // bytes
	told    atomic.Bool  // Step found it full and is to be woken

	mu    sync.Mutex // guards what follows; nothing else is locked while it is held
	cond  sync.Cond
	queue [][]byte
	spare [][]byte
	ended bool
	err   error
}

func newPump(to io.WriteCloser, wake func()) *pump {
	p := &pump{to: to, wake: wake}
	p.cond.L = &p.mu
	go p.run()
	return p
}

// put takes over b and returns a buffer to go on with.
func (p *pump) put(b []byte) []byte {
	p.waiting.Add(int64(len(b)))
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		p.waiting.Add(-int64(len(b)))
		return b[:0]
	}
	p.queue = append(p.queue, b)
	p.cond.Signal()
	if n := len(p.spare); n > 0 {
		b = p.spare[n-1]
		p.spare = p.spare[:n-1]
		return b
	}
	return make([]byte, 0, chunk+chunk/4)
}

func (p *pump) queued() int64 { return p.waiting.Load() }

// full reports whether enough waits; the pump calls wake when that is over.
func (p *pump) full() bool {
	if p.waiting.Load() < queueLimit {
		return false
	}
	p.told.Store(true)
	return p.waiting.Load() >= queueLimit
}

func (p *pump) failed() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// close ends the output behind what is queued.
func (p *pump) close() {
	p.mu.Lock()
	p.ended = true
	p.cond.Signal()
	p.mu.Unlock()
}

// abort ends the output at once.
func (p *pump) abort() {
	p.mu.Lock()
	p.ended, p.queue = true, nil
	p.waiting.Store(0)
	p.cond.Signal()
	p.mu.Unlock()
}

func (p *pump) run() {
	const spares = 8
	for {
		p.mu.Lock()
		for len(p.queue) == 0 && !p.ended {
			p.cond.Wait()
		}
		if len(p.queue) == 0 {
			p.mu.Unlock()
			_ = p.to.Close()
			return
		}
		b := p.queue[0]
		p.queue[0] = nil
		p.queue = p.queue[1:]
		p.mu.Unlock()
		_, err := p.to.Write(b)
		p.mu.Lock()
		if err != nil {
			p.err = err
			p.ended, p.queue = true, nil
		}
		if len(p.spare) < spares && cap(b) <= 4*chunk {
			p.spare = append(p.spare, b[:0])
		}
		p.mu.Unlock()
		if p.waiting.Add(-int64(len(b))) < queueLimit/2 || err != nil {
			if p.told.Swap(false) && p.wake != nil {
				p.wake()
			}
		}
	}
}
