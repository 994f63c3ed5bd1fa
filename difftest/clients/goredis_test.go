package clients

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// goTest is a test's connection to its own server.
type goTest struct {
	*testing.T
	ctx context.Context
	*redis.Client
	proto int
}

func (t goTest) must(err error) {
	t.Helper()
	require.NoError(t.T, err)
}

// is checks a reply and that there was no error.
func is[V any](t goTest, want V) func(V, error) {
	return func(got V, err error) {
		t.Helper()
		require.NoError(t.T, err)
		require.Equal(t.T, want, got)
	}
}

func TestGoRedis(t *testing.T) {
	groups := map[string]func(goTest){
		"Strings": goStrings, "Keys": goKeys, "Hashes": goHashes, "Lists": goLists, "Sets": goSets, "SortedSets": goSortedSets,
		"Geo": goGeo, "Streams": goStreams, "Bitmaps": goBitmaps, "HyperLogLog": goHyperLogLog, "Scan": goScan, "Pipelines": goPipelines,
		"Transactions": goTransactions, "PubSub": goPubSub, "Blocking": goBlocking, "Server": goServer, "Pool": goPool, "Errors": goErrors,
	}
	for _, proto := range []int{2, 3} {
		s := start(t)
		for name, f := range groups {
			t.Run(fmt.Sprintf("RESP%d/%s", proto, name), func(t *testing.T) {
				c := redis.NewClient(&redis.Options{Addr: s.Addr, Protocol: proto, ClientName: "example"})
				defer c.Close()
				g := goTest{t, context.Background(), c, proto}
				g.must(c.FlushAll(g.ctx).Err())
				f(g)
			})
		}
	}
}

func goStrings(t goTest) {
	ctx := t.ctx
	is(t, "OK")(t.Set(ctx, "key", "value", 0).Result())
	is(t, "value")(t.Get(ctx, "key").Result())
	require.ErrorIs(t.T, t.Get(ctx, "missing").Err(), redis.Nil)
	is(t, "OK")(t.Set(ctx, "ttl", 1, time.Hour).Result())
	ttl, err := t.TTL(ctx, "ttl").Result()
	t.must(err)
	require.InDelta(t.T, time.Hour.Seconds(), ttl.Seconds(), 60)
	is(t, true)(t.SetNX(ctx, "nx", "a", 0).Result())
	is(t, false)(t.SetNX(ctx, "nx", "b", 0).Result())
	is(t, false)(t.SetXX(ctx, "xx", "b", 0).Result())
	is(t, "a")(t.SetArgs(ctx, "nx", "c", redis.SetArgs{Get: true, KeepTTL: true}).Result())
	is(t, "c")(t.GetDel(ctx, "nx").Result())
	is(t, "value")(t.GetEx(ctx, "key", time.Minute).Result())
	is(t, int64(11))(t.IncrBy(ctx, "n", 11).Result())
	is(t, int64(10))(t.Decr(ctx, "n").Result())
	is(t, 10.5)(t.IncrByFloat(ctx, "n", 0.5).Result())
	is(t, int64(8))(t.Append(ctx, "key", "***").Result())
	is(t, "lue*")(t.GetRange(ctx, "key", 2, 5).Result())
	is(t, int64(8))(t.SetRange(ctx, "key", 0, "V").Result())
	is(t, int64(8))(t.StrLen(ctx, "key").Result())
	is(t, "OK")(t.MSet(ctx, map[string]any{"a": 1, "b": "two"}).Result())
	is(t, []any{"1", "two", nil})(t.MGet(ctx, "a", "b", "c").Result())
	is(t, false)(t.MSetNX(ctx, "a", 1, "z", 2).Result())
	binary := string([]byte{0, 255, '\r', '\n'})
	t.must(t.Set(ctx, "binary", binary, 0).Err())
	is(t, binary)(t.Get(ctx, "binary").Result())
	large := strings.Repeat("0123456789abcdef", 1<<16)
	t.must(t.Set(ctx, "large", large, 0).Err())
	is(t, large)(t.Get(ctx, "large").Result())
	t.must(t.MSet(ctx, "k1", "ohmytext", "k2", "mynewtext").Err())
	lcs, err := t.LCS(ctx, &redis.LCSQuery{Key1: "k1", Key2: "k2", Idx: true, WithMatchLen: true}).Result()
	t.must(err)
	require.Equal(t.T, int64(6), lcs.Len)
	require.Len(t.T, lcs.Matches, 2)
	var user struct {
		A int    `redis:"a"`
		B string `redis:"b"`
	}
	t.must(t.MGet(ctx, "a", "b").Scan(&user))
	require.Equal(t.T, "two", user.B)
}

func goKeys(t goTest) {
	ctx := t.ctx
	t.must(t.MSet(ctx, "a", 1, "b", 2, "c", 3).Err())
	is(t, int64(2))(t.Exists(ctx, "a", "b", "x").Result())
	is(t, int64(1))(t.Del(ctx, "a", "x").Result())
	is(t, int64(1))(t.Unlink(ctx, "b").Result())
	is(t, true)(t.Expire(ctx, "c", time.Minute).Result())
	is(t, false)(t.ExpireNX(ctx, "c", time.Minute).Result())
	is(t, true)(t.ExpireGT(ctx, "c", time.Hour).Result())
	is(t, true)(t.Persist(ctx, "c").Result())
	is(t, time.Duration(-1))(t.PTTL(ctx, "c").Result())
	is(t, "OK")(t.Rename(ctx, "c", "d").Result())
	is(t, int64(1))(t.Copy(ctx, "d", "e", 0, false).Result())
	is(t, "string")(t.Type(ctx, "d").Result())
	is(t, "int")(t.ObjectEncoding(ctx, "d").Result())
	payload, err := t.Dump(ctx, "d").Result()
	t.must(err)
	is(t, "OK")(t.RestoreReplace(ctx, "f", time.Hour, payload).Result())
	is(t, "3")(t.Get(ctx, "f").Result())
	keys, err := t.Keys(ctx, "[def]").Result()
	t.must(err)
	slices.Sort(keys)
	require.Equal(t.T, []string{"d", "e", "f"}, keys)
	is(t, int64(3))(t.DBSize(ctx).Result())
	key, err := t.RandomKey(ctx).Result()
	t.must(err)
	require.Contains(t.T, keys, key)
	t.must(t.RPush(ctx, "list", 3, 1, 2).Err())
	is(t, []string{"3", "2"})(t.Sort(ctx, "list", &redis.Sort{Order: "DESC", Count: 2}).Result())
}

func goHashes(t goTest) {
	ctx := t.ctx
	type model struct {
		Name string   `redis:"name"`
		Age  int      `redis:"age"`
		Tags []string `redis:"-"`
	}
	is(t, int64(2))(t.HSet(ctx, "h", model{Name: "Ada", Age: 36}).Result())
	var m model
	t.must(t.HGetAll(ctx, "h").Scan(&m))
	require.Equal(t.T, model{Name: "Ada", Age: 36}, m)
	is(t, map[string]string{"name": "Ada", "age": "36"})(t.HGetAll(ctx, "h").Result())
	is(t, map[string]string{})(t.HGetAll(ctx, "none").Result())
	is(t, []any{"36", nil})(t.HMGet(ctx, "h", "age", "x").Result())
	is(t, int64(37))(t.HIncrBy(ctx, "h", "age", 1).Result())
	is(t, 37.5)(t.HIncrByFloat(ctx, "h", "age", 0.5).Result())
	is(t, false)(t.HSetNX(ctx, "h", "age", 1).Result())
	is(t, true)(t.HExists(ctx, "h", "age").Result())
	is(t, int64(2))(t.HLen(ctx, "h").Result())
	is(t, int64(1))(t.HDel(ctx, "h", "age", "x").Result())
	is(t, []string{"name"})(t.HKeys(ctx, "h").Result())
	is(t, []string{"Ada"})(t.HVals(ctx, "h").Result())
	is(t, []redis.KeyValue{{Key: "name", Value: "Ada"}})(t.HRandFieldWithValues(ctx, "h", 1).Result())
	is(t, []int64{1, -2})(t.HExpire(ctx, "h", time.Hour, "name", "x").Result())
	ttl, err := t.HTTL(ctx, "h", "name").Result()
	t.must(err)
	require.InDelta(t.T, 3600, ttl[0], 60)
	is(t, []int64{1})(t.HPersist(ctx, "h", "name").Result())
	is(t, []string{"Ada"})(t.HGetDel(ctx, "h", "name").Result())
	is(t, int64(0))(t.Exists(ctx, "h").Result())
}

func goLists(t goTest) {
	ctx := t.ctx
	is(t, int64(3))(t.RPush(ctx, "l", "a", "b", "c").Result())
	is(t, int64(4))(t.LPush(ctx, "l", "z").Result())
	is(t, []string{"z", "a", "b", "c"})(t.LRange(ctx, "l", 0, -1).Result())
	is(t, "c")(t.RPop(ctx, "l").Result())
	is(t, []string{"z", "a"})(t.LPopCount(ctx, "l", 2).Result())
	is(t, int64(2))(t.LInsertBefore(ctx, "l", "b", "a").Result())
	is(t, "b")(t.LIndex(ctx, "l", -1).Result())
	is(t, "OK")(t.LSet(ctx, "l", 0, "x").Result())
	is(t, int64(1))(t.LPos(ctx, "l", "b", redis.LPosArgs{}).Result())
	is(t, "x")(t.LMove(ctx, "l", "l2", "LEFT", "RIGHT").Result())
	is(t, int64(1))(t.LRem(ctx, "l", 0, "b").Result())
	key, vals, err := t.LMPop(ctx, "LEFT", 5, "l", "l2").Result()
	t.must(err)
	require.Equal(t.T, "l2", key)
	require.Equal(t.T, []string{"x"}, vals)
	is(t, int64(0))(t.LLen(ctx, "l").Result())
	require.ErrorIs(t.T, t.LPop(ctx, "l").Err(), redis.Nil)
}

func goSets(t goTest) {
	ctx := t.ctx
	is(t, int64(3))(t.SAdd(ctx, "s", "a", "b", "c").Result())
	t.must(t.SAdd(ctx, "t", "b", "c", "d").Err())
	members, err := t.SMembersMap(ctx, "s").Result()
	t.must(err)
	require.Len(t.T, members, 3)
	is(t, []bool{true, false})(t.SMIsMember(ctx, "s", "a", "x").Result())
	sorted := func(v []string, err error) ([]string, error) { slices.Sort(v); return v, err }
	is(t, []string{"b", "c"})(sorted(t.SInter(ctx, "s", "t").Result()))
	is(t, []string{"a", "b", "c", "d"})(sorted(t.SUnion(ctx, "s", "t").Result()))
	is(t, []string{"a"})(t.SDiff(ctx, "s", "t").Result())
	is(t, int64(1))(t.SInterCard(ctx, 1, "s", "t").Result())
	is(t, int64(2))(t.SInterStore(ctx, "u", "s", "t").Result())
	is(t, true)(t.SMove(ctx, "s", "u", "a").Result())
	is(t, int64(1))(t.SRem(ctx, "u", "a").Result())
	popped, err := t.SPopN(ctx, "u", 5).Result()
	t.must(err)
	require.Len(t.T, popped, 2)
	is(t, int64(2))(t.SCard(ctx, "s").Result())
}

func goSortedSets(t goTest) {
	ctx := t.ctx
	is(t, int64(3))(t.ZAdd(ctx, "z", redis.Z{Score: 1, Member: "one"}, redis.Z{Score: 2.5, Member: "two"}, redis.Z{Score: 3, Member: "three"}).Result())
	is(t, int64(1))(t.ZAddArgs(ctx, "z", redis.ZAddArgs{XX: true, GT: true, Ch: true, Members: []redis.Z{{Score: 2, Member: "one"}, {Score: 1, Member: "two"}}}).Result())
	is(t, []redis.Z{{Score: 2, Member: "one"}, {Score: 2.5, Member: "two"}, {Score: 3, Member: "three"}})(t.ZRangeWithScores(ctx, "z", 0, -1).Result())
	is(t, []string{"three", "two"})(t.ZRangeArgs(ctx, redis.ZRangeArgs{Key: "z", Start: 0, Stop: 1, Rev: true}).Result())
	is(t, []string{"two"})(t.ZRangeArgs(ctx, redis.ZRangeArgs{Key: "z", Start: "(2", Stop: "+inf", ByScore: true, Count: 1}).Result())
	is(t, []string{"three"})(t.ZRangeArgs(ctx, redis.ZRangeArgs{Key: "z", Start: "(2.5", Stop: 10, ByScore: true, Rev: false}).Result())
	is(t, 4.5)(t.ZIncrBy(ctx, "z", 2, "two").Result())
	is(t, int64(2))(t.ZRank(ctx, "z", "two").Result())
	rank, err := t.ZRankWithScore(ctx, "z", "two").Result()
	t.must(err)
	require.Equal(t.T, redis.RankScore{Rank: 2, Score: 4.5}, rank)
	is(t, 4.5)(t.ZScore(ctx, "z", "two").Result())
	is(t, []float64{2, 0})(t.ZMScore(ctx, "z", "one", "x").Result())
	is(t, int64(2))(t.ZCount(ctx, "z", "3", "5").Result())
	is(t, []redis.Z{{Score: 4.5, Member: "two"}})(t.ZPopMax(ctx, "z").Result())
	key, zs, err := t.ZMPop(ctx, "min", 2, "none", "z").Result()
	t.must(err)
	require.Equal(t.T, "z", key)
	require.Equal(t.T, []redis.Z{{Score: 2, Member: "one"}, {Score: 3, Member: "three"}}, zs)
	t.must(t.ZAdd(ctx, "a", redis.Z{Score: 1, Member: "x"}, redis.Z{Score: 2, Member: "y"}).Err())
	t.must(t.ZAdd(ctx, "b", redis.Z{Score: 10, Member: "y"}).Err())
	is(t, int64(2))(t.ZUnionStore(ctx, "u", &redis.ZStore{Keys: []string{"a", "b"}, Weights: []float64{1, 2}, Aggregate: "MAX"}).Result())
	is(t, []redis.Z{{Score: 1, Member: "x"}, {Score: 20, Member: "y"}})(t.ZRangeWithScores(ctx, "u", 0, -1).Result())
	is(t, []string{"y"})(t.ZInter(ctx, &redis.ZStore{Keys: []string{"a", "b"}}).Result())
	is(t, []string{"x"})(t.ZDiff(ctx, "a", "b").Result())
	is(t, int64(1))(t.ZRemRangeByScore(ctx, "u", "-inf", "1").Result())
}

func goGeo(t goTest) {
	ctx := t.ctx
	is(t, int64(2))(t.GeoAdd(ctx, "g", &redis.GeoLocation{Name: "Palermo", Longitude: 13.361389, Latitude: 38.115556},
		&redis.GeoLocation{Name: "Catania", Longitude: 15.087269, Latitude: 37.502669}).Result())
	is(t, 166274.1516)(t.GeoDist(ctx, "g", "Palermo", "Catania", "m").Result())
	is(t, []string{"sqc8b49rny0", "sqdtr74hyu0"})(t.GeoHash(ctx, "g", "Palermo", "Catania").Result())
	pos, err := t.GeoPos(ctx, "g", "Palermo", "x").Result()
	t.must(err)
	require.InDelta(t.T, 13.361389, pos[0].Longitude, 1e-5)
	require.Nil(t.T, pos[1])
	found, err := t.GeoSearchLocation(ctx, "g", &redis.GeoSearchLocationQuery{
		GeoSearchQuery: redis.GeoSearchQuery{Longitude: 15, Latitude: 37, Radius: 200, RadiusUnit: "km", Sort: "ASC"}, WithDist: true, WithCoord: true,
	}).Result()
	t.must(err)
	require.Len(t.T, found, 2)
	require.Equal(t.T, "Catania", found[0].Name)
	require.InDelta(t.T, 56.4413, found[0].Dist, 1e-4)
}

func goBitmaps(t goTest) {
	ctx := t.ctx
	is(t, int64(0))(t.SetBit(ctx, "b", 7, 1).Result())
	is(t, int64(1))(t.GetBit(ctx, "b", 7).Result())
	is(t, int64(1))(t.BitCount(ctx, "b", &redis.BitCount{Start: 0, End: -1, Unit: "BIT"}).Result())
	is(t, int64(7))(t.BitPos(ctx, "b", 1).Result())
	is(t, int64(1))(t.BitOpNot(ctx, "c", "b").Result())
	is(t, "\xfe")(t.Get(ctx, "c").Result())
	is(t, []int64{0, 5})(t.BitField(ctx, "f", "SET", "u8", "#1", 5, "GET", "u8", "#1").Result())
	is(t, []int64{5})(t.BitFieldRO(ctx, "f", "u8", "#1").Result())
}

func goHyperLogLog(t goTest) {
	ctx := t.ctx
	for i := range 1000 {
		t.must(t.PFAdd(ctx, "p", "element"+strconv.Itoa(i)).Err())
	}
	n, err := t.PFCount(ctx, "p").Result()
	t.must(err)
	require.InDelta(t.T, 1000, n, 30)
	is(t, "OK")(t.PFMerge(ctx, "q", "p", "none").Result())
	is(t, n)(t.PFCount(ctx, "q").Result())
}

func goScan(t goTest) {
	ctx := t.ctx
	pipe := t.Pipeline()
	for i := range 500 {
		pipe.Set(ctx, fmt.Sprintf("key:%d", i), i, 0)
		pipe.HSet(ctx, "hash", fmt.Sprintf("f%d", i), i)
		pipe.SAdd(ctx, "set", i)
		pipe.ZAdd(ctx, "zset", redis.Z{Score: float64(i), Member: i})
	}
	_, err := pipe.Exec(ctx)
	t.must(err)
	count := func(it *redis.ScanIterator) int {
		seen := map[string]bool{}
		for it.Next(ctx) {
			seen[it.Val()] = true
		}
		t.must(it.Err())
		return len(seen)
	}
	require.Equal(t.T, 500, count(t.Scan(ctx, 0, "key:*", 37).Iterator()))
	require.Equal(t.T, 500, count(t.ScanType(ctx, 0, "", 100, "string").Iterator()))
	require.Equal(t.T, 500, count(t.SScan(ctx, "set", 0, "", 50).Iterator()))
	require.Equal(t.T, 500, count(t.HScanNoValues(ctx, "hash", 0, "", 50).Iterator()))
	require.GreaterOrEqual(t.T, count(t.ZScan(ctx, "zset", 0, "", 50).Iterator()), 500)
}

func goPipelines(t goTest) {
	ctx := t.ctx
	var incr *redis.IntCmd
	cmds, err := t.Pipelined(ctx, func(p redis.Pipeliner) error {
		incr = p.Incr(ctx, "n")
		p.Expire(ctx, "n", time.Hour)
		p.Get(ctx, "missing")
		p.LPush(ctx, "n", "x")
		return nil
	})
	require.ErrorIs(t.T, err, redis.Nil, "the first error of the pipeline")
	require.Len(t.T, cmds, 4)
	require.Equal(t.T, int64(1), incr.Val())
	require.ErrorContains(t.T, cmds[3].Err(), "WRONGTYPE")
	p := t.Pipeline()
	for i := range 10000 {
		p.Set(ctx, "k"+strconv.Itoa(i), i, 0)
	}
	cmds, err = p.Exec(ctx)
	t.must(err)
	require.Len(t.T, cmds, 10000)
	is(t, int64(10001))(t.DBSize(ctx).Result())
}

func goTransactions(t goTest) {
	ctx := t.ctx
	var get *redis.StringCmd
	_, err := t.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Set(ctx, "k", "v", 0)
		get = p.Get(ctx, "k")
		return nil
	})
	t.must(err)
	require.Equal(t.T, "v", get.Val())
	// The counter of go-redis's documentation: as many increments as goroutines, by optimistic locking.
	increment := func() error {
		for {
			err := t.Watch(ctx, func(tx *redis.Tx) error {
				n, err := tx.Get(ctx, "counter").Int()
				if err != nil && !errors.Is(err, redis.Nil) {
					return err
				}
				_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error { return p.Set(ctx, "counter", n+1, 0).Err() })
				return err
			}, "counter")
			if !errors.Is(err, redis.TxFailedErr) {
				return err
			}
		}
	}
	var wg sync.WaitGroup
	errs := make(chan error, 20)
	for range 20 {
		wg.Go(func() { errs <- increment() })
	}
	wg.Wait()
	for range 20 {
		t.must(<-errs)
	}
	is(t, "20")(t.Get(ctx, "counter").Result())
}

func goPubSub(t goTest) {
	ctx := t.ctx
	sub := t.Subscribe(ctx, "news", "more")
	defer sub.Close()
	_, err := sub.Receive(ctx)
	t.must(err)
	_, err = sub.Receive(ctx)
	t.must(err)
	psub := t.PSubscribe(ctx, "n*s")
	defer psub.Close()
	_, err = psub.Receive(ctx)
	t.must(err)
	is(t, int64(2))(t.Publish(ctx, "news", "hello").Result())
	m, err := sub.ReceiveMessage(ctx)
	t.must(err)
	require.Equal(t.T, "hello", m.Payload)
	m, err = psub.ReceiveMessage(ctx)
	t.must(err)
	require.Equal(t.T, "n*s", m.Pattern)
	t.must(sub.Ping(ctx, "still there"))
	pong, err := sub.Receive(ctx)
	t.must(err)
	require.Equal(t.T, "still there", pong.(*redis.Pong).Payload)
	is(t, map[string]int64{"news": 1, "none": 0})(t.PubSubNumSub(ctx, "news", "none").Result())
	is(t, int64(1))(t.PubSubNumPat(ctx).Result())
	ssub := t.SSubscribe(ctx, "shard")
	defer ssub.Close()
	_, err = ssub.Receive(ctx)
	t.must(err)
	is(t, int64(1))(t.SPublish(ctx, "shard", "s").Result())
	m, err = ssub.ReceiveMessage(ctx)
	t.must(err)
	require.Equal(t.T, "s", m.Payload)
	// Keyspace notifications, as in the documentation of key expiry.
	t.must(t.ConfigSet(ctx, "notify-keyspace-events", "Ex").Err())
	events := t.Subscribe(ctx, "__keyevent@0__:expired")
	defer events.Close()
	_, err = events.Receive(ctx)
	t.must(err)
	t.must(t.Set(ctx, "soon", 1, 5*time.Millisecond).Err())
	m, err = events.ReceiveMessage(ctx)
	t.must(err)
	require.Equal(t.T, "soon", m.Payload)
	t.must(t.ConfigSet(ctx, "notify-keyspace-events", "").Err())
}

func goBlocking(t goTest) {
	ctx := t.ctx
	require.ErrorIs(t.T, t.BLPop(ctx, time.Second, "none").Err(), redis.Nil)
	got := make(chan []string, 1)
	other := redis.NewClient(&redis.Options{Addr: t.Options().Addr, Protocol: t.proto})
	defer other.Close()
	go func() { got <- other.BRPop(ctx, 10*time.Second, "queue", "other").Val() }()
	require.Eventually(t.T, func() bool {
		info, err := t.Info(ctx, "clients").Result()
		return err == nil && strings.Contains(info, "blocked_clients:1\r\n")
	}, 10*time.Second, 5*time.Millisecond)
	t.must(t.LPush(ctx, "queue", "job").Err())
	require.Equal(t.T, []string{"queue", "job"}, <-got)
	t.must(t.ZAdd(ctx, "z", redis.Z{Score: 1, Member: "m"}).Err())
	z, err := t.BZPopMin(ctx, time.Second, "z").Result()
	t.must(err)
	require.Equal(t.T, "m", z.Member)
	hasty := redis.NewClient(&redis.Options{Addr: t.Options().Addr, Protocol: t.proto, ContextTimeoutEnabled: true, MaxRetries: -1})
	defer hasty.Close()
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	require.ErrorContains(t.T, hasty.BLPop(short, time.Minute, "none").Err(), "timeout")
}

func goServer(t goTest) {
	ctx := t.ctx
	is(t, "PONG")(t.Ping(ctx).Result())
	is(t, "hi")(t.Echo(ctx, "hi").Result())
	is(t, "example")(t.ClientGetName(ctx).Result())
	id, err := t.ClientID(ctx).Result()
	t.must(err)
	info, err := t.ClientInfo(ctx).Result()
	t.must(err)
	require.Equal(t.T, id, info.ID)
	require.Equal(t.T, "example", info.Name)
	require.Equal(t.T, t.proto, info.Resp)
	require.Equal(t.T, "go-redis", strings.Split(info.LibName, "(")[0])
	list, err := t.ClientList(ctx).Result()
	t.must(err)
	require.Contains(t.T, list, "name=example")
	cfg, err := t.ConfigGet(ctx, "max*").Result()
	t.must(err)
	require.Equal(t.T, "10000", cfg["maxclients"])
	commands, err := t.Command(ctx).Result()
	t.must(err)
	require.Equal(t.T, int8(2), commands["get"].Arity)
	require.Contains(t.T, commands["get"].Flags, "readonly")
	is(t, []string{"a", "b"})(t.CommandGetKeys(ctx, "mset", "a", "1", "b", "2").Result())
	now, err := t.Time(ctx).Result()
	t.must(err)
	require.WithinDuration(t.T, time.Now(), now, time.Minute)
	m, err := t.InfoMap(ctx, "server").Result()
	t.must(err)
	require.Equal(t.T, "8.0.2", m["Server"]["redis_version"])
	t.must(t.SlowLogGet(ctx, 10).Err())
	used, err := t.MemoryUsage(ctx, "none").Result()
	require.ErrorIs(t.T, err, redis.Nil)
	require.Zero(t.T, used)
	is(t, int64(0))(t.Wait(ctx, 0, time.Second).Result())
}

func goStreams(t goTest) {
	ctx := t.ctx
	id, err := t.XAdd(ctx, &redis.XAddArgs{Stream: "x", Values: map[string]any{"k": "v"}}).Result()
	t.must(err)
	is(t, "9999999999999-1")(t.XAdd(ctx, &redis.XAddArgs{Stream: "x", ID: "9999999999999-1", MaxLen: 100, Approx: true, Values: []string{"a", "b"}}).Result())
	is(t, int64(2))(t.XLen(ctx, "x").Result())
	first := redis.XMessage{ID: id, Values: map[string]any{"k": "v"}}
	is(t, []redis.XMessage{first})(t.XRangeN(ctx, "x", "-", "+", 1).Result())
	streams, err := t.XRead(ctx, &redis.XReadArgs{Streams: []string{"x", "0"}, Count: 1, Block: time.Second}).Result()
	t.must(err)
	require.Equal(t.T, []redis.XStream{{Stream: "x", Messages: []redis.XMessage{first}}}, streams)
	is(t, "OK")(t.XGroupCreateMkStream(ctx, "x", "grp", "0").Result())
	streams, err = t.XReadGroup(ctx, &redis.XReadGroupArgs{Group: "grp", Consumer: "me", Streams: []string{"x", ">"}}).Result()
	t.must(err)
	require.Len(t.T, streams[0].Messages, 2)
	pending, err := t.XPending(ctx, "x", "grp").Result()
	t.must(err)
	require.Equal(t.T, map[string]int64{"me": 2}, pending.Consumers)
	is(t, int64(1))(t.XAck(ctx, "x", "grp", id).Result())
	claimed, _, err := t.XAutoClaim(ctx, &redis.XAutoClaimArgs{Stream: "x", Group: "grp", Consumer: "you", Start: "0"}).Result()
	t.must(err)
	require.Len(t.T, claimed, 1)
	info, err := t.XInfoStream(ctx, "x").Result()
	t.must(err)
	require.Equal(t.T, int64(2), info.Length)
	full, err := t.XInfoStreamFull(ctx, "x", 10).Result()
	t.must(err)
	require.Len(t.T, full.Groups[0].Consumers, 2)
	is(t, int64(1))(t.XDel(ctx, "x", id).Result())
	is(t, int64(1))(t.XTrimMaxLen(ctx, "x", 0).Result())
}

// goPool opens many connections at once, in another database.
func goPool(t goTest) {
	c := redis.NewClient(&redis.Options{Addr: t.Options().Addr, Protocol: t.proto, DB: 3, PoolSize: 30})
	defer c.Close()
	var wg sync.WaitGroup
	errs := make(chan error, 30*50)
	for i := range 30 {
		wg.Go(func() {
			for j := range 50 {
				key := fmt.Sprintf("%d:%d", i, j)
				if err := c.Set(t.ctx, key, j, 0).Err(); err != nil {
					errs <- err
				} else if n, err := c.Get(t.ctx, key).Int(); err != nil || n != j {
					errs <- fmt.Errorf("%s: %d %v", key, n, err)
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	t.must(<-errs)
	is(t, int64(1500))(c.DBSize(t.ctx).Result())
	is(t, int64(0))(t.DBSize(t.ctx).Result())
}

func goErrors(t goTest) {
	ctx := t.ctx
	t.must(t.RPush(ctx, "l", 1).Err())
	require.EqualError(t.T, t.Get(ctx, "l").Err(), "WRONGTYPE Operation against a key holding the wrong kind of value")
	require.ErrorContains(t.T, t.Do(ctx, "nosuch", "x").Err(), "unknown command 'nosuch'")
	require.EqualError(t.T, t.Do(ctx, "get").Err(), "ERR wrong number of arguments for 'get' command")
	t.must(t.ConfigSet(ctx, "requirepass", "secret").Err())
	bad := redis.NewClient(&redis.Options{Addr: t.Options().Addr, Password: "wrong", Protocol: t.proto})
	defer bad.Close()
	require.ErrorContains(t.T, bad.Ping(ctx).Err(), "WRONGPASS")
	good := redis.NewClient(&redis.Options{Addr: t.Options().Addr, Password: "secret", Protocol: t.proto})
	defer good.Close()
	is(t, "PONG")(good.Ping(ctx).Result())
	t.must(t.ConfigSet(ctx, "requirepass", "").Err())
}
