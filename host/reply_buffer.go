package host

import "math"

// replyBuffers is how the room for replies that clients keep follows what they
// use (DEBUG REPLYBUFFER, DEBUG CLIENT-ENFORCE-REPLY-LIST).
type replyBuffers struct {
	fixed     bool  // idle room is kept
	peakReset int64 // after how many milliseconds the largest output is forgotten, negative: never
	listed    bool  // CLIENT LIST counts all output as that beyond a client's own buffer
}

const (
	// leastReplyRoom is what an idle client keeps.
	leastReplyRoom = 1024
	// peakResetTime is the default of DEBUG REPLYBUFFER PEAK-RESET-TIME.
	peakResetTime = 5000
	neverReset    = math.MinInt64
)

// resizeReplies gives a client's idle room for replies back, to what it used
// at most of late.
func (s *Server) resizeReplies(c *Client) {
	r := &s.replyBuffers
	if r.fixed {
		return
	}
	if half := cap(c.w.Buf) / 2; half >= leastReplyRoom && c.outPeak < half && len(c.w.Buf) == 0 && c.flags&FlagExecuting == 0 {
		c.w.Buf = make([]byte, 0, max(leastReplyRoom, c.outPeak+1))
		c.outRoom = cap(c.w.Buf)
		s.stat.replyShrinks++
	}
	if now := s.unixMillis(); r.peakReset >= 0 && now-c.outPeakSince > r.peakReset {
		c.outPeak, c.outPeakSince = c.outputLen(), now
	}
}

// noteReplies takes note of how much output there is to send.
func (c *Client) noteReplies(n int) {
	c.outPeak = max(c.outPeak, n)
	c.outRecent = max(c.outRecent, n)
	if room := cap(c.w.Buf); room > c.outRoom {
		if c.outRoom > 0 {
			c.s.stat.replyExpands++
		}
		c.outRoom = room
	}
}
