package host

import (
	"math"
	"time"

	"berth/host/command"
	"berth/internal/numfmt"
)

func (s *Server) registerServer() {
	reg := s.commands.Register
	reg("dbsize", func(cc *command.Ctx) { cc.Int(int64(cc.DB.Len())) })
	reg("time", func(cc *command.Ctx) {
		now := time.Now()
		cc.Array(2)
		cc.BulkInt(now.Unix())
		cc.BulkInt(int64(now.Nanosecond() / 1000))
	})
	reg("role", func(cc *command.Ctx) {
		cc.Array(3)
		cc.BulkString("master")
		cc.Int(0)
		cc.Array(0)
	})
	reg("flushdb", func(cc *command.Ctx) { s.cmdFlush(cc, false) })
	reg("flushall", func(cc *command.Ctx) { s.cmdFlush(cc, true) })
	reg("swapdb", s.cmdSwapDB)
	reg("shutdown", s.cmdShutdown)
	reg("lolwut", s.cmdLolwut)
}

// cmdFlush: FLUSHDB and FLUSHALL [SYNC|ASYNC].
func (s *Server) cmdFlush(cc *command.Ctx, all bool) {
	sync := !s.cfg.LazyfreeLazyUserFlush
	switch {
	case len(cc.Args) == 1:
	case len(cc.Args) == 2 && cc.ArgIs(1, "sync"):
		sync = true
	case len(cc.Args) == 2 && cc.ArgIs(1, "async"):
		sync = false
	default:
		cc.Error(command.ErrSyntax)
		return
	}
	db := cc.DB.ID()
	if all {
		db = -1
	}
	// To a client that can wait Redis gives the reply later, and frees in the
	// background all the same: that is what modules are told.
	c := cc.Client.(*Client)
	told := sync && (!cc.MayBlock() || c.flags&(FlagMulti|FlagDenyBlocking|FlagModule) != 0)
	cc.DirtyCount += int64(s.flush(db, told))
	if all && s.flushedAll() {
		cc.DirtyCount = 0
	}
	if sync && !told && c.tracking != nil && c.flags&(FlagReplyOff|FlagReplySkip) == 0 {
		// The later reply comes after what the client is told as one that tracks.
		s.ahead = c
		s.sendPending(c)
		s.ahead = nil
	}
	// Replicas and the AOF may hold keys that have expired here.
	cc.DirtyCount++
	if sync && !told && s.waitsForFlush(c) {
		return
	}
	cc.OK()
}

// waitsForFlush blocks a client until the memory of what it flushed is free, unless that is done at once. The others go on.
func (s *Server) waitsForFlush(c *Client) bool {
	s.ks.WaitLazyfreeUntil(time.Now().Add(time.Millisecond))
	if !s.ks.FreesInBackground() {
		return false
	}
	b := s.block(c, blockFlush)
	b.deadline = 0
	b.timer = s.loop.AddTimer(time.Millisecond, func() time.Duration {
		if s.ks.FreesInBackground() {
			return time.Millisecond
		}
		out := len(c.w.Buf)
		c.OK()
		s.unblock(c)
		c.endBlockedCommand(out)
		return -1
	})
	c.Ctx.Blocked = true
	return true
}

// flush empties a database, or all of them (-1), and returns how many keys
// that were. With sync it waits until their memory is free, and modules are told so.
func (s *Server) flush(db int, sync bool) int {
	s.fireEvent(EventFlushDB, 0, FlushInfo{Sync: sync, DB: db})
	s.invalidateAll()
	n := 0
	for i := range s.ks.NumDBs() {
		if db >= 0 && i != db {
			continue
		}
		d := s.ks.DB(i)
		s.touchWatchedDB(d, nil)
		// Whoever waits for a key to go away is woken.
		if s.waitingRemoval > 0 {
			for key := range s.waiting[i] {
				if e := d.Find([]byte(key)); e != nil {
					s.keyGone(d, []byte(key), e.Type())
				}
			}
		}
		n += d.Flush(!sync)
	}
	if sync {
		s.ks.WaitLazyfree()
	}
	s.fireEvent(EventFlushDB, 1, FlushInfo{Sync: sync, DB: db})
	return n
}

func (s *Server) cmdSwapDB(cc *command.Ctx) {
	a, ok := cc.RangeArg(1, math.MinInt32, math.MaxInt32, "ERR invalid first DB index")
	if !ok {
		return
	}
	b, ok := cc.RangeArg(2, math.MinInt32, math.MaxInt32, "ERR invalid second DB index")
	if !ok {
		return
	}
	if n := int64(s.ks.NumDBs()); a < 0 || b < 0 || a >= n || b >= n {
		cc.Error(command.ErrDBIndex)
		return
	}
	if a != b {
		s.swapDB(int(a), int(b))
	}
	s.fireEvent(EventSwapDB, 0, SwapInfo{int(a), int(b)})
	cc.DirtyCount++
	cc.OK()
}

// swapDB exchanges the contents of two databases. Watchers and waiting clients
// stay with the number they chose.
func (s *Server) swapDB(a, b int) {
	x, y := s.ks.DB(a), s.ks.DB(b)
	s.touchWatchedDB(x, y)
	s.touchWatchedDB(y, x)
	s.ks.SwapDB(a, b)
	for _, i := range []int{a, b} {
		db := s.ks.DB(i)
		for key := range s.waiting[i] {
			k := []byte(key)
			if e := db.Find(k); e != nil {
				s.KeyReady(db, k, e.Type())
			} else if was := s.ks.DB(a + b - i).Find(k); was != nil {
				s.keyGone(db, k, was.Type())
			}
		}
	}
}

// shutdownOptions are the words of SHUTDOWN.
type shutdownOptions struct{ save, noSave, now, force, abort bool }

func (s *Server) cmdShutdown(cc *command.Ctx) {
	var o shutdownOptions
	for i := range cc.Args[1:] {
		switch i++; {
		case cc.ArgIs(i, "nosave"):
			o.noSave = true
		case cc.ArgIs(i, "save"):
			o.save = true
		case cc.ArgIs(i, "now"):
			o.now = true
		case cc.ArgIs(i, "force"):
			o.force = true
		case cc.ArgIs(i, "abort"):
			o.abort = true
		default:
			cc.Error(command.ErrSyntax)
			return
		}
	}
	if o.abort && (o.save || o.noSave || o.now || o.force) || o.save && o.noSave {
		cc.Error(command.ErrSyntax)
		return
	}
	if o.abort {
		// A shutdown only lingers while replicas catch up.
		cc.Error("ERR No shutdown in progress.")
		return
	}
	if cc.Flags&command.CallDenyBlocking != 0 && !o.now {
		cc.Error("ERR SHUTDOWN without NOW or ABORT isn't allowed for DENY BLOCKING client")
		return
	}
	if cc.Flags&command.CallScript != 0 && !o.noSave {
		cc.Error("ERR SHUTDOWN without NOSAVE is not allowed from script")
		return
	}
	if s.scripting.run != nil && s.scripting.run.slow && !o.noSave {
		cc.Error(s.busyScript(nil))
		return
	}
	if !s.shutdown(o) {
		cc.Error("ERR Errors trying to SHUTDOWN. Check logs.")
	}
}

// cmdLolwut: LOLWUT [VERSION version] [arg ...].
func (s *Server) cmdLolwut(cc *command.Ctx) {
	version, args := 8, cc.Args[1:]
	if len(cc.Args) >= 3 && cc.ArgIs(1, "version") {
		v, ok := cc.IntArg(2)
		if !ok {
			return
		}
		version, args = int(v), cc.Args[3:]
	}
	nums := make([]int, len(args))
	for i, a := range args {
		n, ok := numfmt.ParseInt64(a)
		if !ok && (version == 5 || version == 6) {
			cc.Error(command.ErrNotInteger)
			return
		}
		nums[i] = int(max(min(n, 1<<20), -(1 << 20)))
	}
	cc.Verbatim("txt", []byte(lolwut(version, nums)))
}
