package host

import (
	"fmt"
	"math/bits"
	"strings"
	"unsafe"

	"berth/host/command"
)

// clientMemory knows what clients hold in buffers and the like, so that it counts as used memory, and so that the largest are
// found when it is too much (maxmemory-clients).
type clientMemory struct {
	sum     [classes]int64 // by class, as of each client's last update
	buckets []memoryBucket // nil while maxmemory-clients is 0
}

// memoryBucket has the clients whose memory is within a factor of two, in the order in which they came to be there.
type memoryBucket struct {
	sum         int64
	n           int
	first, last *Client
}

// clientShare is what a client knows of its part in clientMemory.
type clientShare struct {
	bytes      int
	class      int
	bucket     *memoryBucket
	prev, next *Client // in the bucket
}

const (
	minBucketLog = 15
	maxBucketLog = 33
	// minClientLimit keeps a limit that is too low from locking everybody out.
	minClientLimit = 128 << 10
)

// memory is what the client costs in all.
func (c *Client) memory() int {
	n := int(unsafe.Sizeof(*c)) + cap(c.pending) + cap(c.w.Buf) + cap(c.pushed) + c.argvMemory() + c.multiMemory() +
		cap(c.argv)*int(unsafe.Sizeof([]byte{})) + len(c.Name) + len(c.LibName) + len(c.LibVer) + c.watchedBytes
	if c.subs != nil {
		n += c.subs.total() * int(unsafe.Sizeof(subscription{})+unsafe.Sizeof(""))
	}
	if c.tracking != nil {
		for _, p := range c.tracking.prefixes {
			n += len(p) + int(unsafe.Sizeof(p))
		}
	}
	return n
}

// updateMemory takes note of what the client holds now.
func (c *Client) updateMemory() {
	if c.io == nil || c.flags&FlagCloseASAP != 0 {
		return
	}
	m, sh := &c.s.clientMem, &c.share
	n, class := c.memory(), c.outputClass()
	if n == sh.bytes && class == sh.class && m.buckets == nil {
		return
	}
	m.sum[sh.class] -= int64(sh.bytes)
	m.sum[class] += int64(n)
	if b := m.bucketFor(c, n); b != sh.bucket {
		m.leaveBucket(c)
		sh.bytes = n
		m.enterBucket(c, b)
	} else if b != nil {
		b.sum += int64(n - sh.bytes)
	}
	sh.bytes, sh.class = n, class
}

// forgetMemory is for a client that goes.
func (c *Client) forgetMemory() {
	m := &c.s.clientMem
	m.leaveBucket(c)
	m.sum[c.share.class] -= int64(c.share.bytes)
	c.share.bytes = 0
}

// bucketFor is the bucket for a client of n bytes, nil if it may not be evicted.
func (m *clientMemory) bucketFor(c *Client, n int) *memoryBucket {
	if m.buckets == nil || c.flags&(FlagNoEvict|FlagMaster) != 0 || c.outputClass() == classReplica {
		return nil
	}
	return &m.buckets[min(max(bits.Len(uint(n))-minBucketLog, 0), len(m.buckets)-1)]
}

func (m *clientMemory) enterBucket(c *Client, b *memoryBucket) {
	if b == nil {
		return
	}
	sh := &c.share
	sh.bucket, sh.prev, sh.next = b, b.last, nil
	if b.last != nil {
		b.last.share.next = c
	} else {
		b.first = c
	}
	b.last = c
	b.n++
	b.sum += int64(sh.bytes)
}

func (m *clientMemory) leaveBucket(c *Client) {
	sh := &c.share
	b := sh.bucket
	if b == nil {
		return
	}
	if sh.prev != nil {
		sh.prev.share.next = sh.next
	} else {
		b.first = sh.next
	}
	if sh.next != nil {
		sh.next.share.prev = sh.prev
	} else {
		b.last = sh.prev
	}
	b.n--
	b.sum -= int64(sh.bytes)
	sh.bucket, sh.prev, sh.next = nil, nil, nil
}

// maxMemoryClientsChanged makes the buckets, or does away with them.
func (s *Server) maxMemoryClientsChanged() {
	m := &s.clientMem
	if (s.cfg.MaxMemoryClients != 0) == (m.buckets != nil) {
		return
	}
	if m.buckets == nil {
		m.buckets = make([]memoryBucket, maxBucketLog-minBucketLog+1)
		for _, c := range s.clients {
			c.updateMemory()
		}
		return
	}
	for _, c := range s.clients {
		m.leaveBucket(c)
	}
	m.buckets = nil
}

// clientLimit is maxmemory-clients in bytes, 0 for no limit.
func (s *Server) clientLimit() int64 {
	limit := int64(s.cfg.MaxMemoryClients)
	if limit < 0 {
		if s.cfg.MaxMemory == 0 {
			return 0
		}
		limit = int64(float64(s.cfg.MaxMemory) * float64(-limit) / 100)
	}
	if limit == 0 {
		return 0
	}
	return max(limit, minClientLimit)
}

// evictClients disconnects the clients that hold most while all together are over maxmemory-clients.
func (s *Server) evictClients() {
	m := &s.clientMem
	if m.buckets == nil {
		return
	}
	limit := s.clientLimit()
	if limit == 0 {
		return
	}
	i := len(m.buckets) - 1
	for m.sum[classNormal]+m.sum[classPubSub] >= limit {
		c := m.buckets[i].first
		if c == nil {
			if i--; i < 0 {
				s.log.Warn("Over client maxmemory after evicting all evictable clients")
				return
			}
			continue
		}
		s.log.Notice("Evicting client: %s", c.info())
		c.forgetMemory()
		s.freeClient(c)
		s.stat.evictedClients++
	}
}

// debugClientEviction: DEBUG CLIENT-EVICTION.
func (s *Server) debugClientEviction(cc *command.Ctx) {
	buckets := s.clientMem.buckets
	if buckets == nil {
		cc.Error("ERR maxmemory-clients is disabled.")
		return
	}
	var b strings.Builder
	for i := range buckets {
		low := 0
		if i > 0 {
			low = 1 << (minBucketLog + i - 1)
		}
		if i == len(buckets)-1 {
			fmt.Fprintf(&b, "bucket %10d+            : ", low)
		} else {
			fmt.Fprintf(&b, "bucket %10d - %10d: ", low, 1<<(minBucketLog+i)-1)
		}
		fmt.Fprintf(&b, "tot-mem: %10d, clients: %d\n", buckets[i].sum, buckets[i].n)
	}
	cc.Verbatim("txt", []byte(b.String()))
}
