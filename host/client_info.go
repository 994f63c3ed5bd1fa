package host

import (
	"strconv"
	"unsafe"
)

// clientFlagLetters are the letters of CLIENT LIST flags, in its order.
var clientFlagLetters = [...]struct {
	flag   ClientFlags
	letter byte
}{
	{FlagMonitor, 'O'}, {FlagReplica, 'S'}, {FlagMaster, 'M'}, {FlagPubSub, 'P'}, {FlagMulti, 'x'}, {FlagBlocked, 'b'},
	{FlagTracking, 't'}, {FlagTrackingBroken, 'R'}, {FlagTrackingBcast, 'B'},
	{FlagDirtyCAS, 'd'}, {FlagCloseAfterReply, 'c'}, {FlagUnblocked, 'u'}, {FlagCloseASAP, 'A'},
	{FlagUnixSocket, 'U'}, {FlagReadOnlyCluster, 'r'}, {FlagNoEvict, 'e'}, {FlagNoTouch, 'T'}, {FlagInternal, 'I'},
}

// staticOutput is what Redis keeps of a client's output outside of its list of
// reply blocks; up to there CLIENT LIST shows output as obl, beyond as oll and
// omem.
const staticOutput = 16 * 1024

// info is the client's line of CLIENT LIST.
func (c *Client) info() string { return string(c.appendInfo(nil)) }

func (c *Client) appendInfo(b []byte) []byte {
	s := c.s
	str := func(name, v string) {
		b = append(b, name...)
		b = append(b, v...)
	}
	num := func(name string, n int) {
		b = append(b, name...)
		b = strconv.AppendInt(b, int64(n), 10)
	}
	num("id=", int(c.id))
	str(" addr=", c.addr)
	str(" laddr=", c.laddr)
	num(" fd=", c.fd())
	str(" name=", string(c.Name))
	num(" age=", int(max(s.unixSeconds()-c.created.Unix(), 0)))
	num(" idle=", int(max(s.unixSeconds()-c.lastActive, 0)))
	str(" flags=", "")
	n := len(b)
	for _, f := range clientFlagLetters {
		if c.flags&f.flag != 0 {
			b = append(b, f.letter)
		}
	}
	if len(b) == n {
		b = append(b, 'N')
	}
	num(" db=", c.DB.ID())
	sub, psub, ssub := 0, 0, 0
	if c.subs != nil {
		sub, psub, ssub = len(c.subs.channels), len(c.subs.patterns), len(c.subs.shards)
	}
	num(" sub=", sub)
	num(" psub=", psub)
	num(" ssub=", ssub)
	queued := -1
	if c.flags&FlagMulti != 0 {
		queued = 0
		if c.multi != nil {
			queued = len(c.multi.queue)
		}
	}
	num(" multi=", queued)
	num(" watch=", len(c.watched))
	used, free := c.queryBuffer()
	num(" qbuf=", used)
	num(" qbuf-free=", free)
	num(" argv-mem=", c.argvMemory())
	num(" multi-mem=", c.multiMemory())
	num(" rbs=", cap(c.w.Buf))
	num(" rbp=", c.outPeak)
	obl, oll, omem := c.outputShape()
	num(" obl=", obl)
	num(" oll=", oll)
	num(" omem=", omem)
	num(" tot-mem=", c.memory())
	str(" events=", c.events())
	str(" cmd=", c.lastName())
	str(" user=", c.UserName())
	num(" redir=", int(c.redirection()))
	num(" resp=", max(c.w.Proto, 2))
	str(" lib-name=", string(c.LibName))
	str(" lib-ver=", string(c.LibVer))
	num(" io-thread=", 0)
	return b
}

// queryBuffer is how much input is there and how much more there is room for.
// While a request is run from the buffer that all clients share, that one
// counts.
func (c *Client) queryBuffer() (used, free int) {
	if len(c.pending) == 0 && c.shared > 0 {
		return c.shared, ioSize - c.shared
	}
	return len(c.pending), cap(c.pending) - len(c.pending)
}

func (c *Client) argvMemory() int {
	n := 0
	for _, a := range c.Args {
		n += len(a)
	}
	return n
}

func (c *Client) multiMemory() int {
	if c.multi == nil {
		return 0
	}
	return int(c.multi.bytes) + cap(c.multi.queue)*int(unsafe.Sizeof(queuedCommand{}))
}

// outputShape is the unsent output in Redis's terms.
func (c *Client) outputShape() (obl, oll, omem int) {
	n := c.outputLen()
	if n <= staticOutput && (n == 0 || !c.s.replyBuffers.listed) {
		return n, 0, 0
	}
	return 0, 1, cap(c.w.Buf)
}

func (c *Client) events() string {
	t, ok := c.io.(*fdTransport)
	switch {
	case !ok && c.io == nil:
		return ""
	case !ok || !t.paused && !t.waiting:
		return "r"
	case t.paused && t.waiting:
		return "w"
	case t.waiting:
		return "rw"
	}
	return ""
}

func (c *Client) lastName() string {
	if c.lastCmd == nil {
		return "NULL"
	}
	return c.lastCmd.FullName()
}
