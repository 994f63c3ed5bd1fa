/* info.c: what modules add to INFO, and INFO as modules read it. A module's callback writes text
 * into a buffer of C that Go takes in one piece; INFO itself comes as text in one crossing and is
 * taken apart here. */

#include "info.h"

#include "_cgo_export.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* A field's name that does not break a line of INFO apart: '#', ':' and line ends become '_'. The
 * result is s itself or malloc'd; *tmp is what to free. */
static const char *safe(const char *s, char **tmp) {
    static const char bad[] = "#:\n\r";
    *tmp = NULL;
    if (s[strcspn(s, bad)] == '\0')
        return s;
    char *p = strdup(s);
    for (char *q = p; *(q += strcspn(q, bad)) != '\0';)
        *q = '_';
    return *tmp = p;
}

static void put(RedisModuleInfoCtx *ctx, const char *s) {
    rm_reply_raw(NULL, &ctx->text, s, strlen(s));
}

/* RM_InfoAddSection: begins a section of INFO; to be called first.
 * name: is put behind the module's name and an underscore; NULL or "" for the module's name alone.
 * Return REDISMODULE_ERR when this section is not asked for: its fields then go nowhere.
 * Since: 6.0.0. */
int RM_InfoAddSection(RedisModuleInfoCtx *ctx, const char *name) {
    const char *mod = rm_module_name(ctx->module);
    char full[512];
    if (name != NULL && name[0] != '\0')
        snprintf(full, sizeof(full), "%s_%s", mod, name);
    else
        snprintf(full, sizeof(full), "%s", mod);
    if (ctx->in_dict)
        RM_InfoEndDictField(ctx);
    if (ctx->want != NULL && strcasecmp(ctx->want, full) != 0 && strcasecmp(ctx->want, mod) != 0) {
        ctx->in_section = false;
        return REDISMODULE_ERR;
    }
    put(ctx, "# ");
    put(ctx, full);
    put(ctx, "\r\n");
    ctx->in_section = true;
    return REDISMODULE_OK;
}

/* RM_InfoBeginDictField: begins a field whose value is a list of name=value pairs: the fields
 * added until InfoEndDictField. Return REDISMODULE_ERR outside of a section. Since: 6.0.0. */
int RM_InfoBeginDictField(RedisModuleInfoCtx *ctx, const char *name) {
    if (ctx->in_dict)
        RM_InfoEndDictField(ctx);
    if (!ctx->in_section)
        return REDISMODULE_ERR;
    char *tmp;
    put(ctx, rm_module_name(ctx->module));
    put(ctx, "_");
    put(ctx, safe(name, &tmp));
    put(ctx, ":");
    free(tmp);
    ctx->in_dict = true;
    return REDISMODULE_OK;
}

/* RM_InfoEndDictField: ends what InfoBeginDictField began.
 * Return REDISMODULE_ERR when nothing was begun. Since: 6.0.0. */
int RM_InfoEndDictField(RedisModuleInfoCtx *ctx) {
    if (!ctx->in_dict)
        return REDISMODULE_ERR;
    ctx->in_dict = false;
    if (ctx->text.len > 0 && ctx->text.buf[ctx->text.len - 1] == ',')
        ctx->text.len--;
    put(ctx, "\r\n");
    return REDISMODULE_OK;
}

static int add_field(RedisModuleInfoCtx *ctx, const char *field, const char *value) {
    if (!ctx->in_section)
        return REDISMODULE_ERR;
    char *tmp;
    const char *name = safe(field, &tmp);
    if (!ctx->in_dict) {
        put(ctx, rm_module_name(ctx->module));
        put(ctx, "_");
    }
    put(ctx, name);
    put(ctx, ctx->in_dict ? "=" : ":");
    put(ctx, value);
    put(ctx, ctx->in_dict ? "," : "\r\n");
    free(tmp);
    return REDISMODULE_OK;
}

/* RM_InfoAddFieldString: adds a field to the section, named with the module's name and an
 * underscore in front. A value with line ends is the module's own fault.
 * Return REDISMODULE_ERR outside of a section. Since: 6.0.0. */
int RM_InfoAddFieldString(RedisModuleInfoCtx *ctx, const char *field, RedisModuleString *value) {
    return add_field(ctx, field, RM_StringPtrLen(value, NULL));
}

/* RM_InfoAddFieldCString: InfoAddFieldString with a C string. Since: 6.0.0. */
int RM_InfoAddFieldCString(RedisModuleInfoCtx *ctx, const char *field, const char *value) {
    return add_field(ctx, field, value);
}

/* RM_InfoAddFieldDouble: InfoAddFieldString with a number of up to 17 digits. Since: 6.0.0. */
int RM_InfoAddFieldDouble(RedisModuleInfoCtx *ctx, const char *field, double value) {
    char buf[64];
    snprintf(buf, sizeof(buf), "%.17g", value);
    return add_field(ctx, field, buf);
}

/* RM_InfoAddFieldLongLong: InfoAddFieldString with an integer. Since: 6.0.0. */
int RM_InfoAddFieldLongLong(RedisModuleInfoCtx *ctx, const char *field, long long value) {
    char buf[24];
    rm_ll2str(buf, value);
    return add_field(ctx, field, buf);
}

/* RM_InfoAddFieldULongLong: InfoAddFieldString with an unsigned integer. Since: 6.0.0. */
int RM_InfoAddFieldULongLong(RedisModuleInfoCtx *ctx, const char *field, unsigned long long value) {
    char buf[24];
    rm_ull2str(buf, value);
    return add_field(ctx, field, buf);
}

/* RM_RegisterInfoFunc: has cb called when INFO shows modules' sections; its second argument is 1
 * in a crash report, when it must not allocate or take locks. Since: 6.0.0. */
int RM_RegisterInfoFunc(RedisModuleCtx *ctx, RedisModuleInfoFunc cb) {
    ctx->module->info_cb = cb;
    return REDISMODULE_OK;
}

char *rm_info_text(rm_module *m, const char *want, int for_crash, size_t *len) {
    if (m->info_cb == NULL)
        return NULL;
    RedisModuleInfoCtx ctx = {.module = m, .want = want};
    m->in_calls++;
    m->info_cb(&ctx, for_crash);
    m->in_calls--;
    if (ctx.in_dict)
        RM_InfoEndDictField(&ctx);
    *len = ctx.text.len;
    return ctx.text.buf;
}

/* INFO as fields. */
struct RedisModuleServerInfoData {
    char *text;
    RedisModuleDict *fields; /* name to value, both in text */
};

void rm_serverinfo_free(RedisModuleServerInfoData *d) {
    rm_dict_free(d->fields);
    rm_free(NULL, d->text);
    rm_free(NULL, d);
}

/* RM_GetServerInfo: INFO, to be asked for single fields.
 * section: as the argument of INFO; NULL for the default. To be freed with FreeServerInfo,
 * or by automatic memory. Since: 6.0.0. */
RedisModuleServerInfoData *RM_GetServerInfo(RedisModuleCtx *ctx, const char *section) {
    rm_module *m = ctx != NULL ? ctx->module : rm_module_at(__builtin_return_address(0));
    /* Nothing is allocated before the crossing, so that memory is told as it is without this. */
    size_t len = 0;
    RM_CROSS_READ();
    uintptr_t from = goServerInfo(m != NULL ? m->slot : 0, (char *)section, &len);
    RedisModuleServerInfoData *d = rm_zalloc(NULL, sizeof(*d));
    d->fields = RM_CreateDict(NULL);
    d->text = rm_malloc(NULL, len + 1);
    memcpy(d->text, (const void *)from, len); /* in a buffer that Go keeps until the next call */
    d->text[len] = '\0';
    for (char *p = d->text, *end; *p != '\0'; p = end) {
        end = p + strcspn(p, "\r\n");
        while (*end == '\r' || *end == '\n')
            *end++ = '\0';
        char *colon = strchr(p, ':');
        if (*p == '#' || colon == NULL)
            continue;
        *colon = '\0';
        RM_DictSetC(d->fields, p, (size_t)(colon - p), colon + 1);
    }
    rm_am_add(ctx, RM_AM_INFO, d);
    return d;
}

/* RM_FreeServerInfo: frees what GetServerInfo gave. ctx: the same, or NULL. Since: 6.0.0. */
void RM_FreeServerInfo(RedisModuleCtx *ctx, RedisModuleServerInfoData *data) {
    rm_am_remove(ctx, RM_AM_INFO, data);
    rm_serverinfo_free(data);
}

/* RM_ServerInfoGetField: a field's value as a string object, or NULL.
 * Ownership as with CreateString. Since: 6.0.0. */
RedisModuleString *RM_ServerInfoGetField(RedisModuleCtx *ctx, RedisModuleServerInfoData *data,
                                         const char *field) {
    const char *v = RM_ServerInfoGetFieldC(data, field);
    return v == NULL ? NULL : RM_CreateString(ctx, v, strlen(v));
}

/* RM_ServerInfoGetFieldC: a field's value, valid while data lives, or NULL. Since: 6.0.0. */
const char *RM_ServerInfoGetFieldC(RedisModuleServerInfoData *data, const char *field) {
    return RM_DictGetC(data->fields, (void *)field, strlen(field), NULL);
}

static void outcome(int *out_err, bool ok) {
    if (out_err != NULL)
        *out_err = ok ? REDISMODULE_OK : REDISMODULE_ERR;
}

/* RM_ServerInfoGetFieldSigned: a field's value as an integer.
 * out_err: out, REDISMODULE_ERR when there is no such field or it is no integer, and then 0 is
 * returned; may be NULL. Since: 6.0.0. */
long long RM_ServerInfoGetFieldSigned(RedisModuleServerInfoData *data, const char *field,
                                      int *out_err) {
    const char *v = RM_ServerInfoGetFieldC(data, field);
    long long n = 0;
    outcome(out_err, v != NULL && rm_str2ll(v, strlen(v), &n));
    return n;
}

/* RM_ServerInfoGetFieldUnsigned: ServerInfoGetFieldSigned for unsigned integers. Since: 6.0.0. */
unsigned long long RM_ServerInfoGetFieldUnsigned(RedisModuleServerInfoData *data, const char *field,
                                                 int *out_err) {
    const char *v = RM_ServerInfoGetFieldC(data, field);
    unsigned long long n = 0;
    outcome(out_err, v != NULL && rm_str2ull(v, strlen(v), &n));
    return n;
}

/* RM_ServerInfoGetFieldDouble: ServerInfoGetFieldSigned for doubles. Since: 6.0.0. */
double RM_ServerInfoGetFieldDouble(RedisModuleServerInfoData *data, const char *field,
                                   int *out_err) {
    const char *v = RM_ServerInfoGetFieldC(data, field);
    double n = 0;
    outcome(out_err, v != NULL && rm_str2double(v, strlen(v), &n));
    return n;
}
