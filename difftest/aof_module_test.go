package difftest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// rewriteModule has a type whose values are numbers, said by a command of its own.
const rewriteModule = `
#include "redismodule.h"
#include <stdlib.h>
#include <string.h>

static RedisModuleType *type;

static void *load(RedisModuleIO *io, int encver) {
    (void)encver;
    long long *v = RedisModule_Alloc(sizeof(*v));
    *v = RedisModule_LoadSigned(io);
    return v;
}
static void save(RedisModuleIO *io, void *v) { RedisModule_SaveSigned(io, *(long long *)v); }
static void rewrite(RedisModuleIO *io, RedisModuleString *key, void *v) {
    long long n = *(long long *)v;
    if (n == -1)
        RedisModule_EmitAOF(io, "no.such", "s", key);
    else if (n == -2)
        RedisModule_EmitAOF(io, "num.set", "sx", key);
    else
        RedisModule_EmitAOF(io, "NUM.SET", "slcb", key, n, "text", "b\0b", (size_t)3);
}
static int set(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    long long n;
    if (argc < 3) return RedisModule_WrongArity(ctx);
    RedisModule_StringToLongLong(argv[2], &n);
    long long *v = RedisModule_Alloc(sizeof(*v));
    *v = n;
    RedisModuleKey *k = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ | REDISMODULE_WRITE);
    RedisModule_ModuleTypeSetValue(k, type, v);
    RedisModule_CloseKey(k);
    RedisModule_ReplicateVerbatim(ctx);
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}
static int get(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    (void)argc;
    RedisModuleKey *k = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ);
    long long *v = k ? RedisModule_ModuleTypeGetValue(k) : NULL;
    RedisModule_ReplyWithLongLong(ctx, v ? *v : -100);
    RedisModule_CloseKey(k);
    return REDISMODULE_OK;
}
int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    (void)argv; (void)argc;
    if (RedisModule_Init(ctx, "num", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR) return REDISMODULE_ERR;
    RedisModuleTypeMethods m = {.version = REDISMODULE_TYPE_METHOD_VERSION, .rdb_load = load, .rdb_save = save,
                                .aof_rewrite = rewrite, .free = free};
    m.free = RedisModule_Free;
    type = RedisModule_CreateDataType(ctx, "num-types", 0, &m);
    RedisModule_CreateCommand(ctx, "num.set", set, "write", 1, 1, 1);
    RedisModule_CreateCommand(ctx, "num.get", get, "readonly", 1, 1, 1);
    return REDISMODULE_OK;
}
`

// TestModuleRewrite rewrites values of a module by the commands that it emits.
func TestModuleRewrite(t *testing.T) {
	dir := t.TempDir()
	so := filepath.Join(dir, "num.so")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "num.c"), []byte(rewriteModule), 0o600))
	out, err := exec.Command("gcc", "-shared", "-fPIC", "-I", rootDir, "-o", so, filepath.Join(dir, "num.c")).CombinedOutput()
	require.NoError(t, err, "%s", out)
	name, bin := subject(t, "8.0")
	type outcome struct {
		Base   []string
		Failed [2]string
		Loaded []string
	}
	run := func(name, bin string) (o outcome) {
		dir := t.TempDir()
		args := []string{"--appendonly", "yes", "--aof-use-rdb-preamble", "no", "--loadmodule", so}
		s := startIn(t, name, bin, dir, args...)
		for _, line := range []string{"NUM.SET a 1", "NUM.SET b 2", "PEXPIREAT b 4102444800000", "SET plain v"} {
			do(t, s, strings.Fields(line)...)
		}
		do(t, s, "BGREWRITEAOF")
		waitInfo(t, s, "aof_rewrite_in_progress:0")
		text, err := os.ReadFile(filepath.Join(dir, "appendonlydir", "appendonly.aof.2.base.aof"))
		require.NoError(t, err, "%s", s.LogTail(2000))
		commands, err := ParseAOF(text)
		require.NoError(t, err)
		for _, c := range commands {
			if c[0] != "SELECT" {
				o.Base = append(o.Base, strings.Join(c, " "))
			}
		}
		slices.Sort(o.Base)
		s.Kill(syscall.SIGKILL)
		s = startIn(t, name, bin, dir, args...)
		for _, line := range []string{"NUM.GET a", "NUM.GET b", "PEXPIRETIME b", "GET plain", "DBSIZE"} {
			o.Loaded = append(o.Loaded, do(t, s, strings.Fields(line)...))
		}
		for i, n := range []string{"-1", "-2"} {
			do(t, s, "NUM.SET", "bad", n)
			do(t, s, "BGREWRITEAOF")
			waitInfo(t, s, "aof_rewrite_in_progress:0")
			waitInfo(t, s, "aof_last_bgrewrite_status:err")
			_, o.Failed[i], _ = strings.Cut(s.LogTail(100000), "Fatal: AOF method")
			o.Failed[i], _, _ = strings.Cut(o.Failed[i], "\n")
		}
		s.Kill(syscall.SIGKILL)
		return o
	}
	theirs := run("redis", oracle(t, "8.0"))
	require.Equal(t, theirs, run(name, bin))
	require.Len(t, theirs.Base, 4)
}

// TestUnknownValuesAreNotRewritten wants a rewrite without a preamble to fail when there is a value of a module that is not
// loaded: no command says it, and a file without it would lose it. What was there stays, and a rewrite with a preamble works.
func TestUnknownValuesAreNotRewritten(t *testing.T) {
	_, bin := subject(t, "8.0")
	if os.Getenv("BERTH_BIN") == "oracle" {
		t.Skip("Redis refuses such files")
	}
	mods, err := testModules()
	require.NoError(t, err)
	module := []string{"--loadmodule", filepath.Join(mods, "persist.so")}
	dir := t.TempDir()
	args := []string{"--appendonly", "yes", "--aof-use-rdb-preamble", "yes", "--auto-aof-rewrite-percentage", "0"}
	a := startIn(t, "redis", oracle(t, "8.0"), dir, append(module, args...)...)
	do(t, a, "persist.set", "k", "text", "2")
	do(t, a, "BGREWRITEAOF")
	waitInfo(t, a, "aof_rewrite_in_progress:0")
	require.Contains(t, do(t, a, "INFO", "persistence"), "aof_last_bgrewrite_status:ok")
	want := do(t, a, "DEBUG", "DIGEST-VALUE", "k")
	a.Kill(syscall.SIGKILL)

	args = append(args, "--module-unknown-values", "preserve")
	b := startIn(t, "berth", bin, dir, args...)
	require.Equal(t, "+OK", do(t, b, "CONFIG", "SET", "aof-use-rdb-preamble", "no"))
	require.Equal(t, "+OK", do(t, b, "SET", "before", "1"))
	before, err := b.AOFFiles()
	require.NoError(t, err)
	do(t, b, "BGREWRITEAOF")
	waitInfo(t, b, "aof_rewrite_in_progress:0")
	waitInfo(t, b, "aof_last_bgrewrite_status:err")
	require.Equal(t, "+OK", do(t, b, "SET", "after", "1"))
	after, err := b.AOFFiles()
	require.NoError(t, err)
	require.Subset(t, after, before)
	b.Kill(syscall.SIGKILL)

	b = startIn(t, "berth", bin, dir, args...)
	require.Equal(t, ":3", do(t, b, "DBSIZE"))
	require.Equal(t, "+persist-1", do(t, b, "TYPE", "k"))
	do(t, b, "BGREWRITEAOF")
	waitInfo(t, b, "aof_rewrite_in_progress:0")
	waitInfo(t, b, "aof_last_bgrewrite_status:ok")
	b.Kill(syscall.SIGKILL)

	a = startIn(t, "redis", oracle(t, "8.0"), dir, append(module, args[:6]...)...)
	require.Equal(t, want, do(t, a, "DEBUG", "DIGEST-VALUE", "k"))
	require.Equal(t, ":3", do(t, a, "DBSIZE"))
}
