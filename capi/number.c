/* number.c: numbers to text and back, exactly as Redis does it. The Go side's twin is
 * internal/numfmt; a test compares the two. */

#include "capi_internal.h"

#include <ctype.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

size_t rm_ull2str(char *dst, unsigned long long v) {
    char tmp[20];
    size_t n = 0;
    do {
        tmp[n++] = (char)('0' + v % 10);
        v /= 10;
    } while (v != 0);
    for (size_t i = 0; i < n; i++)
        dst[i] = tmp[n - 1 - i];
    dst[n] = '\0';
    return n;
}

size_t rm_ll2str(char *dst, long long v) {
    if (v >= 0)
        return rm_ull2str(dst, (unsigned long long)v);
    dst[0] = '-';
    return 1 + rm_ull2str(dst + 1, -(unsigned long long)v);
}

/* A floating-point number of our own: frac times two to the exp. */
typedef struct diyfp {
    uint64_t frac;
    int exp;
} diyfp;

static const diyfp pow10_table[] = {
#include "pow10.inc"
};

static diyfp normalize(diyfp f) {
    int s = __builtin_clzll(f.frac);
    return (diyfp){f.frac << s, f.exp - s};
}

static diyfp mul(diyfp a, diyfp b) {
    unsigned __int128 p = (unsigned __int128)a.frac * b.frac;
    return (diyfp){(uint64_t)(p >> 64) + ((uint64_t)p >> 63), a.exp + b.exp + 64};
}

static void round_last(char *digit, uint64_t delta, uint64_t rest, uint64_t step, uint64_t dist) {
    while (rest < dist && delta - rest >= step &&
           (rest + step < dist || dist - rest > rest + step - dist)) {
        (*digit)--;
        rest += step;
    }
}

/* Grisu2, as Redis's printer: the digits of v > 0, and the decimal exponent of the last in *k.
 * For one number in a thousand it is a digit longer than the shortest form; so is Redis. */
static int grisu2(double v, char *digits, int *k) {
    uint64_t bits;
    memcpy(&bits, &v, sizeof(bits));
    diyfp w = {bits & ((UINT64_C(1) << 52) - 1), (int)(bits >> 52 & 0x7ff)};
    if (w.exp != 0) {
        w.frac |= UINT64_C(1) << 52;
        w.exp -= 1075;
    } else {
        w.exp = -1074;
    }
    diyfp hi = normalize((diyfp){(w.frac << 1) + 1, w.exp - 1});
    int ls = w.frac == UINT64_C(1) << 52 ? 2 : 1;
    diyfp lo = {(w.frac << ls) - 1, w.exp - ls};
    lo = (diyfp){lo.frac << (lo.exp - hi.exp), hi.exp};
    w = normalize(w);

    int i = ((int)(-(double)(hi.exp + 87) * 0.30102999566398114) + 348) / 8;
    for (;;) {
        int e = hi.exp + pow10_table[i].exp + 64;
        if (e < -60)
            i++;
        else if (e > -32)
            i--;
        else
            break;
    }
    diyfp c = pow10_table[i];
    w = mul(w, c);
    hi = mul(hi, c);
    lo = mul(lo, c);
    lo.frac++;
    hi.frac--;
    *k = 348 - i * 8;

    uint64_t dist = hi.frac - w.frac, delta = hi.frac - lo.frac;
    int shift = -hi.exp;
    uint64_t one = UINT64_C(1) << shift;
    uint64_t whole = hi.frac >> shift, part = hi.frac & (one - 1);
    int n = 0, kappa = 10;
    for (uint64_t div = 1000000000; kappa > 0; div /= 10) {
        uint64_t q = whole / div;
        if (q != 0 || n != 0)
            digits[n++] = (char)('0' + q);
        whole -= q * div;
        kappa--;
        uint64_t rest = (whole << shift) + part;
        if (rest <= delta) {
            *k += kappa;
            round_last(&digits[n - 1], delta, rest, div << shift, dist);
            return n;
        }
    }
    for (uint64_t unit = 10;; unit *= 10) {
        part *= 10;
        delta *= 10;
        (*k)--;
        uint64_t q = part >> shift;
        if (q != 0 || n != 0)
            digits[n++] = (char)('0' + q);
        part &= one - 1;
        if (part < delta) {
            round_last(&digits[n - 1], delta, part, one, dist * unit);
            return n;
        }
    }
}

static size_t lay_out(char *dst, const char *digits, int n, int k, bool neg) {
    int exp = k + n - 1, mag = abs(exp);
    char *p = dst;
    if (k >= 0 && mag < n + 7) {
        memcpy(p, digits, (size_t)n);
        memset(p + n, '0', (size_t)k);
        return (size_t)(n + k);
    }
    if (k < 0 && (k > -7 || mag < 4)) {
        int point = n + k;
        if (point > 0) {
            memcpy(p, digits, (size_t)point);
            p[point] = '.';
            memcpy(p + point + 1, digits + point, (size_t)(n - point));
            return (size_t)(n + 1);
        }
        *p++ = '0';
        *p++ = '.';
        memset(p, '0', (size_t)-point);
        memcpy(p - point, digits, (size_t)n);
        return (size_t)(2 - point + n);
    }
    if (n > 18 - neg)
        n = 18 - neg;
    *p++ = digits[0];
    if (n > 1) {
        *p++ = '.';
        memcpy(p, digits + 1, (size_t)(n - 1));
        p += n - 1;
    }
    *p++ = 'e';
    *p++ = exp < 0 ? '-' : '+';
    p += rm_ull2str(p, (unsigned long long)mag);
    return (size_t)(p - dst);
}

size_t rm_double2str(char *dst, double d) {
    if (isnan(d))
        return (size_t)sprintf(dst, "nan");
    if (isinf(d))
        return (size_t)sprintf(dst, d < 0 ? "-inf" : "inf");
    if (d == 0)
        return (size_t)sprintf(dst, signbit(d) ? "-0" : "0");
    const double half = 4611686018427387904.0; /* 2^62 */
    if (d >= -half && d <= half && (double)(long long)d == d)
        return rm_ll2str(dst, (long long)d);
    bool neg = d < 0;
    size_t n = 0;
    if (neg) {
        dst[n++] = '-';
        d = -d;
    }
    char digits[20];
    int k;
    int nd = grisu2(d, digits, &k);
    n += lay_out(dst + n, digits, nd, k, neg);
    dst[n] = '\0';
    return n;
}

/* dst has room for RM_LONGDOUBLE_CHARS. human: plain decimals without trailing zeros; otherwise
 * 17 significant digits, with an exponent where that is shorter. */
size_t rm_longdouble2str(char *dst, long double d, bool human) {
    if (isinf(d))
        return (size_t)sprintf(dst, d < 0 ? "-inf" : "inf");
    if (isnan(d))
        return (size_t)sprintf(dst, "nan");
    if (!human)
        return (size_t)snprintf(dst, RM_LONGDOUBLE_CHARS, "%.17Lg", d);
    size_t n = (size_t)snprintf(dst, RM_LONGDOUBLE_CHARS, "%.17Lf", d);
    while (dst[n - 1] == '0')
        n--;
    if (dst[n - 1] == '.')
        n--;
    if (n == 2 && dst[0] == '-' && dst[1] == '0') {
        dst[0] = '0';
        n = 1;
    }
    dst[n] = '\0';
    return n;
}

bool rm_str2ll(const char *s, size_t len, long long *out) {
    if (len == 0 || len > 20)
        return false;
    if (len == 1 && s[0] >= '0' && s[0] <= '9') {
        *out = s[0] - '0';
        return true;
    }
    size_t i = 0;
    bool neg = s[0] == '-';
    if (neg && ++i == len)
        return false;
    if (s[i] < '1' || s[i] > '9')
        return false;
    unsigned long long v = 0;
    for (; i < len; i++) {
        unsigned d = (unsigned)(s[i] - '0');
        if (d > 9 || __builtin_mul_overflow(v, 10ULL, &v) || __builtin_add_overflow(v, d, &v))
            return false;
    }
    if (v > (unsigned long long)LLONG_MAX + (neg ? 1 : 0))
        return false;
    *out = neg ? (long long)-v : (long long)v;
    return true;
}

bool rm_str2ull(const char *s, size_t len, unsigned long long *out) {
    long long v;
    if (rm_str2ll(s, len, &v)) {
        if (v < 0)
            return false;
        *out = (unsigned long long)v;
        return true;
    }
    /* What is no canonical number goes through strtoull, with all that it lets pass. */
    char buf[128];
    if (len == 0 || len >= sizeof(buf))
        return false;
    memcpy(buf, s, len);
    buf[len] = '\0';
    char *end;
    int saved = errno;
    errno = 0;
    unsigned long long u = strtoull(buf, &end, 10);
    bool ok = errno == 0 && end != buf && *end == '\0'; /* a NUL ends it, as in Redis */
    errno = saved;
    if (ok)
        *out = u;
    return ok;
}

bool rm_str2double(const char *s, size_t len, double *out) {
    char buf[512], *tmp = buf;
    if (len == 0 || isspace((unsigned char)s[0]))
        return false;
    if (len >= sizeof(buf) && (tmp = malloc(len + 1)) == NULL)
        return false;
    memcpy(tmp, s, len);
    tmp[len] = '\0';
    char *end;
    int saved = errno;
    errno = 0;
    double d = strtod(tmp, &end);
    bool ok = end == tmp + len && !isnan(d) &&
              !(errno == ERANGE && (d == HUGE_VAL || d == -HUGE_VAL || fpclassify(d) == FP_ZERO));
    errno = saved;
    if (tmp != buf)
        free(tmp);
    if (ok)
        *out = d;
    return ok;
}

bool rm_str2longdouble(const char *s, size_t len, long double *out) {
    char buf[256];
    if (len == 0 || len >= sizeof(buf) || isspace((unsigned char)s[0]))
        return false;
    memcpy(buf, s, len);
    buf[len] = '\0';
    char *end;
    int saved = errno;
    errno = 0;
    long double d = strtold(buf, &end);
    bool ok = end == buf + len && !isnan(d) &&
              !(errno == ERANGE && (isinf(d) || fpclassify(d) == FP_ZERO));
    errno = saved;
    if (ok)
        *out = d;
    return ok;
}

bool rm_str2streamid(const char *s, size_t len, RedisModuleStreamID *out) {
    if (len == 0 || len > 127)
        return false;
    if (len == 1 && (s[0] == '-' || s[0] == '+')) {
        uint64_t v = s[0] == '-' ? 0 : UINT64_MAX;
        *out = (RedisModuleStreamID){v, v};
        return true;
    }
    const char *dash = memchr(s, '-', len);
    unsigned long long ms, seq = 0;
    size_t n = dash == NULL ? len : (size_t)(dash - s);
    if (!rm_str2ull(s, n, &ms))
        return false;
    if (dash != NULL && !rm_str2ull(dash + 1, len - n - 1, &seq))
        return false;
    *out = (RedisModuleStreamID){ms, seq};
    return true;
}
