/* digest.c: the digest of DEBUG DIGEST, as module types compute theirs. */

#include "capi_internal.h"

typedef struct sha1_state {
    uint32_t h[5];
    uint64_t len;
    unsigned char block[64];
} sha1_state;

static uint32_t rol(uint32_t v, int n) { return v << n | v >> (32 - n); }

static void sha1_block(sha1_state *s, const unsigned char *p) {
    uint32_t w[80];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 |
               (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
    for (int i = 16; i < 80; i++)
        w[i] = rol(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    uint32_t a = s->h[0], b = s->h[1], c = s->h[2], d = s->h[3], e = s->h[4];
    for (int i = 0; i < 80; i++) {
        uint32_t f, k;
        if (i < 20) {
            f = (b & c) | (~b & d);
            k = 0x5a827999;
        } else if (i < 40) {
            f = b ^ c ^ d;
            k = 0x6ed9eba1;
        } else if (i < 60) {
            f = (b & c) | (b & d) | (c & d);
            k = 0x8f1bbcdc;
        } else {
            f = b ^ c ^ d;
            k = 0xca62c1d6;
        }
        uint32_t t = rol(a, 5) + f + e + k + w[i];
        e = d;
        d = c;
        c = rol(b, 30);
        b = a;
        a = t;
    }
    s->h[0] += a;
    s->h[1] += b;
    s->h[2] += c;
    s->h[3] += d;
    s->h[4] += e;
}

void rm_sha1(const void *data, size_t len, unsigned char out[20]) {
    sha1_state s = {.h = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}};
    const unsigned char *p = data;
    size_t left = len;
    for (; left >= 64; left -= 64, p += 64)
        sha1_block(&s, p);
    unsigned char tail[128] = {0};
    memcpy(tail, p, left);
    tail[left] = 0x80;
    size_t n = left < 56 ? 64 : 128;
    uint64_t bits = (uint64_t)len * 8;
    for (int i = 0; i < 8; i++)
        tail[n - 1 - (size_t)i] = (unsigned char)(bits >> (8 * i));
    sha1_block(&s, tail);
    if (n == 128)
        sha1_block(&s, tail + 64);
    for (int i = 0; i < 20; i++)
        out[i] = (unsigned char)(s.h[i / 4] >> (24 - 8 * (i % 4)));
}

/* Order does not matter: the hash is mixed in by exclusive or. */
void rm_digest_xor(unsigned char digest[20], const void *data, size_t len) {
    unsigned char h[20];
    rm_sha1(data, len, h);
    for (int i = 0; i < 20; i++)
        digest[i] ^= h[i];
}

/* Order matters: what is there is hashed again after each piece. */
void rm_digest_mix(unsigned char digest[20], const void *data, size_t len) {
    rm_digest_xor(digest, data, len);
    unsigned char h[20];
    rm_sha1(digest, 20, h);
    memcpy(digest, h, 20);
}

/* RM_DigestAddStringBuffer: adds an element to the sequence under way; order counts.
 * Elements whose order does not count end each with DigestEndSequence. Since: 4.0.0. */
void RM_DigestAddStringBuffer(RedisModuleDigest *md, const char *ele, size_t len) {
    rm_digest_mix(md->o, ele, len);
}

/* RM_DigestAddLongLong: DigestAddStringBuffer with the decimal text of a number. Since: 4.0.0. */
void RM_DigestAddLongLong(RedisModuleDigest *md, long long ele) {
    char buf[24];
    rm_digest_mix(md->o, buf, rm_ll2str(buf, ele));
}

/* RM_DigestEndSequence: ends a sequence; the next begins afresh. Since: 4.0.0. */
void RM_DigestEndSequence(RedisModuleDigest *md) {
    rm_digest_xor(md->x, md->o, sizeof(md->o));
    memset(md->o, 0, sizeof(md->o));
}

/* RM_GetKeyNameFromDigest: the name of the key whose value is digested; valid in the callback.
 * Since: 7.0.0. */
const RedisModuleString *RM_GetKeyNameFromDigest(RedisModuleDigest *dig) { return dig->key; }

/* RM_GetDbIdFromDigest: the database of the key whose value is digested. Since: 7.0.0. */
int RM_GetDbIdFromDigest(RedisModuleDigest *dig) { return dig->dbid; }
