package commands

import (
	"math"
	"strconv"

	"berth/host/command"
	"berth/internal/geohash"
	"berth/internal/numfmt"
	"berth/keyspace"
)

func registerGeo(t *command.Table) {
	t.Register("geoadd", cmdGeoAdd)
	t.Register("geodist", cmdGeoDist)
	t.Register("geohash", cmdGeoHash)
	t.Register("geopos", cmdGeoPos)
	registerGeoSearch(t)
}

// lonLatArgs parses a position at arguments i and i+1.
func lonLatArgs(c *command.Ctx, i int) (lon, lat float64, ok bool) {
	if lon, ok = c.FloatArg(i); !ok {
		return 0, 0, false
	}
	if lat, ok = c.FloatArg(i + 1); !ok {
		return 0, 0, false
	}
	if !geohash.Valid(lon, lat) {
		c.Error("ERR invalid longitude,latitude pair " + sixDigits(lon) + "," + sixDigits(lat))
		return 0, 0, false
	}
	return lon, lat, true
}

// sixDigits is what C prints with %f.
func sixDigits(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	return strconv.FormatFloat(f, 'f', 6, 64)
}

// unitArg parses a unit of length and returns it in metres.
func unitArg(c *command.Ctx, i int) (metres float64, ok bool) {
	switch {
	case c.ArgIs(i, "m"):
		return 1, true
	case c.ArgIs(i, "km"):
		return 1000, true
	case c.ArgIs(i, "ft"):
		return 0.3048, true
	case c.ArgIs(i, "mi"):
		return 1609.34, true
	}
	c.Error("ERR unsupported unit provided. please use M, KM, FT, MI")
	return 0, false
}

// lengthArg parses a number that is not negative; what names it in the error.
func lengthArg(c *command.Ctx, i int, what string) (f float64, ok bool) {
	f, ok = numfmt.ParseDouble(c.Args[i])
	if !ok {
		c.Error("ERR need numeric " + what)
	}
	return f, ok
}

// position is where a member of a sorted set is; ok is false when there is none.
func position(e *keyspace.Entry, member []byte) (lon, lat float64, ok bool) {
	if e == nil {
		return 0, 0, false
	}
	score, ok := keyspace.ZSetScore(e, member)
	if !ok {
		return 0, 0, false
	}
	lon, lat = geohash.FromScore(score).Center()
	return lon, lat, true
}

// cmdGeoAdd is ZADD with positions for scores.
func cmdGeoAdd(c *command.Ctx) {
	at, nx, xx := 2, false, false
options:
	for ; at < len(c.Args); at++ {
		switch {
		case c.ArgIs(at, "nx"):
			nx = true
		case c.ArgIs(at, "xx"):
			xx = true
		case c.ArgIs(at, "ch"):
		default:
			break options
		}
	}
	if (len(c.Args)-at)%3 != 0 || nx && xx {
		c.Error(command.ErrSyntax)
		return
	}
	args := append(make([][]byte, 0, len(c.Args)), []byte("zadd"))
	args = append(args, c.Args[1:at]...)
	for i := at; i < len(c.Args); i += 3 {
		lon, lat, ok := lonLatArgs(c, i)
		if !ok {
			return
		}
		args = append(args, strconv.AppendUint(nil, geohash.Encode(lon, lat, geohash.MaxStep).Score(), 10), c.Args[i+2])
	}
	c.Propagate(args...)
	sent := c.Args
	c.Args = args
	zadd(c, 0)
	c.Args = sent
}

func cmdGeoHash(c *command.Ctx) {
	e, ok := c.ReadTyped(c.Args[1], keyspace.ZSet)
	if !ok {
		return
	}
	c.Array(len(c.Args) - 2)
	for _, member := range c.Args[2:] {
		lon, lat, ok := position(e, member)
		if !ok {
			c.Null()
			continue
		}
		text := geohash.Text(lon, lat)
		c.Bulk(text[:])
	}
}

func cmdGeoPos(c *command.Ctx) {
	e, ok := c.ReadTyped(c.Args[1], keyspace.ZSet)
	if !ok {
		return
	}
	c.Array(len(c.Args) - 2)
	for _, member := range c.Args[2:] {
		if lon, lat, ok := position(e, member); ok {
			replyPosition(c, lon, lat)
		} else {
			c.NullArray()
		}
	}
}

func replyPosition(c *command.Ctx, lon, lat float64) {
	c.Array(2)
	c.Double(lon)
	c.Double(lat)
}

func cmdGeoDist(c *command.Ctx) {
	unit := 1.0
	switch {
	case len(c.Args) == 5:
		var ok bool
		if unit, ok = unitArg(c, 4); !ok {
			return
		}
	case len(c.Args) > 5:
		c.Error(command.ErrSyntax)
		return
	}
	e, ok := c.ReadTyped(c.Args[1], keyspace.ZSet)
	if !ok {
		return
	}
	lon1, lat1, ok1 := position(e, c.Args[2])
	lon2, lat2, ok2 := position(e, c.Args[3])
	if !ok1 || !ok2 {
		c.Null()
		return
	}
	replyDistance(c, geohash.Distance(lon1, lat1, lon2, lat2)/unit)
}

// replyDistance replies with four digits after the point.
func replyDistance(c *command.Ctx, d float64) {
	var tmp [32]byte
	b := tmp[:0]
	n := int64(math.RoundToEven(d * 10000))
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	b = strconv.AppendInt(b, n/10000, 10)
	b = append(b, '.')
	for div := int64(1000); div > 0; div /= 10 {
		b = append(b, byte('0'+n/div%10))
	}
	c.Bulk(b)
}
