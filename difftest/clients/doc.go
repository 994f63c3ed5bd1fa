// Package clients drives berth with the client libraries that people have.
//
// go-redis runs with every test run. redis-py, ioredis and node-redis run with `make clients`, which fetches them (tools/clients) and sets
// the build tag clients. What they do is what their documentation shows; each checks its replies, and each runs against
// redis-server as well (BERTH_BIN=oracle), which proves that what is expected is what Redis does.
package clients
