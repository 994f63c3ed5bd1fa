package host

import (
	"slices"
	"strings"

	"berth/host/command"
)

func (s *Server) registerTracking() {
	s.commands.Register("client|tracking", s.cmdClientTracking)
	s.commands.Register("client|caching", cmdClientCaching)
	s.commands.Register("client|getredir", func(cc *command.Ctx) { cc.Int(cc.Client.(*Client).redirection()) })
	s.commands.Register("client|trackinginfo", cmdClientTrackingInfo)
}

// redirection is the number of the client that gets the messages of one that
// tracks: 0 is itself, -1 nobody, since it does not track.
func (c *Client) redirection() int64 {
	if c.flags&FlagTracking == 0 {
		return -1
	}
	return c.tracking.redirect
}

// trackingRequest is what CLIENT TRACKING asks for.
type trackingRequest struct {
	redirect int64
	modes    ClientFlags
	prefixes []string
}

// cmdClientTracking: CLIENT TRACKING ON|OFF [REDIRECT id] [PREFIX prefix ...]
// [BCAST] [OPTIN] [OPTOUT] [NOLOOP].
func (s *Server) cmdClientTracking(cc *command.Ctx) {
	c := cc.Client.(*Client)
	var r trackingRequest
	if !s.parseTracking(cc, &r) {
		return
	}
	switch {
	case cc.ArgIs(2, "on"):
		if msg := r.conflict(c); msg != "" {
			cc.Error("ERR " + msg)
			return
		}
		s.enableTracking(c, r.redirect, r.modes, r.prefixes)
	case cc.ArgIs(2, "off"):
		s.disableTracking(c)
	default:
		cc.Error(command.ErrSyntax)
		return
	}
	cc.OK()
}

func (s *Server) parseTracking(cc *command.Ctx, r *trackingRequest) bool {
	for i := 3; i < len(cc.Args); i++ {
		more := i+1 < len(cc.Args)
		switch {
		case cc.ArgIs(i, "redirect") && more:
			i++
			if r.redirect != 0 {
				cc.Error("ERR A client can only redirect to a single other client")
				return false
			}
			id, ok := cc.IntArg(i)
			if !ok {
				return false
			}
			if s.clientByID[id] == nil {
				cc.Error("ERR The client ID you want redirect to does not exist")
				return false
			}
			r.redirect = id
		case cc.ArgIs(i, "prefix") && more:
			i++
			r.prefixes = append(r.prefixes, string(cc.Args[i]))
		case cc.ArgIs(i, "bcast"):
			r.modes |= FlagTrackingBcast
		case cc.ArgIs(i, "optin"):
			r.modes |= FlagTrackingOptIn
		case cc.ArgIs(i, "optout"):
			r.modes |= FlagTrackingOptOut
		case cc.ArgIs(i, "noloop"):
			r.modes |= FlagTrackingNoLoop
		default:
			cc.Error(command.ErrSyntax)
			return false
		}
	}
	return true
}

// conflict says what keeps the options from going together, or with the mode
// that the client is in.
func (r *trackingRequest) conflict(c *Client) string {
	const optInOut = FlagTrackingOptIn | FlagTrackingOptOut
	bcast := r.modes & FlagTrackingBcast
	switch {
	case bcast == 0 && len(r.prefixes) > 0:
		return "PREFIX option requires BCAST mode to be enabled"
	case c.flags&FlagTracking != 0 && c.flags&FlagTrackingBcast != bcast:
		return "You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode."
	case bcast != 0 && r.modes&optInOut != 0:
		return "OPTIN and OPTOUT are not compatible with BCAST"
	case r.modes&optInOut == optInOut:
		return "You can't specify both OPTIN mode and OPTOUT mode"
	case r.modes&FlagTrackingOptIn != 0 && c.flags&FlagTrackingOptOut != 0,
		r.modes&FlagTrackingOptOut != 0 && c.flags&FlagTrackingOptIn != 0:
		return "You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode."
	case bcast != 0:
		return r.overlap(c)
	}
	return ""
}

// overlap refuses prefixes of which one begins with another: the client would
// hear of a key twice.
func (r *trackingRequest) overlap(c *Client) string {
	overlaps := func(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }
	for i, p := range r.prefixes {
		if c.tracking != nil {
			for _, have := range c.tracking.prefixes {
				if overlaps(p, have) {
					return "Prefix '" + p + "' overlaps with an existing prefix '" + have +
						"'. Prefixes for a single client must not overlap."
				}
			}
		}
		for _, other := range r.prefixes[i+1:] {
			if overlaps(p, other) {
				return "Prefix '" + p + "' overlaps with another provided prefix '" + other +
					"'. Prefixes for a single client must not overlap."
			}
		}
	}
	return ""
}

// cmdClientCaching: CLIENT CACHING YES|NO, for the keys of the next command.
func cmdClientCaching(cc *command.Ctx) {
	c := cc.Client.(*Client)
	switch {
	case c.flags&FlagTracking == 0:
		cc.Error("ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled")
		return
	case cc.ArgIs(2, "yes"):
		if c.flags&FlagTrackingOptIn == 0 {
			cc.Error("ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.")
			return
		}
	case cc.ArgIs(2, "no"):
		if c.flags&FlagTrackingOptOut == 0 {
			cc.Error("ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.")
			return
		}
	default:
		cc.Error(command.ErrSyntax)
		return
	}
	c.flags |= FlagTrackingCaching
	cc.OK()
}

func cmdClientTrackingInfo(cc *command.Ctx) {
	c := cc.Client.(*Client)
	caching := c.flags&FlagTrackingCaching != 0
	flags := []string{"off"}
	if c.flags&FlagTracking != 0 {
		flags[0] = "on"
	}
	add := func(on bool, name string) {
		if on {
			flags = append(flags, name)
		}
	}
	add(c.flags&FlagTrackingBcast != 0, "bcast")
	add(c.flags&FlagTrackingOptIn != 0, "optin")
	add(c.flags&FlagTrackingOptIn != 0 && caching, "caching-yes")
	add(c.flags&FlagTrackingOptOut != 0, "optout")
	add(c.flags&FlagTrackingOptOut != 0 && caching, "caching-no")
	add(c.flags&FlagTrackingNoLoop != 0, "noloop")
	add(c.flags&FlagTrackingBroken != 0, "broken_redirect")
	cc.Map(3)
	cc.BulkString("flags")
	cc.Set(len(flags))
	for _, f := range flags {
		cc.BulkString(f)
	}
	cc.BulkString("redirect")
	cc.Int(c.redirection())
	cc.BulkString("prefixes")
	var prefixes []string
	if c.tracking != nil {
		prefixes = slices.Clone(c.tracking.prefixes)
	}
	writeKeys(cc.Writer, prefixes)
}

// endCaching ends what CLIENT CACHING said with the command after it, or with
// the transaction after it.
func (c *Client) endCaching() {
	if c.flags&FlagMulti == 0 && (c.lastCmd == nil || c.lastCmd.Parent == nil || c.lastCmd.Parent.Name != "client") {
		c.flags &^= FlagTrackingCaching
	}
}
