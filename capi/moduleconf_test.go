package capi_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"berth/capi"
	"berth/host"
	"berth/host/config"
)

// options has a number whose value its command replies, and counts how often
// it was applied. Setting it to 13 tries to unload the module.
const options = `#include "redismodule.h"
static long long level, applied;
static long long get(const char *name, void *data) { (void)name; (void)data; return level; }
static int set(const char *name, long long v, void *data, RedisModuleString **err) {
    (void)name; (void)data;
    if (v == 13) {
        RedisModuleCtx *ctx = RedisModule_GetThreadSafeContext(NULL);
        RedisModuleCallReply *r = RedisModule_Call(ctx, "MODULE", "cc", "UNLOAD", "options");
        *err = RedisModule_CreateStringFromCallReply(r);
        RedisModule_FreeCallReply(r);
        RedisModule_FreeThreadSafeContext(ctx);
        return REDISMODULE_ERR;
    }
    level = v;
    return REDISMODULE_OK;
}
static int apply(RedisModuleCtx *ctx, void *data, RedisModuleString **err) {
    (void)ctx; (void)data; (void)err;
    applied++;
    return REDISMODULE_OK;
}
static int state(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    (void)argv; (void)argc;
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithLongLong(ctx, level);
    return RedisModule_ReplyWithLongLong(ctx, applied);
}
int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    (void)argv;
    if (RedisModule_Init(ctx, "options", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR) return REDISMODULE_ERR;
    RedisModule_RegisterNumericConfig(ctx, "level", 5, REDISMODULE_CONFIG_DEFAULT, 0, 100, get, set, apply, NULL);
    if (argc == 0 && RedisModule_LoadConfigs(ctx) == REDISMODULE_ERR) return REDISMODULE_ERR;
    return RedisModule_CreateCommand(ctx, "options.state", state, "", 0, 0, 0);
}
`

// serveFile runs a server with a configuration file of the given lines.
func serveFile(t *testing.T, lines ...string) (s *server, file string) {
	file = filepath.Join(t.TempDir(), "redis.conf")
	lines = append(lines, "port 0", "enable-module-command yes", "save \"\"")
	require.NoError(t, os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o644))
	cfg := config.New()
	require.NoError(t, cfg.LoadArgs([]string{file}, nil))
	log := &logBuffer{}
	rt := capi.New()
	srv, err := host.New(host.Options{Config: cfg, Runtime: rt, Logger: slog.New(slog.NewTextHandler(log, nil))})
	require.NoError(t, err)
	go func() { _ = srv.Serve() }()
	t.Cleanup(func() { require.NoError(t, srv.Close()) })
	return &server{srv, rt, log, t}, file
}

// TestConfigFile: parameters of modules come from the file and go back to it.
func TestConfigFile(t *testing.T) {
	so := compile(t, options)
	s, file := serveFile(t, "options.level 7", "loadmodule "+so)
	c := s.dial()
	require.Equal(t, "*2 :7 :0", c.do("options.state"), "loading is not applied")
	require.Equal(t, "+OK", c.do("CONFIG", "SET", "options.level", "8"))
	require.Equal(t, "*2 :8 :1", c.do("options.state"))
	require.Equal(t, "+OK", c.do("CONFIG", "SET", "options.level", "8"))
	require.Equal(t, "*2 :8 :1", c.do("options.state"), "the value is the same")
	require.Equal(t, "+OK", c.do("CONFIG", "REWRITE"))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(text), "options.level 8\nloadmodule "+so+"\n")

	// Not from within its own callback.
	require.Contains(t, c.do("CONFIG", "SET", "options.level", "13"), "the module is running")
	require.Equal(t, "+OK", c.do("MODULE", "UNLOAD", "options"))
	require.Equal(t, "*0", c.do("CONFIG", "GET", "options.*"))
	require.Equal(t, "+OK", c.do("CONFIG", "REWRITE"))
	text, err = os.ReadFile(file)
	require.NoError(t, err)
	require.NotContains(t, string(text), "loadmodule")
}

// TestForgottenLoadConfigs: a module with parameters has to ask for their values.
func TestForgottenLoadConfigs(t *testing.T) {
	s := start(t)
	require.Equal(t, cannotLoad, s.dial().do("MODULE", "LOAD", compile(t, options), "forget"))
	require.Contains(t, s.log.String(), "Module Configurations were not set, missing LoadConfigs call. Unloading the module.")
	require.Equal(t, "*0", s.dial().do("CONFIG", "GET", "options.*"))
	require.Equal(t, "*0", s.dial().do("MODULE", "LIST"))
}
