package capi_test

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const cannotLoad = "-ERR Error loading the extension. Please check the server logs."

func TestLoadRefusals(t *testing.T) {
	s := start(t)
	c := s.dial()
	refused := func(path, why string) {
		t.Helper()
		s.log.Reset()
		require.Equal(t, cannotLoad, c.do("MODULE", "LOAD", path))
		require.Contains(t, s.log.String(), why)
		require.Equal(t, "*0", c.do("MODULE", "LIST"))
	}
	dir := t.TempDir()
	text := filepath.Join(dir, "text.so")
	require.NoError(t, os.WriteFile(text, []byte("not a module"), 0o755))
	plain := filepath.Join(dir, "plain.so")
	require.NoError(t, os.WriteFile(plain, []byte("x"), 0o644))

	refused(filepath.Join(dir, "none.so"), "No such file or directory")
	refused(plain, "does not have execute permissions")
	refused(text, "not an ELF shared object")
	refused(compile(t, "int f(void) { return 1; }"), "does not export RedisModule_OnLoad() symbol")
	refused(compile(t, `#include "redismodule.h"
int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    (void)ctx; (void)argv; (void)argc; return REDISMODULE_OK; }`), "did not call RedisModule_Init")
	refused(compile(t, `void *RedisModule_OnLoad(void) { extern void *(*RedisModule_Alloc)(unsigned long); return RedisModule_Alloc; }`),
		"RedisModule_Alloc")

	// Another machine's module: the header says so, whatever the rest is.
	so, err := os.ReadFile(compile(t, withCommand("elsewhere", "", "")))
	require.NoError(t, err)
	so[18], so[19] = byte(elf.EM_S390&0xff), byte(elf.EM_S390>>8)
	foreign := filepath.Join(dir, "foreign.so")
	require.NoError(t, os.WriteFile(foreign, so, 0o755))
	refused(foreign, "compiled for EM_S390")
}

// What a module's code calls and berth lacks is named in the log; what its header merely asks for is not.
func TestLoadWarnsOfMissingFunctions(t *testing.T) {
	s := start(t)
	s.load(compile(t, strings.Replace(withCommand("newer", "", `RedisModule_ReplyWithLongLong(ctx, RedisModule_ClusterPropagateForSlotMigration == NULL);`),
		`#include "redismodule.h"`, `#include "redismodule.h"
int (*RedisModule_ClusterPropagateForSlotMigration)(RedisModuleCtx *ctx, const char *name, const char *fmt, ...);
static void newer(RedisModuleCtx *ctx) {
    int (*getapi)(const char *, void *) = ((int (**)(const char *, void *))ctx)[0];
    getapi("RedisModule_ClusterPropagateForSlotMigration", &RedisModule_ClusterPropagateForSlotMigration);
}
static void (*const use)(RedisModuleCtx *) __attribute__((used)) = newer;
`, 1)))
	require.Equal(t, ":1", s.dial().do("newer.do"), "the pointer stays NULL")
	require.Contains(t, s.log.String(), "calls RedisModule_ClusterPropagateForSlotMigration, which is not there: slot migration")
	require.NotContains(t, s.log.String(), "ReplySetPushLength")
}

func TestFailedLoadLeavesNothing(t *testing.T) {
	s := start(t)
	c := s.dial()
	half := compile(t, strings.Replace(withCommand("half", "", ""), `x, "", 0, 0, 0);`,
		`x, "", 0, 0, 0) == REDISMODULE_OK ? RedisModule_CreateCommand(ctx, "half.do", x, "", 0, 0, 0) : 0;`, 1))
	require.Equal(t, cannotLoad, c.do("MODULE", "LOAD", half))
	require.Contains(t, s.log.String(), "initialization failed. Module not loaded")
	require.Contains(t, c.do("half.do"), "unknown command")

	// The name is free again.
	s.load(compile(t, withCommand("half", "", `RedisModule_ReplyWithLongLong(ctx, 7);`)))
	require.Equal(t, ":7", c.do("HALF.do"))
	require.Equal(t, cannotLoad, c.do("MODULE", "LOAD", compile(t, withCommand("half", "", ""))), "a name can be taken once")
}

func TestUnload(t *testing.T) {
	s := start(t)
	c := s.dial()
	path := compile(t, withCommand("gone", "", `RedisModule_ReplyWithCString(ctx, "here");`))
	for range 3 {
		s.load(path)
		require.Equal(t, "here", c.do("gone.do"))
		require.Equal(t, "+OK", c.do("MODULE", "UNLOAD", "gone"))
		require.Contains(t, c.do("gone.do"), "unknown command")
	}
	require.Contains(t, c.do("MODULE", "UNLOAD", "gone"), "no such module with that name")
}

// A symbol RedisModule_X of this program would take over the pointer of that
// name in every module; names of our own could clash with a module's.
func TestExportedSymbols(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	out, err := exec.Command("nm", "-D", "--defined-only", self).Output()
	require.NoError(t, err)
	bad := regexp.MustCompile(`(?m)^\S+ \S (RedisModule_|ValkeyModule_|RM_|rm_)\S+`)
	require.Empty(t, bad.FindAllString(string(out), -1), "declare it static, or between the visibility pragmas")
	require.Contains(t, string(out), "goOpenKey", "nm shows exports")
}
