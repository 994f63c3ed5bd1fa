// Package difftest compares berth with real servers of the Redis family, byte for byte.
//
// It speaks TCP only: both servers are child processes, started on free ports of 127.0.0.1 in temporary
// directories ([Start]), driven by a client that keeps every reply's raw bytes ([Conn]). Two drivers sit on top:
//
//   - scripts ([ParseScript], [Script.Run], [Compare]): testdata/**/*.rt for commands and RediSearch,
//     testmodules/*.rt for the module API, each run in RESP2 and RESP3;
//   - randomised streams ([Generator], [Stream]): commands with valid and nearly valid arguments, from templates of our own and
//     from the syntax that the reference server documents ([Derive]), in
//     pipelined batches, followed by a comparison of both keyspaces. A difference is shrunk to a short
//     list of commands before it is printed.
//
// # Scripts
//
// A script is read line by line. A line holds one command, quoted as redis-cli quotes, or begins with one of:
//
//	# text                 comment
//	module NAME [args]     (this and the next two stand above the first command) load testmodules/NAME.so first (a script beside the modules loads the module of its
//	                       own name when it has no such line)
//	reference VERSION      8.0 (the default), 8.2, valkey-8.1, valkey-9.1 or none
//	mask /REGEX/           what matches counts only as the text of the groups, as for times in replies
//	server --param value   extra command-line arguments for both servers
//	proto 2|3              HELLO on the current connection; as the first line, the only protocol to run in
//	conn NAME              switch to another connection, opened on first use
//	close                  close the current connection
//	> command              send without reading the reply
//	< [N]                  read N replies (default 1); N = 0 asserts that nothing arrives for a while
//	?< N                   read N replies whose order does not matter
//	! command              run, ignore the reply
//	~/REGEX/ command       the raw reply matches REGEX on both servers
//	? command              the reply's elements are compared without their order, at every depth
//	?2 command             the same for elements that come in pairs
//	let NAME command       keep the reply, or its last element, for later ${NAME}; only the rest is compared
//	blocked N              wait until N clients are blocked
//	sleep MS               let time pass
//	inline text            send text and \r\n
//	raw "bytes"            send bytes
//	expect "raw"           the raw reply that the command above must have had (with reference none); two
//	                       such lines mean RESP2 and RESP3
//
// berth is built from cmd/berth unless BERTH_BIN names a binary. BERTH_BIN=oracle compares the reference server
// with a second copy of itself, which proves that the scripts themselves are deterministic. DIFFTEST_SHOW=1 with -v prints every reply of
// the reference server.
package difftest
