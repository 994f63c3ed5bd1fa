package inspect

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = `
#include "redismodule.h"

static int hello(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    (void)argv;
    if (argc != 1)
        return RedisModule_WrongArity(ctx);
    if (RedisModule_ReplyWithVerbatimString)
        return RedisModule_ReplyWithVerbatimString(ctx, "hello", 5);
    return RedisModule_ReplyWithSimpleString(ctx, "hello");
}

__attribute__((visibility("default"))) int
RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    (void)argv, (void)argc;
    if (RedisModule_Init(ctx, "hello", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    return RedisModule_CreateCommand(ctx, "hello", hello, "readonly", 0, 0, 0);
}
`

var called = []string{
	"RedisModule_CreateCommand", "RedisModule_IsModuleNameBusy", "RedisModule_ReplyWithSimpleString",
	"RedisModule_ReplyWithVerbatimString", "RedisModule_SetModuleAttribs", "RedisModule_WrongArity",
}

func compile(t testing.TB, cc, source string, flags ...string) string {
	t.Helper()
	dir := t.TempDir()
	src, so := filepath.Join(dir, "m.c"), filepath.Join(dir, "m.so")
	require.NoError(t, os.WriteFile(src, []byte(source), 0o644))
	args := append([]string{"-shared", "-fPIC", "-I../..", "-o", so, src}, flags...)
	out, err := exec.Command(cc, args...).CombinedOutput()
	require.NoError(t, err, string(out))
	return so
}

// However the module is compiled, with or without symbols, what it calls is found and nothing else.
func TestReached(t *testing.T) {
	for _, flags := range []string{
		"-O0", "-O1", "-O2", "-O3", "-Os", "-O2 -g",
		"-O2 -fvisibility=hidden", "-O2 -fvisibility=hidden -s", "-O0 -fvisibility=hidden -s",
		"-O2 -s -DREDISMODULE_API=static -DREDISMODULE_ATTR=__attribute__((unused))",
		"-O0 -s -DREDISMODULE_API=static -DREDISMODULE_ATTR=__attribute__((unused))",
		"-Os -s -DREDISMODULE_API=static -DREDISMODULE_ATTR=__attribute__((unused))",
		"-O2 -Wl,-Bsymbolic", "-O2 -Wl,-z,now", "-O2 -flto",
	} {
		t.Run(flags, func(t *testing.T) {
			t.Parallel()
			so := compile(t, "gcc", module, strings.Fields(flags)...)
			r, err := File(so)
			require.NoError(t, err)
			require.Equal(t, called, r.Reached)
			require.Greater(t, len(r.Asked), 370)
			require.Equal(t, "redis", r.Persona)
			require.Equal(t, "6.0.0", r.SinceRedis)
			require.Equal(t, "7.2.4", r.SinceValkey)
			require.Equal(t, "RedisModule_OnLoad", r.OnLoad)
			require.Empty(t, r.Missing)
			require.Empty(t, r.Unknown)
			require.Empty(t, r.Problem)
			require.Len(t, r.Fingerprint, 16)
		})
	}
}

func TestArm64(t *testing.T) {
	const cc = "aarch64-linux-gnu-gcc"
	if _, err := exec.LookPath(cc); err != nil {
		t.Skip("no cross compiler: apt-get install gcc-aarch64-linux-gnu")
	}
	for _, flags := range []string{"-O0", "-O2", "-O2 -fvisibility=hidden -s", "-Os -s -DREDISMODULE_API=static -DREDISMODULE_ATTR=__attribute__((unused))"} {
		t.Run(flags, func(t *testing.T) {
			r, err := File(compile(t, cc, module, strings.Fields(flags)...))
			require.NoError(t, err)
			require.Equal(t, called, r.Reached)
			require.Equal(t, "arm64", r.Machine)
		})
	}
}

// The instruction pairs by which arm64 forms an address, without a compiler for it.
func TestArm64Refs(t *testing.T) {
	code := []uint32{
		0x90000001, // adrp x1, page of 0x1000 (pc 0x1000)
		0x91004021, // add x1, x1, #0x10: 0x1010
		0x90000002, // adrp x2
		0xf9401443, // ldr x3, [x2, #0x28]: 0x1028
		0xf9402040, // ldr x0, [x2, #0x40]: 0x1040
		0x94000000, // bl: x2 may have changed
		0xf9400c40, // ldr x0, [x2, #0x18]: no longer known
		0xd0000004, // adrp x4, two pages up: 0x3000
		0xf9400084, // ldr x4, [x4]: 0x3000
		0xf9400484, // ldr x4, [x4, #8]: x4 is a pointer now
		0x90000013, // adrp x19
		0x91004273, // add x19, x19, #0x10: 0x1010, kept
		0x91002261, // add x1, x19, #8: 0x1018, from that anchor
	}
	var b bytes.Buffer
	require.NoError(t, binary.Write(&b, binary.LittleEndian, code))
	got := arm64Refs(&segment{addr: 0x1000, data: b.Bytes()}, nil, func(uint64) bool { return true })
	require.Equal(t, []ref{
		{0x1004, 0x1010, true, false}, {0x100c, 0x1028, false, false}, {0x1010, 0x1040, false, false},
		{0x1020, 0x3000, false, false}, {0x102c, 0x1010, true, true}, {0x1030, 0x1018, true, false},
	}, got)
}

func TestWhatIsMissing(t *testing.T) {
	source := strings.Replace(module, `RedisModule_ReplyWithSimpleString(ctx, "hello")`,
		`ours() + theirs() + (int)RedisModule_ConfigGet(ctx, "x", argv)`, 1)
	source = strings.Replace(source, "static int hello", "int ours(void);\nextern int theirs(void) __attribute__((weak));\nstatic int hello", 1)
	so := compile(t, "gcc", source, "-O2")
	r, err := File(so)
	require.NoError(t, err)
	require.Equal(t, []string{"ours"}, r.Unresolved, "a weak symbol may be missing")
	require.Contains(t, r.Problem, "ours")
	require.Equal(t, "8.2.0", r.SinceRedis)
	require.Equal(t, "", r.SinceValkey, "Valkey has no ConfigGet")

	dir := t.TempDir()
	lib := filepath.Join(dir, "libours.so")
	out, err := exec.Command("gcc", "-shared", "-fPIC", "-o", lib, "-x", "c", "-").CombinedOutput()
	require.NoError(t, err, string(out))
	so = compile(t, "gcc", source, "-O2", "-Wl,--no-as-needed", "-L"+dir, "-lours", "-Wl,-rpath,"+dir)
	r, err = File(so)
	require.NoError(t, err)
	require.Equal(t, lib, r.Libraries[0].Path, "found by the run path")
	require.NoError(t, os.Remove(lib))
	r, err = File(so)
	require.NoError(t, err)
	require.Equal(t, Library{Name: "libours.so"}, r.Libraries[0])
	require.Contains(t, r.Problem, "libours.so")
	require.Empty(t, r.Unresolved, "the library would have the symbol")
}

func TestServerSymbols(t *testing.T) {
	r, err := File(compile(t, "gcc", `
extern int (*RedisModule_CreateCommand)(void *ctx, const char *name, void *fn, const char *flags, int, int, int);
int RedisModule_OnLoad(void *ctx, void *argv, int argc) { return RedisModule_CreateCommand(ctx, "x", 0, "", 0, 0, 0); }
`))
	require.NoError(t, err)
	require.Contains(t, r.Problem, "expects the server to export the symbol RedisModule_CreateCommand")
}

func TestCommandLine(t *testing.T) {
	so := compile(t, "gcc", module, "-O2")
	var out, errOut bytes.Buffer
	require.Equal(t, 0, Command([]string{so, "--json"}, &out, &errOut))
	var r Report
	require.NoError(t, json.Unmarshal(out.Bytes(), &r))
	require.Equal(t, called, r.Reached)

	out.Reset()
	require.Equal(t, 0, Command([]string{so}, &out, &errOut))
	require.Contains(t, out.String(), "needs Redis    6.0.0 or later\n")
	require.Contains(t, out.String(), "  RedisModule_WrongArity\n")
	require.Empty(t, errOut.String())

	require.Equal(t, 2, Command(nil, &out, &errOut))
	require.Equal(t, 2, Command([]string{"--nosuch"}, &out, &errOut))

	errOut.Reset()
	require.Equal(t, 1, Command([]string{"inspect_test.go", "/nosuch", "."}, &out, &errOut))
	require.Equal(t, "inspect_test.go: not an ELF shared object\nopen /nosuch: no such file or directory\n.: a directory\n", errOut.String())

	exe, err := os.Executable()
	require.NoError(t, err)
	errOut.Reset()
	require.Equal(t, 1, Command([]string{exe}, &out, &errOut))
	require.NotContains(t, errOut.String(), "panic")
}

// A damaged file gives an error or a report, whatever it holds, and takes no more memory than its size asks for.
func FuzzFile(f *testing.F) {
	so := compile(f, "gcc", module, "-Os", "-s")
	b, err := os.ReadFile(so)
	if err == nil {
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
	f.Add([]byte("\x7fELF\x02\x01\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := elf.NewFile(bytes.NewReader(b))
		if err != nil {
			return
		}
		im, err := newImage(e, int64(len(b)))
		if err != nil {
			return
		}
		var r Report
		r.use(im.functionsUsed())
		r.entryPoints(e)
	})
}
