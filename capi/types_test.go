package capi_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"berth/internal/crc64"
	"berth/persistence/rdb"
)

// boxes has a type whose values are a number and a text. It never asks
// IsIOError.
const boxes = `#include "redismodule.h"
#include <string.h>
static RedisModuleType *type;
struct box { unsigned long long n; char *text; size_t len; };
static void *load(RedisModuleIO *io, int encver) {
    (void)encver;
    struct box *b = RedisModule_Calloc(1, sizeof *b);
    b->n = RedisModule_LoadUnsigned(io);
    RedisModuleString *s = RedisModule_LoadString(io);
    RedisModule_StringPtrLen(s, &b->len);
    RedisModule_FreeString(NULL, s);
    b->text = RedisModule_LoadStringBuffer(io, &b->len);
    b->text[b->len / 2] = b->text[b->len / 2];
    RedisModule_LoadDouble(io);
    RedisModule_LoadFloat(io);
    RedisModule_LoadLongDouble(io);
    return b;
}
static void save(RedisModuleIO *io, void *v) {
    struct box *b = v;
    RedisModule_SaveUnsigned(io, b->n);
    RedisModule_SaveStringBuffer(io, b->text, b->len);
    RedisModule_SaveStringBuffer(io, b->text, b->len);
    RedisModule_SaveDouble(io, 1.5);
    RedisModule_SaveFloat(io, 2.5f);
    RedisModule_SaveLongDouble(io, 3.5L);
}
static void release(void *v) {
    struct box *b = v;
    RedisModule_Free(b->text);
    RedisModule_Free(b);
}
static int put(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc != 3) return RedisModule_WrongArity(ctx);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_WRITE);
    struct box *b = RedisModule_Calloc(1, sizeof *b);
    const char *p = RedisModule_StringPtrLen(argv[2], &b->len);
    b->text = RedisModule_Alloc(b->len + 1);
    memcpy(b->text, p, b->len);
    b->n = 7;
    RedisModule_ModuleTypeSetValue(key, type, b);
    RedisModule_CloseKey(key);
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}
/* number text: what the type saves of them, after having read it back. */
static int saved(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc != 3) return RedisModule_WrongArity(ctx);
    struct box b = {0};
    RedisModule_StringToULongLong(argv[1], &b.n);
    b.text = (char *)RedisModule_StringPtrLen(argv[2], &b.len);
    RedisModuleString *s = RedisModule_SaveDataTypeToString(ctx, &b, type);
    struct box *again = RedisModule_LoadDataTypeFromString(s, type);
    if (again->n != b.n || again->len != b.len || memcmp(again->text, b.text, b.len))
        return RedisModule_ReplyWithError(ctx, "ERR read back wrongly");
    release(again);
    RedisModule_ReplyWithString(ctx, s);
    RedisModule_FreeString(ctx, s);
    return REDISMODULE_OK;
}
/* Deletes, within Scan, every key but its own, and adds some. */
static void each(RedisModuleCtx *ctx, RedisModuleString *name, RedisModuleKey *key, void *data) {
    (void)key;
    long long *n = data;
    ++*n;
    RedisModule_FreeCallReply(RedisModule_Call(ctx, "FLUSHALL", ""));
    RedisModule_FreeCallReply(RedisModule_Call(ctx, "SET", "cs", "added", name));
}
static int wild(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    (void)argv; (void)argc;
    long long n = 0;
    RedisModuleScanCursor *c = RedisModule_ScanCursorCreate();
    while (RedisModule_Scan(ctx, c, each, &n)) {}
    RedisModule_ScanCursorDestroy(c);
    return RedisModule_ReplyWithBool(ctx, n > 0);
}
int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    (void)argv;
    if (RedisModule_Init(ctx, "boxes", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR) return REDISMODULE_ERR;
    RedisModuleTypeMethods m = {.version = 1, .rdb_load = load, .rdb_save = save, .free = release};
    type = RedisModule_CreateDataType(ctx, "box-type1", 0, &m);
    if (type == NULL || argc > 0) return REDISMODULE_ERR;
    RedisModule_CreateCommand(ctx, "boxes.wild", wild, "write", 0, 0, 0);
    RedisModule_CreateCommand(ctx, "boxes.saved", saved, "", 0, 0, 0);
    return RedisModule_CreateCommand(ctx, "boxes.put", put, "write", 1, 1, 1);
}
`

// TestBadPayload: whatever a payload says, a module that does not look for
// errors gets something to work with, and nothing is stored.
func TestBadPayload(t *testing.T) {
	s := start(t)
	s.load(compile(t, boxes))
	c := s.dial()
	require.Equal(t, "+OK", c.do("boxes.put", "k", "some text"))
	good := []byte(c.do("DUMP", "k"))
	require.Equal(t, "+OK", c.do("RESTORE", "copy", "0", string(good)))
	require.Equal(t, string(good), c.do("DUMP", "copy"))

	value := good[:len(good)-10]
	version := good[len(value) : len(value)+2]
	sealed := func(value []byte) string {
		b := append(bytes.Clone(value), version...)
		return string(binary.LittleEndian.AppendUint64(b, crc64.Update(0, b)))
	}
	require.Equal(t, string(good), sealed(value))
	for i := 10; i < len(value); i++ {
		bad := bytes.Clone(value)
		bad[i] ^= 0xff
		reply := c.do("RESTORE", "bad", "0", sealed(bad), "REPLACE")
		require.Contains(t, []string{"+OK", "-ERR Bad data format"}, reply, "byte %d", i)
	}
	for i := range value {
		require.Equal(t, "-ERR Bad data format", c.do("RESTORE", "cut", "0", sealed(value[:i])), "cut at %d", i)
	}
	require.Equal(t, ":0", c.do("EXISTS", "cut"))
	require.Contains(t, s.log.String(), "Error loading data from RDB (short read or EOF). Read performed by module 'boxes' about type 'box-type1'")
}

// TestFields: the fields that C encodes are those that the codec writes.
func TestFields(t *testing.T) {
	s := start(t)
	s.load(compile(t, boxes))
	c := s.dial()
	want := func(n uint64, text string) string {
		codec := rdb.Codec{Compression: true}
		b := rdb.AppendLen([]byte{2}, n)
		b = codec.AppendString(append(b, 5), []byte(text))
		b = codec.AppendString(append(b, 5), []byte(text))
		b = binary.LittleEndian.AppendUint64(append(b, 4), math.Float64bits(1.5))
		b = binary.LittleEndian.AppendUint32(append(b, 3), math.Float32bits(2.5))
		return string(codec.AppendString(append(b, 5), []byte("0xep-2")))
	}
	for _, n := range []uint64{
		0, 1, 63, 64, 255, 16383, 16384, math.MaxUint32 - 1, math.MaxUint32, math.MaxUint32 + 1, math.MaxInt64, math.MaxUint64,
	} {
		require.Equal(t, want(n, ""), c.do("boxes.saved", strconv.FormatUint(n, 10), ""))
	}
	for _, text := range []string{
		"0", "-0", "+1", "007", " 1", "1 ", "-1", "127", "128", "-128", "-129", "32767", "32768", "-32768", "-32769",
		"2147483647", "2147483648", "-2147483648", "-2147483649", "99999999999", "\x00", "twenty bytes exactly",
		strings.Repeat("a", 20), strings.Repeat("a", 21), strings.Repeat("a", 63), strings.Repeat("ab", 5000), "\x00\xff\r\n",
		string(make([]byte, 70000)),
	} {
		require.Equal(t, want(1, text), c.do("boxes.saved", "1", text), "%q", text)
	}
}

// TestTypesOfFailedLoad: the type's name is free again.
func TestTypesOfFailedLoad(t *testing.T) {
	s := start(t)
	so := compile(t, boxes)
	c := s.dial()
	require.Equal(t, cannotLoad, c.do("MODULE", "LOAD", so, "fail"))
	s.load(so)
	require.Equal(t, cannotLoad, c.do("MODULE", "LOAD", compile(t, boxes)), "the name of the module is taken")
	require.Equal(t, "-ERR Error unloading module: the module exports one or more module-side data types, can't unload",
		c.do("MODULE", "UNLOAD", "boxes"))
	// Values are left when the server ends.
	require.Equal(t, "+OK", c.do("boxes.put", "k", "v"))
}

// TestModuleMemory: freed values are no longer counted, wherever they are freed.
func TestModuleMemory(t *testing.T) {
	s := start(t)
	s.load(compile(t, boxes))
	c := s.dial()
	text := string(make([]byte, 1<<20))
	before := s.rt.AllocatedMemory()
	for _, k := range []string{"a", "b", "c"} {
		require.Equal(t, "+OK", c.do("boxes.put", k, text))
	}
	require.Greater(t, s.rt.AllocatedMemory(), before+3<<20)
	require.Equal(t, ":1", c.do("DEL", "a"))
	require.Equal(t, ":1", c.do("UNLINK", "b"))
	require.Equal(t, "+OK", c.do("FLUSHALL", "SYNC"))
	require.Less(t, s.rt.AllocatedMemory(), before+1<<20)
}

// TestScanWithoutRules: callbacks may change the data set as they like.
func TestScanWithoutRules(t *testing.T) {
	s := start(t)
	s.load(compile(t, boxes))
	c := s.dial()
	for i := range 300 {
		require.Equal(t, "+OK", c.do("boxes.put", string(rune('a'+i)), "v"))
	}
	require.Equal(t, ":1", c.do("boxes.wild"))
	require.Equal(t, ":1", c.do("DBSIZE"))
}
