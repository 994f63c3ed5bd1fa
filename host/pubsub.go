package host

import (
	"slices"

	"berth/host/command"
	"berth/internal/glob"
)

// pubsub has the channels and patterns that somebody is subscribed to.
type pubsub struct {
	channels map[string]*channel
	shards   map[string]*channel
	patterns map[string]*channel
	// patternList has the values of patterns, which every PUBLISH walks.
	patternList []*channel
	clients     int // how many clients have FlagPubSub

	// One message is encoded once per protocol, whatever the number of its
	// receivers.
	resp2, resp3 command.Writer
}

// channel is a channel, shard channel or pattern with its subscribers.
type channel struct {
	name      string
	subs      []*subscription
	listIndex int // of a pattern: its place in patternList
}

// subscription is one client's subscription to one channel.
type subscription struct {
	c  *Client
	ch *channel
	at int   // its place in ch.subs
	nr int64 // counts up within the client: the order of UNSUBSCRIBE without arguments
}

// subscriptions are what one client is subscribed to.
type subscriptions struct {
	channels, shards, patterns map[string]*subscription
	last                       int64
}

func newPubSub() *pubsub {
	return &pubsub{
		channels: map[string]*channel{},
		shards:   map[string]*channel{},
		patterns: map[string]*channel{},
		resp2:    command.Writer{Proto: 2},
		resp3:    command.Writer{Proto: 3},
	}
}

// subKind is one of the three kinds of subscription.
type subKind struct {
	subscribe, unsubscribe string // as in the messages
	verb                   string // as in errors
	shard, pattern         bool
}

var (
	kindChannel = &subKind{subscribe: "subscribe", unsubscribe: "unsubscribe", verb: "SUBSCRIBE"}
	kindPattern = &subKind{subscribe: "psubscribe", unsubscribe: "punsubscribe", verb: "PSUBSCRIBE", pattern: true}
	kindShard   = &subKind{subscribe: "ssubscribe", unsubscribe: "sunsubscribe", verb: "SSUBSCRIBE", shard: true}
)

func (k *subKind) of(p *pubsub) map[string]*channel {
	switch {
	case k.shard:
		return p.shards
	case k.pattern:
		return p.patterns
	}
	return p.channels
}

func (k *subKind) held(x *subscriptions) map[string]*subscription {
	switch {
	case k.shard:
		return x.shards
	case k.pattern:
		return x.patterns
	}
	return x.channels
}

// count is the number that confirmations carry: shard channels count apart.
func (k *subKind) count(x *subscriptions) int {
	switch {
	case x == nil:
		return 0
	case k.shard:
		return len(x.shards)
	}
	return len(x.channels) + len(x.patterns)
}

func (x *subscriptions) total() int { return len(x.channels) + len(x.patterns) + len(x.shards) }

func (s *Server) registerPubSub() {
	reg := s.commands.Register
	for _, k := range []*subKind{kindChannel, kindPattern, kindShard} {
		reg(k.subscribe, func(cc *command.Ctx) { s.cmdSubscribe(cc, k) })
		reg(k.unsubscribe, func(cc *command.Ctx) { s.cmdUnsubscribe(cc, k) })
	}
	reg("publish", func(cc *command.Ctx) { cc.Int(int64(s.publish(cc.Args[1], cc.Args[2], false))) })
	reg("spublish", func(cc *command.Ctx) { cc.Int(int64(s.publish(cc.Args[1], cc.Args[2], true))) })
	reg("pubsub|channels", func(cc *command.Ctx) { s.cmdPubSubChannels(cc, s.pubsub.channels) })
	reg("pubsub|shardchannels", func(cc *command.Ctx) { s.cmdPubSubChannels(cc, s.pubsub.shards) })
	reg("pubsub|numsub", func(cc *command.Ctx) { cmdPubSubNumSub(cc, s.pubsub.channels) })
	reg("pubsub|shardnumsub", func(cc *command.Ctx) { cmdPubSubNumSub(cc, s.pubsub.shards) })
	reg("pubsub|numpat", func(cc *command.Ctx) { cc.Int(int64(len(s.pubsub.patterns))) })
	reg("pubsub|help", command.Help)
}

func (s *Server) cmdSubscribe(cc *command.Ctx, k *subKind) {
	c := cc.Client.(*Client)
	// Such a client expects one reply per command. In a transaction the
	// confirmations of SUBSCRIBE were always let through.
	if c.flags&FlagDenyBlocking != 0 && (k.shard || c.flags&FlagMulti == 0) {
		cc.Error("ERR " + k.verb + " isn't allowed for a DENY BLOCKING client")
		return
	}
	w := c.confirmTo()
	for _, name := range cc.Args[1:] {
		s.subscribe(c, k, name)
		confirm(w, k.subscribe, name, k.count(c.subs))
	}
	c.confirmed(w)
}

func (s *Server) cmdUnsubscribe(cc *command.Ctx, k *subKind) {
	c := cc.Client.(*Client)
	w := c.confirmTo()
	names := cc.Args[1:]
	if len(names) == 0 {
		names = c.subscribed(k)
		if len(names) == 0 {
			confirm(w, k.unsubscribe, nil, k.count(c.subs))
		}
	}
	for _, name := range names {
		s.unsubscribe(c, k, name)
		confirm(w, k.unsubscribe, name, k.count(c.subs))
	}
	c.confirmed(w)
}

// confirmTo is where confirmations of the client's own command go: as messages
// they get through even where CLIENT REPLY has switched replies off.
func (c *Client) confirmTo() *command.Writer {
	if c.flags&(FlagReplyOff|FlagReplySkip) == 0 {
		return &c.w
	}
	return &command.Writer{Buf: c.pushed, Proto: c.w.Proto}
}

func (c *Client) confirmed(w *command.Writer) {
	if w != &c.w {
		c.pushed = w.Buf
	}
}

// confirm writes one confirmation; name is nil where there was nothing to
// unsubscribe from.
func confirm(w *command.Writer, verb string, name []byte, count int) {
	w.Push(3)
	w.BulkString(verb)
	if name == nil {
		w.Null()
	} else {
		w.Bulk(name)
	}
	w.Int(int64(count))
}

// subscribed lists what the client is subscribed to, oldest first.
func (c *Client) subscribed(k *subKind) [][]byte {
	if c.subs == nil {
		return nil
	}
	var list []*subscription
	for _, sub := range k.held(c.subs) {
		list = append(list, sub)
	}
	slices.SortFunc(list, func(a, b *subscription) int { return int(a.nr - b.nr) })
	names := make([][]byte, len(list))
	for i, sub := range list {
		names[i] = []byte(sub.ch.name)
	}
	return names
}

func (s *Server) subscribe(c *Client, k *subKind, name []byte) {
	if c.subs == nil {
		c.subs = &subscriptions{
			channels: map[string]*subscription{},
			shards:   map[string]*subscription{},
			patterns: map[string]*subscription{},
		}
	}
	held := k.held(c.subs)
	if held[string(name)] != nil {
		return
	}
	all := k.of(s.pubsub)
	ch := all[string(name)]
	if ch == nil {
		ch = &channel{name: string(name)}
		all[ch.name] = ch
		if k.pattern {
			ch.listIndex = len(s.pubsub.patternList)
			s.pubsub.patternList = append(s.pubsub.patternList, ch)
		}
	}
	c.subs.last++
	sub := &subscription{c: c, ch: ch, at: len(ch.subs), nr: c.subs.last}
	ch.subs = append(ch.subs, sub)
	held[ch.name] = sub
	if c.flags&FlagPubSub == 0 {
		c.flags |= FlagPubSub
		s.pubsub.clients++
	}
}

func (s *Server) unsubscribe(c *Client, k *subKind, name []byte) {
	if c.subs == nil {
		return
	}
	held := k.held(c.subs)
	sub := held[string(name)]
	if sub == nil {
		return
	}
	delete(held, sub.ch.name)
	ch := sub.ch
	last := len(ch.subs) - 1
	ch.subs[sub.at] = ch.subs[last]
	ch.subs[sub.at].at = sub.at
	ch.subs[last] = nil
	ch.subs = ch.subs[:last]
	if last == 0 {
		delete(k.of(s.pubsub), ch.name)
		if k.pattern {
			list := s.pubsub.patternList
			s.pubsub.patternList = slices.Delete(list, ch.listIndex, ch.listIndex+1)
			for i := ch.listIndex; i < len(s.pubsub.patternList); i++ {
				s.pubsub.patternList[i].listIndex = i
			}
		}
	}
	if c.subs.total() == 0 {
		c.flags &^= FlagPubSub
		s.pubsub.clients--
	}
}

// dropSubscriptions ends every subscription of the client without a word.
func (s *Server) dropSubscriptions(c *Client) {
	for _, k := range []*subKind{kindChannel, kindPattern, kindShard} {
		for _, name := range c.subscribed(k) {
			s.unsubscribe(c, k, name)
		}
	}
	c.subs = nil
}

// publish sends msg to the subscribers of a channel and returns how many there
// were; a client counts once per matching subscription. Patterns do not see
// shard channels.
func (s *Server) publish(name, msg []byte, sharded bool) int {
	p := s.pubsub
	all, kind := p.channels, "message"
	if sharded {
		all, kind = p.shards, "smessage"
	}
	n := 0
	if ch := all[string(name)]; ch != nil {
		n += p.deliver(ch, kind, nil, name, msg)
	}
	if sharded {
		return n
	}
	for _, ch := range p.patternList {
		if glob.Match([]byte(ch.name), name, false) {
			n += p.deliver(ch, "pmessage", []byte(ch.name), name, msg)
		}
	}
	return n
}

// deliver encodes a message at most once per protocol and appends it to the
// output of each subscriber.
func (p *pubsub) deliver(ch *channel, kind string, pattern, name, msg []byte) int {
	p.resp2.Buf, p.resp3.Buf = p.resp2.Buf[:0], p.resp3.Buf[:0]
	for _, sub := range ch.subs {
		w := &p.resp2
		if sub.c.w.Proto >= 3 {
			w = &p.resp3
		}
		if len(w.Buf) == 0 {
			if pattern != nil {
				w.Push(4)
				w.BulkString(kind)
				w.Bulk(pattern)
			} else {
				w.Push(3)
				w.BulkString(kind)
			}
			w.Bulk(name)
			w.Bulk(msg)
		}
		sub.c.pushBytes(w.Buf)
	}
	if max(cap(p.resp2.Buf), cap(p.resp3.Buf)) > idleOutput {
		p.resp2.Buf, p.resp3.Buf = nil, nil
	}
	return len(ch.subs)
}

// pushBytes is [Client.Push] with a message that is encoded already.
func (c *Client) pushBytes(b []byte) {
	if c.flags&(FlagCloseASAP|FlagCloseAfterReply) != 0 {
		return
	}
	if c.flags&FlagExecuting != 0 && c != c.s.ahead {
		c.pushed = append(c.pushed, b...)
		return
	}
	c.w.Raw(b)
	c.wrote()
}

func (s *Server) cmdPubSubChannels(cc *command.Ctx, all map[string]*channel) {
	if len(cc.Args) > 3 {
		subcommandSyntax(cc)
		return
	}
	mark, n := cc.Defer(), 0
	for name := range all {
		if len(cc.Args) == 2 || glob.Match(cc.Args[2], []byte(name), false) {
			cc.BulkString(name)
			n++
		}
	}
	cc.DeferredArray(mark, n)
}

func cmdPubSubNumSub(cc *command.Ctx, all map[string]*channel) {
	names := cc.Args[2:]
	cc.Array(2 * len(names))
	for _, name := range names {
		cc.Bulk(name)
		n := 0
		if ch := all[string(name)]; ch != nil {
			n = len(ch.subs)
		}
		cc.Int(int64(n))
	}
}
