"""What redis-py's documentation shows, with its results checked. Usage: redispy.py PORT"""
import sys
import threading
import time

import redis

port = int(sys.argv[1])
r = redis.Redis(host="127.0.0.1", port=port, decode_responses=True)
raw = redis.Redis(host="127.0.0.1", port=port)


def equal(got, want):
    if got != want:
        raise AssertionError(f"{got!r}, want {want!r}")


def fails(error, f, *args, text=""):
    try:
        f(*args)
    except error as e:
        if text not in str(e):
            raise AssertionError(f"{e!r} without {text!r}")
        return
    raise AssertionError(f"{f} did not fail")


r.flushall()
equal(r.ping(), True)

# Strings and keys.
equal(r.set("foo", "bar"), True)
equal(raw.get("foo"), b"bar")
equal(r.get("nothing"), None)
equal(r.set("foo", "baz", nx=True), None)
equal(r.set("foo", "new", xx=True, get=True), "bar")
equal(r.set("session", 1, ex=1000), True)
assert 990 < r.ttl("session") <= 1000
equal(r.getex("session", persist=True), "1")
equal(r.ttl("session"), -1)
equal(r.incr("n", 5), 5)
equal(r.incrbyfloat("n", 0.5), 5.5)
equal(r.mset({"a": 1, "b": "x"}), True)
equal(r.mget("a", "b", "c"), ["1", "x", None])
equal(r.getdel("b"), "x")
equal(r.append("foo", "!"), 4)
equal(r.exists("foo", "a", "none"), 2)
equal(r.type("foo"), "string")
equal(r.rename("foo", "bar"), True)
payload = raw.dump("bar")
equal(raw.restore("copy", 0, payload), "OK" if redis.VERSION >= (5,) else b"OK")
equal(r.get("copy"), "new!")
equal(r.object("encoding", "n"), "embstr")
binary = bytes(range(256))
raw.set(binary, binary)
equal(raw.get(binary), binary)

# Hashes, lists, sets, sorted sets.
equal(r.hset("h", mapping={"name": "Ada", "born": 1815}), 2)
equal(r.hgetall("h"), {"name": "Ada", "born": "1815"})
equal(r.hmget("h", "name", "x"), ["Ada", None])
equal(r.hincrby("h", "born", 1), 1816)
equal(len(r.hrandfield("h", 2, withvalues=True)), 4)
equal(r.rpush("l", *range(10)), 10)
equal(r.lrange("l", 2, 4), ["2", "3", "4"])
equal(r.lpop("l", 2), ["0", "1"])
equal(r.lmove("l", "l2", "RIGHT", "LEFT"), "9")
equal(r.lpos("l", "5"), 3)
equal(r.lmpop(2, "l2", "l", direction="LEFT"), ["l2", ["9"]])
equal(r.sadd("s", "a", "b", "c"), 3)
equal(r.smembers("s"), {"a", "b", "c"})
equal(r.smismember("s", "a", "x"), [1, 0])
equal(r.sintercard(1, ["s"], limit=2), 2)
equal(r.zadd("z", {"one": 1, "two": 2, "three": 3}), 3)
equal(r.zadd("z", {"one": 5}, gt=True, ch=True), 1)
equal(r.zrange("z", 0, -1, withscores=True), [("two", 2.0), ("three", 3.0), ("one", 5.0)])
equal(r.zrange("z", 5, 3, byscore=True, desc=True), ["one", "three"])
equal(r.zpopmin("z"), [("two", 2.0)])
equal(r.zscore("z", "one"), 5.0)
equal(r.zrangestore("z2", "z", 0, 0), 1)
equal(r.bzpopmin("z2", 1), ("z2", "three", 3.0))
equal(r.geoadd("g", (13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania")), 2)
equal(r.geodist("g", "Palermo", "Catania", "km"), 166.2742)
equal(r.geosearch("g", longitude=15, latitude=37, radius=100, unit="km"), ["Catania"])
equal(r.setbit("bits", 7, 1), 0)
equal(r.bitcount("bits"), 1)
equal(r.bitfield("bf").set("u8", 8, 255).get("u8", 8).incrby("u8", 8, 10, overflow="SAT").execute(), [0, 255, 255])
equal(r.pfadd("p", *range(100)), 1)
assert 95 < r.pfcount("p") < 105

# Pipelines, transactions and their helper.
pipe = r.pipeline()
equal(pipe.set("foo", "bar").sadd("faz", "baz").incr("auto").execute(), [True, 1, 1])
with r.pipeline(transaction=False) as p:
    p.get("foo").lpush("foo", 1).get("auto")
    results = p.execute(raise_on_error=False)
    equal(results[0], "bar")
    assert isinstance(results[1], redis.ResponseError), results
with r.pipeline() as p:
    while True:
        try:
            p.watch("counter")
            value = int(p.get("counter") or 0)
            p.multi()
            p.set("counter", value + 1)
            p.execute()
            break
        except redis.WatchError:
            continue
r.transaction(lambda p: (p.multi(), p.set("t", 1)), "t")
equal(r.get("t"), "1")
with r.pipeline() as p:
    p.watch("w")
    r.set("w", "changed")
    p.multi()
    p.set("w", "lost")
    fails(redis.WatchError, p.execute)

# Iterators.
for i in range(200):
    r.set(f"it:{i}", i)
equal(len(set(r.scan_iter("it:*", count=20))), 200)
r.hset("big", mapping={f"f{i}": i for i in range(600)})
equal(dict(r.hscan_iter("big")), {f"f{i}": str(i) for i in range(600)})
equal(set(r.sscan_iter("s")), {"a", "b", "c"})
equal(dict(r.zscan_iter("z")), {"three": 3.0, "one": 5.0})

# Publish and subscribe, also in a thread.
p = r.pubsub()
p.subscribe("my-first-channel", "my-second-channel")
p.psubscribe("my-*")
for _ in range(3):
    assert p.get_message(timeout=5)["type"].endswith("subscribe")
equal(r.publish("my-first-channel", "some data"), 2)
kinds = sorted(p.get_message(timeout=5)["type"] for _ in range(2))
equal(kinds, ["message", "pmessage"])
p.unsubscribe()
p.punsubscribe()
p.close()
heard = threading.Event()
p = r.pubsub(ignore_subscribe_messages=True)
p.subscribe(**{"handled": lambda m: heard.set()})
thread = p.run_in_thread(sleep_time=0.01)
for _ in range(500):
    r.publish("handled", "x")
    if heard.wait(0.01):
        break
thread.stop()
thread.join()
assert heard.is_set()
shared = r.monitor()
with shared as m:
    r.get("monitored")
    while True:
        seen = m.next_command()
        if seen["command"] == "GET monitored":
            break

# Blocking, locks.
equal(r.blpop("none", 1), None)
threading.Timer(0.05, lambda: r.rpush("queue", "job")).start()
equal(r.blpop("queue", 10), ("queue", "job"))

# The server.
equal(r.info()["redis_version"], "8.0.2")
equal(r.config_get("maxclients"), {"maxclients": "10000"})
equal(r.config_set("maxmemory-policy", "allkeys-lru"), True)
r.config_set("maxmemory-policy", "noeviction")
equal(r.client_setname("py"), True)
equal(r.client_getname(), "py")
assert any(c["name"] == "py" for c in r.client_list())
equal(r.command_getkeys("MSET", "a", 1, "b", 2), ["a", "b"])
assert abs(r.time()[0] - time.time()) < 60
assert r.slowlog_get(5) is not None
equal(r.dbsize() > 200, True)
equal(r.wait(0, 10), 0)
fails(redis.ResponseError, r.lpush, "n", 1, text="WRONGTYPE")
fails(redis.ResponseError, r.execute_command, "NOSUCH", text="unknown command")
fails(redis.ResponseError, r.execute_command, "GET", text="wrong number of arguments")

# What needs a server with scripts and streams.
have = {name.lower() for name in r.command_list()} if hasattr(r, "command_list") else set(r.command())
if "eval" in have:
    multiply = r.register_script("return redis.call('GET', KEYS[1]) * ARGV[1]")
    r.set("m", 2)
    equal(multiply(keys=["m"], args=[5]), 10)
    with r.lock("lock", timeout=5):
        equal(r.lock("lock", blocking=False).acquire(), False)
    equal(r.exists("lock"), 0)
if "xadd" in have:
    ident = r.xadd("x", {"k": "v"})
    equal(r.xlen("x"), 1)
    equal(r.xread({"x": 0}), [["x", [(ident, {"k": "v"})]]])
    r.xgroup_create("x", "grp", id=0)
    equal(r.xreadgroup("grp", "me", {"x": ">"}), [["x", [(ident, {"k": "v"})]]])
    equal(r.xpending("x", "grp")["pending"], 1)
    equal(r.xack("x", "grp", ident), 1)
    equal(r.xinfo_stream("x")["length"], 1)
print("ok")
