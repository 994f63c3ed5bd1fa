// What ioredis's documentation shows, with its results checked. Usage: ioredis.js PORT
const assert = require("assert");
const Redis = require("ioredis");

const port = Number(process.argv[2]);
const redis = new Redis({ port, host: "127.0.0.1", connectionName: "io" });
const equal = assert.deepStrictEqual;

async function main() {
  await redis.flushall();
  equal(await redis.set("mykey", "value"), "OK");
  equal(await redis.get("mykey"), "value");
  equal(await redis.get("none"), null);
  equal(await redis.set("key", "data", "EX", 1000), "OK");
  assert((await redis.ttl("key")) > 990);
  equal(await redis.incrby("n", 41), 41);
  equal(await redis.mset({ k1: "v1", k2: "v2" }), "OK");
  equal(await redis.mget("k1", "k2", "k3"), ["v1", "v2", null]);
  equal(await redis.setBuffer("bin", Buffer.from([0, 255, 13, 10])), Buffer.from("OK"));
  equal(await redis.getBuffer("bin"), Buffer.from([0, 255, 13, 10]));

  equal(await redis.hset("h", { name: "Ada", born: 1815 }), 2);
  equal(await redis.hgetall("h"), { name: "Ada", born: "1815" });
  equal(await redis.hgetall("none"), {});
  equal(await redis.hset("h", new Map([["x", "1"]])), 1);
  equal(await redis.rpush("l", 1, 2, 3), 3);
  equal(await redis.lrange("l", 0, -1), ["1", "2", "3"]);
  equal(await redis.sadd("set", [1, 3, 5, 7]), 4);
  equal((await redis.smembers("set")).sort(), ["1", "3", "5", "7"]);
  equal(await redis.zadd("sorted", 1, "one", 2, "dos", 4, "quatro", 3, "three"), 4);
  equal(await redis.zrange("sorted", 0, 2, "WITHSCORES"), ["one", "1", "dos", "2", "three", "3"]);
  equal(await redis.zrange("sorted", "(1", "+inf", "BYSCORE", "LIMIT", 0, 1), ["dos"]);
  equal(await redis.geoadd("g", 13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania"), 2);
  equal(await redis.geosearch("g", "FROMLONLAT", 15, 37, "BYRADIUS", 100, "km", "ASC"), ["Catania"]);
  equal(await redis.setbit("b", 3, 1), 0);
  equal(await redis.bitpos("b", 1), 3);
  equal(await redis.bitfield("bf", "SET", "i8", "#1", -5, "GET", "i8", "#1"), [0, -5]);
  equal(await redis.pfadd("p", "a", "b", "c"), 1);
  equal(await redis.pfcount("p"), 3);

  // Pipelines and transactions.
  equal(await redis.pipeline().set("foo", "bar").get("foo").lpush("foo", 1).exec().then((r) => r.map(([e, v]) => (e ? e.message : v))), [
    "OK", "bar", "WRONGTYPE Operation against a key holding the wrong kind of value",
  ]);
  equal(await redis.pipeline([["set", "a", 1], ["get", "a"]]).exec(), [[null, "OK"], [null, "1"]]);
  equal(await redis.multi().set("foo", "bar").get("foo").exec(), [[null, "OK"], [null, "bar"]]);
  redis.multi({ pipeline: false });
  redis.set("foo", "queued");
  equal(await redis.exec(), [[null, "OK"]]);
  await assert.rejects(redis.multi().set("foo").set("foo", "new").exec(), /EXECABORT/);
  const many = redis.pipeline();
  for (let i = 0; i < 5000; i++) many.set("many:" + i, i);
  equal((await many.exec()).length, 5000);

  // Streams of keys.
  const keys = new Set();
  for await (const part of redis.scanStream({ match: "many:*", count: 300 })) part.forEach((k) => keys.add(k));
  equal(keys.size, 5000);
  const members = new Set();
  for await (const part of redis.sscanStream("set")) part.forEach((m) => members.add(m));
  equal(members.size, 4);

  // Publish and subscribe.
  const sub = new Redis(port, "127.0.0.1");
  const heard = new Promise((resolve) => {
    const got = [];
    const done = () => got.length === 2 && resolve(got.sort());
    sub.on("message", (c, m) => done(got.push(`${c}:${m}`)));
    sub.on("pmessage", (p, c, m) => done(got.push(`${p} ${c}:${m}`)));
  });
  equal(await sub.subscribe("news", "music"), 2);
  equal(await sub.psubscribe("ne*"), 3);
  equal(await redis.publish("news", "hello"), 2);
  equal(await heard, ["ne* news:hello", "news:hello"]);
  equal(await sub.unsubscribe("news", "music"), 1);
  sub.disconnect();

  // Blocking, another database, automatic pipelines.
  const blocked = new Redis({ port, host: "127.0.0.1", db: 2 });
  const popped = blocked.brpop("queue", 10);
  const other = new Redis({ port, host: "127.0.0.1", db: 2, enableAutoPipelining: true });
  equal(await other.lpush("queue", "job"), 1);
  equal(await popped, ["queue", "job"]);
  equal(await Promise.all([other.set("x", 1), other.get("x"), other.incr("x")]), ["OK", "1", 2]);
  blocked.disconnect();
  other.disconnect();

  const monitor = await redis.monitor();
  const seen = new Promise((resolve) => monitor.on("monitor", (t, args) => args[0] === "get" && resolve(args)));
  await redis.get("watched");
  equal(await seen, ["get", "watched"]);
  monitor.disconnect();

  // The server; errors.
  equal(await redis.client("GETNAME"), "io");
  assert(/redis_version:8\.0\.2/.test(await redis.info()));
  equal(await redis.config("GET", "maxclients"), ["maxclients", "10000"]);
  equal((await redis.command("INFO", "get"))[0].slice(0, 2), ["get", 2]);
  equal(await redis.call("ECHO", "hi"), "hi");
  await assert.rejects(redis.call("NOSUCH"), /ERR unknown command/);

  if ((await redis.command("INFO", "eval"))[0]) {
    redis.defineCommand("myecho", { numberOfKeys: 2, lua: "return {KEYS[1],KEYS[2],ARGV[1],ARGV[2]}" });
    equal(await redis.myecho("k1", "k2", "a1", "a2"), ["k1", "k2", "a1", "a2"]);
  }
  if ((await redis.command("INFO", "xadd"))[0]) {
    const id = await redis.xadd("s", "*", "k", "v");
    equal(await redis.xread("COUNT", 1, "STREAMS", "s", 0), [["s", [[id, ["k", "v"]]]]]);
  }
  await redis.quit();
  console.log("ok");
  process.exit(0); // whatever connection a library still keeps
}

main().catch((e) => {
  console.error(e);
  process.exit(1);
});
