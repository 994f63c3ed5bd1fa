package commands

import (
	"cmp"
	"math"
	"slices"

	"berth/host/command"
	"berth/internal/geohash"
	"berth/keyspace"
)

func registerGeoSearch(t *command.Table) {
	t.Register("georadius", func(c *command.Ctx) { geoSearch(c, geoQuery{from: fromArgs, mayStore: true}) })
	t.Register("georadius_ro", func(c *command.Ctx) { geoSearch(c, geoQuery{from: fromArgs}) })
	t.Register("georadiusbymember", func(c *command.Ctx) { geoSearch(c, geoQuery{from: fromMember, mayStore: true}) })
	t.Register("georadiusbymember_ro", func(c *command.Ctx) { geoSearch(c, geoQuery{from: fromMember}) })
	t.Register("geosearch", func(c *command.Ctx) { geoSearch(c, geoQuery{}) })
	t.Register("geosearchstore", func(c *command.Ctx) { geoSearch(c, geoQuery{dst: c.Args[1]}) })
}

// geoFrom says where a query has its centre from.
type geoFrom uint8

const (
	fromOptions geoFrom = iota // GEOSEARCH: FROMMEMBER or FROMLONLAT
	fromArgs                   // GEORADIUS: the third and fourth argument
	fromMember                 // GEORADIUSBYMEMBER: the third argument
)

// geoQuery is one search: what the command's name says, and then what its arguments say.
type geoQuery struct {
	from     geoFrom
	mayStore bool   // the options STORE and STOREDIST exist
	dst      []byte // where the result is stored, nil to reply with it

	e     *keyspace.Entry
	shape geohash.Shape

	member, lonLat, radius, box bool // FROMMEMBER, FROMLONLAT, BYRADIUS and BYBOX were given

	withDist, withHash, withCoord bool

	storeDist bool
	order     int // 1: nearest first, -1: farthest first
	count     int64
	any       bool
}

// geoPoint is a member that was found.
type geoPoint struct {
	member   []byte
	score    float64
	lon, lat float64
	dist     float64 // metres
}

func geoSearch(c *command.Ctx, q geoQuery) {
	src := 1
	if q.from == fromOptions && q.dst != nil {
		src = 2
	}
	var ok bool
	if q.e, ok = c.ReadTyped(c.Args[src], keyspace.ZSet); !ok {
		return
	}
	if !q.parseCentre(c) || !q.parseOptions(c) || !q.check(c) {
		return
	}
	if q.e == nil {
		q.answer(c, nil)
		return
	}
	if q.count != 0 && q.order == 0 && !q.any {
		q.order = 1 // some of them would be no answer: the nearest
	}
	found := q.search()
	n := len(found)
	if q.count > 0 && int64(n) > q.count {
		n = int(q.count)
	}
	switch {
	case q.order != 0 && n < len(found):
		sortFirst(found, n, q.order)
	case q.order != 0:
		slices.SortStableFunc(found, func(a, b geoPoint) int { return q.order * cmp.Compare(a.dist, b.dist) })
	}
	found = found[:n]
	q.answer(c, found)
}

// parseCentre reads what GEORADIUS and its relatives have before their options.
func (q *geoQuery) parseCentre(c *command.Ctx) bool {
	at := 4
	ok := true
	switch {
	case q.from == fromOptions:
		return true
	case q.from == fromArgs:
		if q.shape.Lon, q.shape.Lat, ok = lonLatArgs(c, 2); !ok {
			return false
		}
	case q.e == nil:
		return true
	default:
		at = 3
		if !q.centreOn(c, c.Args[2]) {
			return false
		}
	}
	return q.parseRadius(c, at)
}

func (q *geoQuery) centreOn(c *command.Ctx, member []byte) bool {
	var ok bool
	if q.shape.Lon, q.shape.Lat, ok = position(q.e, member); !ok {
		c.Error("ERR could not decode requested zset member")
	}
	return ok
}

func (q *geoQuery) parseRadius(c *command.Ctx, at int) (ok bool) {
	r, ok := lengthArg(c, at, "radius")
	if !ok {
		return false
	}
	if r < 0 {
		c.Error("ERR radius cannot be negative")
		return false
	}
	q.shape.Radius = r
	q.shape.Unit, ok = unitArg(c, at+1)
	return ok
}

func (q *geoQuery) parseBox(c *command.Ctx, at int) bool {
	width, ok := lengthArg(c, at, "width")
	if !ok {
		return false
	}
	height, ok := lengthArg(c, at+1, "height")
	if !ok {
		return false
	}
	if width < 0 || height < 0 {
		c.Error("ERR height or width cannot be negative")
		return false
	}
	q.shape.Box, q.shape.Width, q.shape.Height = true, width, height
	q.shape.Unit, ok = unitArg(c, at+2)
	return ok
}

func (q *geoQuery) parseOptions(c *command.Ctx) bool {
	search := q.from == fromOptions
	at := map[geoFrom]int{fromArgs: 6, fromMember: 5, fromOptions: 2}[q.from]
	if search && q.dst != nil {
		at = 3
	}
	storing := search && q.dst != nil
	for i := at; i < len(c.Args); i++ {
		left := len(c.Args) - i - 1
		switch {
		case c.ArgIs(i, "withdist"):
			q.withDist = true
		case c.ArgIs(i, "withhash"):
			q.withHash = true
		case c.ArgIs(i, "withcoord"):
			q.withCoord = true
		case c.ArgIs(i, "any"):
			q.any = true
		case c.ArgIs(i, "asc"):
			q.order = 1
		case c.ArgIs(i, "desc"):
			q.order = -1
		case left >= 1 && c.ArgIs(i, "count"):
			var ok bool
			if q.count, ok = c.IntArg(i + 1); !ok {
				return false
			}
			if q.count <= 0 {
				c.Error("ERR COUNT must be > 0")
				return false
			}
			i++
		case left >= 1 && q.mayStore && c.ArgIs(i, "store"):
			q.dst, q.storeDist = c.Args[i+1], false
			i++
		case left >= 1 && q.mayStore && c.ArgIs(i, "storedist"):
			q.dst, q.storeDist = c.Args[i+1], true
			i++
		case storing && c.ArgIs(i, "storedist"):
			q.storeDist = true
		case left >= 1 && search && !q.lonLat && c.ArgIs(i, "frommember"):
			if q.e != nil && !q.centreOn(c, c.Args[i+1]) {
				return false
			}
			q.member = true
			i++
		case left >= 2 && search && !q.member && c.ArgIs(i, "fromlonlat"):
			var ok bool
			if q.shape.Lon, q.shape.Lat, ok = lonLatArgs(c, i+1); !ok {
				return false
			}
			q.lonLat = true
			i += 2
		case left >= 2 && search && !q.box && c.ArgIs(i, "byradius"):
			if !q.parseRadius(c, i+1) {
				return false
			}
			q.radius = true
			i += 2
		case left >= 3 && search && !q.radius && c.ArgIs(i, "bybox"):
			if !q.parseBox(c, i+1) {
				return false
			}
			q.box = true
			i += 3
		default:
			c.Error(command.ErrSyntax)
			return false
		}
	}
	return true
}

// check refuses options that do not go together.
func (q *geoQuery) check(c *command.Ctx) bool {
	search := q.from == fromOptions
	switch {
	case q.dst != nil && (q.withDist || q.withHash || q.withCoord):
		name := "STORE option in GEORADIUS"
		if search {
			name = "GEOSEARCHSTORE"
		}
		c.Error("ERR " + name + " is not compatible with WITHDIST, WITHHASH and WITHCOORD options")
	case search && !q.member && !q.lonLat:
		c.Error("ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for " + string(c.Args[0]))
	case search && !q.radius && !q.box:
		c.Error("ERR exactly one of BYRADIUS and BYBOX can be specified for " + string(c.Args[0]))
	case q.any && q.count == 0:
		c.Error("ERR the ANY argument requires COUNT argument")
	default:
		return true
	}
	return false
}

// search returns copies of the members inside the shape, in the order in which they are met.
func (q *geoQuery) search() []geoPoint {
	limit := int64(math.MaxInt64)
	if q.any {
		limit = q.count
	}
	var found []geoPoint
	var members []byte // one piece of memory for many of them
	last := geohash.Hash{}
	for i, cell := range q.shape.Cover() {
		// With very large cells a neighbour may be the same as the one before; the middle never counts as one.
		if cell.Zero() || cell == last {
			continue
		}
		if i > 0 {
			last = cell
		}
		if int64(len(found)) >= limit {
			break
		}
		next := cell
		next.Bits++
		scores := keyspace.ZRangeSpec{Min: float64(cell.Score()), Max: float64(next.Score()), MaxEx: true}
		for it := keyspace.NewZSetScoreIter(q.e, &scores, false); it.Next(); {
			p := geoPoint{score: it.Score()}
			p.lon, p.lat = geohash.FromScore(p.score).Center()
			var inside bool
			if p.dist, inside = q.shape.Contains(p.lon, p.lat); !inside {
				continue
			}
			at := len(members)
			members = append(members, it.Member()...)
			p.member = members[at:]
			if found = append(found, p); int64(len(found)) >= limit {
				break
			}
		}
	}
	return found
}

func (q *geoQuery) answer(c *command.Ctx, found []geoPoint) {
	if q.dst != nil {
		q.store(c, found)
		return
	}
	fields := 0
	for _, with := range []bool{q.withDist, q.withHash, q.withCoord} {
		if with {
			fields++
		}
	}
	c.Array(len(found))
	for i := range found {
		p := &found[i]
		if fields > 0 {
			c.Array(fields + 1)
		}
		c.Bulk(p.member)
		if q.withDist {
			replyDistance(c, p.dist/q.shape.Unit)
		}
		if q.withHash {
			c.Int(int64(p.score))
		}
		if q.withCoord {
			replyPosition(c, p.lon, p.lat)
		}
	}
}

func (q *geoQuery) store(c *command.Ctx, found []geoPoint) {
	n := int64(len(found))
	c.Int(n)
	if n == 0 {
		if c.DB.Delete(q.dst) {
			c.Changed(q.dst, command.NotifyGeneric, "del", 1)
		}
		return
	}
	out := keyspace.NewDetached(keyspace.ZSet)
	keyspace.ZSetToTable(out)
	for i := range found {
		score := found[i].score
		if q.storeDist {
			score = found[i].dist / q.shape.Unit
		}
		keyspace.ZSetAdd(c.DB, out, score, found[i].member, 0)
	}
	keyspace.ZSetToListpack(c.DB, out)
	c.LookupWrite(q.dst) // what has expired there goes away as expired
	c.DB.StoreDetached(q.dst, out)
	event := "georadiusstore"
	if q.from == fromOptions {
		event = "geosearchstore"
	}
	c.Changed(q.dst, command.NotifyZSet, event, n)
}
