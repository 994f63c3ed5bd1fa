// Command bench measures berth beside redis-server and valkey-server: speed with redis-benchmark, in
// alternating runs, memory per key, and the longest pause that a client sees. `make bench` runs it.
//
// All three servers run at the same time on ports of their own, without persistence, with the same
// module (testmodules/bench.c); only one is under load at a time. Ratios are taken within a round, where the runs
// of the three follow each other closely, and the median of the rounds is printed: absolute numbers of a shared machine
// mean little.
//
// It talks to servers over TCP only, as difftest does, whose child processes it borrows.
package main
