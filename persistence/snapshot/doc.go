// Package snapshot writes the data set of one instant to a file while the server goes on working: BGSAVE, and the base
// file of an append-only file.
//
// A Job has two halves. The server's loop calls Step between commands: it encodes keys, through
// keyspace.Snapshot, into a queue. The other half is a process of its own (this program executed again, which ends
// in RunWriter) that reads the queue through a pipe, compresses, writes, syncs and renames: a slow disk stalls nobody,
// and who kills that process fails the save, as with Redis's child. A program that embeds a server has a goroutine
// instead.
//
//	job, err := snapshot.Start(snapshot.Options{Keyspace: ks, Encoder: &snapshot.RDB{…}, Writer: snapshot.Spec{…}, …})
//	for !job.Step(time.Millisecond) { … other work … }   // the instant is that of Start
//	result := <-job.Done()                               // or Options.Done, called from a goroutine
//
// An Encoder decides what the records are: RDB makes those of an RDB file; an append-only file without preamble is one
// that makes commands, with Spec.Raw.
//
// Start, Step and Abort are called with the server lock held. Only one job may run at a time.
package snapshot
