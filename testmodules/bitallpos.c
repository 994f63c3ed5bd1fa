/* bitallpos.c: BITALLPOS key [bit]
 *
 * The positions of all bits of a string that are set (or, with bit 0, not set), in ascending order.
 * Redis has BITPOS for the first one only. Position 0 is the most significant bit of the first
 * byte. A key that does not exist is an empty string.
 *
 * An example of a command that reads: it looks at the bytes of a value where they are, without
 * copying them, and answers an array whose length it learns on the way.
 */

#include "redismodule.h"

static int bitallpos(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc != 2 && argc != 3)
        return RedisModule_WrongArity(ctx);

    long long bit = 1;
    if (argc == 3) {
        if (RedisModule_StringToLongLong(argv[2], &bit) == REDISMODULE_ERR)
            return RedisModule_ReplyWithError(ctx, "ERR value is not an integer or out of range");
        if (bit != 0 && bit != 1)
            return RedisModule_ReplyWithError(ctx, "ERR The bit argument must be 1 or 0.");
    }

    RedisModule_AutoMemory(ctx);

    /* Opened for reading, a key that does not exist is NULL, which every function here takes. */
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ);
    int type = RedisModule_KeyType(key);
    if (type == REDISMODULE_KEYTYPE_EMPTY)
        return RedisModule_ReplyWithEmptyArray(ctx);
    if (type != REDISMODULE_KEYTYPE_STRING)
        return RedisModule_ReplyWithError(ctx, REDISMODULE_ERRORMSG_WRONGTYPE);

    /* Valid until the key is closed or written to. */
    size_t len;
    const char *bytes = RedisModule_StringDMA(key, &len, REDISMODULE_READ);

    /* Turned around where 0 bits are wanted, so that the loop looks for 1 bits only. */
    unsigned char flip = bit ? 0x00 : 0xff;
    long found = 0;
    RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_LEN);
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)bytes[i] ^ flip;
        for (int b = 0; byte != 0; b++, byte <<= 1) {
            if (!(byte & 0x80))
                continue;
            RedisModule_ReplyWithLongLong(ctx, (long long)i * 8 + b);
            found++;
        }
    }
    RedisModule_ReplySetArrayLength(ctx, found);
    return REDISMODULE_OK;
}

int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    if (RedisModule_Init(ctx, "bitallpos", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    return RedisModule_CreateCommand(ctx, "bitallpos", bitallpos, "readonly", 1, 1, 1);
}
