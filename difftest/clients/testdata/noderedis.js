// What node-redis's documentation shows, with its results checked. Usage: noderedis.js PORT PROTOCOL
const assert = require("assert");
const { createClient, WatchError } = require("redis");

const url = `redis://127.0.0.1:${process.argv[2]}`;
const RESP = Number(process.argv[3]);
// Replies with null prototypes are compared by content.
const equal = (got, want) => assert.deepEqual(JSON.parse(JSON.stringify(got)), want);

async function main() {
  const client = createClient({ url, RESP, name: "node" });
  client.on("error", (e) => { throw e; });
  await client.connect();
  await client.flushAll();
  equal(await client.set("key", "value"), "OK");
  equal(await client.get("key"), "value");
  equal(await client.set("key", "again", { expiration: { type: "EX", value: 1000 }, condition: "XX" }), "OK");
  equal(await client.get("none"), null);
  equal(await client.mSet({ a: "1", b: "2" }), "OK");
  equal(await client.mGet(["a", "b", "c"]), ["1", "2", null]);
  equal(await client.incrByFloat("f", 0.1), "0.1");

  equal(await client.hSet("h", { name: "Ada", born: 1815 }), 2);
  equal(await client.hGetAll("h"), { name: "Ada", born: "1815" });
  equal(await client.hExpire("h", ["name"], 1000), [1]);
  equal(await client.rPush("l", ["a", "b", "c"]), 3);
  equal(await client.lRange("l", 0, -1), ["a", "b", "c"]);
  equal(await client.sAdd("s", ["a", "b"]), 2);
  equal([...(await client.sMembers("s"))].sort(), ["a", "b"]);
  equal(await client.zAdd("z", [{ score: 1, value: "one" }, { score: 2.5, value: "two" }]), 2);
  equal(await client.zRangeWithScores("z", 0, -1), [{ value: "one", score: 1 }, { value: "two", score: 2.5 }]);
  equal(await client.zScore("z", "two"), 2.5);
  equal(await client.zPopMax("z"), { value: "two", score: 2.5 });
  equal(await client.geoAdd("g", [{ longitude: 13.361389, latitude: 38.115556, member: "Palermo" }]), 1);
  equal(await client.geoSearch("g", { longitude: 13, latitude: 38 }, { radius: 100, unit: "km" }), ["Palermo"]);
  equal(await client.setBit("bits", 5, 1), 0);
  equal(await client.bitCount("bits"), 1);
  equal(await client.pfAdd("p", ["a", "b"]), 1);
  equal(await client.pfCount("p"), 2);

  // Transactions and pipelines.
  equal(await client.multi().set("tx", "1").get("tx").exec(), ["OK", "1"]);
  equal(await client.multi().ping().get("tx").execAsPipeline(), ["PONG", "1"]);
  await client.watch("watched");
  const other = client.duplicate();
  await other.connect();
  await other.set("watched", "changed");
  await assert.rejects(client.multi().set("watched", "lost").exec(), WatchError);
  equal(await Promise.all(Array.from({ length: 1000 }, (_, i) => client.set("many:" + i, String(i)))), Array(1000).fill("OK"));

  // Iterators.
  const keys = new Set();
  for await (const part of client.scanIterator({ MATCH: "many:*", COUNT: 200 })) part.forEach((k) => keys.add(k));
  equal(keys.size, 1000);
  const fields = {};
  for await (const part of client.hScanIterator("h")) part.forEach(({ field, value }) => (fields[field] = value));
  equal(fields, { name: "Ada", born: "1815" });

  // Publish and subscribe; sharded too.
  const sub = client.duplicate();
  await sub.connect();
  const messages = [];
  await sub.subscribe("channel", (m, c) => messages.push(`${c}:${m}`));
  await sub.pSubscribe("chan*", (m, c) => messages.push(`*${c}:${m}`));
  await sub.sSubscribe("shard", (m, c) => messages.push(`s ${c}:${m}`));
  equal(await client.publish("channel", "hi"), 2);
  equal(await client.sPublish("shard", "hi"), 1);
  for (let i = 0; messages.length < 3 && i < 500; i++) await new Promise((r) => setTimeout(r, 10));
  equal(messages.sort(), ["*channel:hi", "channel:hi", "s shard:hi"]);
  await sub.unsubscribe("channel");
  await sub.pUnsubscribe("chan*");
  await sub.sUnsubscribe("shard");
  await sub.close();

  // Blocking.
  const popped = other.blPop("queue", 10);
  equal(await client.rPush("queue", "job"), 1);
  equal(await popped, { key: "queue", element: "job" });
  other.destroy();

  // Client-side caching needs RESP3.
  if (RESP === 3 && (await client.sendCommand(["COMMAND", "INFO", "CLIENT|TRACKING"]))[0]) {
    const cached = createClient({ url, RESP: 3, clientSideCache: { ttl: 0, maxEntries: 0, evictPolicy: "LRU" } });
    await cached.connect();
    equal(await cached.get("tx"), "1");
    equal(await cached.get("tx"), "1");
    await client.set("tx", "2");
    for (let i = 0; (await cached.get("tx")) !== "2"; i++) {
      assert(i < 500, "never invalidated");
      await new Promise((r) => setTimeout(r, 10));
    }
    cached.destroy();
  }

  // The server; errors.
  equal(await client.clientGetName(), "node");
  assert(/redis_version:8\.0\.2/.test(await client.info()));
  equal(await client.configGet("maxclients"), { maxclients: "10000" });
  equal((await client.commandInfo(["get"]))[0].arity, 2);
  equal(await client.sendCommand(["ECHO", "hi"]), "hi");
  await assert.rejects(client.sendCommand(["NOSUCH"]), /ERR unknown command/);
  await assert.rejects(client.lPush("key", "x"), /WRONGTYPE/);
  if ((await client.commandInfo(["eval"]))[0]) {
    equal(await client.eval("return ARGV[1]", { keys: ["k"], arguments: ["v"] }), "v");
  }
  if ((await client.commandInfo(["xadd"]))[0]) {
    const id = await client.xAdd("stream", "*", { k: "v" });
    equal(await client.xRange("stream", "-", "+"), [{ id, message: { k: "v" } }]);
  }
  await client.close();
  console.log("ok");
  process.exit(0); // whatever connection a library still keeps
}

main().catch((e) => {
  console.error(e);
  process.exit(1);
});
