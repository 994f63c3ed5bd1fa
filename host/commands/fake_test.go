package commands

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"berth/host/command"
	"berth/keyspace"
	"berth/persistence/rdb"
)

// fake is the smallest server that commands can run in: one client, no I/O. It notes
// what commands tell their host.
type fake struct {
	table *command.Table
	ks    *keyspace.Keyspace
	ctx   command.Ctx
	codec rdb.Codec
	lazy  bool

	events     []string // "event key", in order; of databases other than 0 "event key@1"
	modified   []string // keys
	propagated []string // commands, as they'd reach a replica
	ready      []string // keys
	blocked    *command.BlockRequest
	also       []string
}

func newFake(t *testing.T) *fake {
	f := &fake{table: command.NewTable(), ks: keyspace.New(keyspace.Options{})}
	Register(f.table)
	f.codec.Compression = true
	f.ctx = command.Ctx{Writer: &command.Writer{}, DB: f.ks.DB(0), KS: f.ks, Host: f}
	f.ks.Hooks.KeyExpired = func(db *keyspace.DB, key []byte, _ *keyspace.Entry) {
		f.Notify(db, command.NotifyExpired, "expired", key)
	}
	f.ks.Hooks.KeyAdded = func(db *keyspace.DB, key []byte, _ keyspace.Type) {
		f.Notify(db, command.NotifyNew, "new", key)
	}
	t.Cleanup(f.ks.Close)
	return f
}

var fakes sync.Map // *testing.T to *fake

// server is the fake that belongs to a test.
func server(t *testing.T) *fake {
	f, ok := fakes.Load(t)
	if !ok {
		f = newFake(t)
		fakes.Store(t, f)
		t.Cleanup(func() { fakes.Delete(t) })
	}
	return f.(*fake)
}

// run runs a command on the test's own server and returns the raw reply, "" if the
// client is blocked.
func run(t *testing.T, args ...string) string {
	t.Helper()
	return server(t).run(args...)
}

func (f *fake) run(args ...string) string {
	c := &f.ctx
	c.Args = c.Args[:0]
	for _, a := range args {
		c.Args = append(c.Args, []byte(a))
	}
	return f.call()
}

func (f *fake) call() string {
	c := &f.ctx
	c.Buf, c.DirtyCount, c.PropArgs, c.NoPropagate, c.Blocked = c.Buf[:0], 0, nil, false, false
	f.events, f.modified, f.propagated, f.ready, f.also, f.blocked = nil, nil, nil, nil, nil, nil
	f.ks.SetNow(time.Now().UnixMilli())
	row := f.table.LookupArgs(c.Args)
	switch {
	case row == nil || row.Handler == nil:
		return "-ERR unknown command\r\n"
	case !row.ArityOK(len(c.Args)):
		return fmt.Sprintf("-ERR wrong number of arguments for '%s' command\r\n", row.FullName())
	}
	c.Row = row
	row.Handler(c)
	if c.DirtyCount > 0 && !c.NoPropagate {
		args := c.PropArgs
		if args == nil {
			args = c.Args
		}
		f.propagated = append(f.propagated, join(args))
	}
	f.propagated = append(f.propagated, f.also...)
	return string(c.Buf)
}

func join(args [][]byte) string {
	words := make([]string, len(args))
	for i, a := range args {
		words[i] = string(a)
	}
	return strings.Join(words, " ")
}

func at(db *keyspace.DB, key []byte) string {
	if db.ID() == 0 {
		return string(key)
	}
	return fmt.Sprintf("%s@%d", key, db.ID())
}

func (f *fake) WantsFields() bool { return false }

func (f *fake) NotifyFields(db *keyspace.DB, class command.Class, event string, key []byte, _ [][]byte) {
	f.Notify(db, class, event, key)
}

func (f *fake) Notify(db *keyspace.DB, _ command.Class, event string, key []byte) {
	f.events = append(f.events, event+" "+at(db, key))
}

func (f *fake) Modified(_ *command.Ctx, db *keyspace.DB, key []byte) {
	f.modified = append(f.modified, at(db, key))
}

func (f *fake) AlsoPropagate(_ *keyspace.DB, argv ...[]byte) {
	f.also = append(f.also, join(argv))
}

func (f *fake) Propagates() bool { return true }

func (f *fake) Block(_ *command.Ctx, b command.BlockRequest) { f.blocked = &b }

func (f *fake) KeyReady(db *keyspace.DB, key []byte, _ keyspace.Type) {
	f.ready = append(f.ready, at(db, key))
}

func (f *fake) SetDB(c *command.Ctx, db *keyspace.DB) { c.DB = db }

func (f *fake) LazyUserDel() bool { return f.lazy }

func (f *fake) KeysUnrestricted(*command.Ctx) bool { return true }

func (f *fake) RDB() *rdb.Codec { return &f.codec }

func (f *fake) MaxBulkLen() int64 { return 512 << 20 }
