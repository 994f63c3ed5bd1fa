#!/bin/sh
# build.sh OUTDIR: compiles each testmodules/*.c to OUTDIR/NAME.so, if it or the header is newer.
# CC and CFLAGS may be given, as for a sanitiser build.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
out=${1:?usage: build.sh OUTDIR}
mkdir -p "$out"
for src in "$here"/*.c; do
    so=$out/$(basename "$src" .c).so
    if [ -f "$so" ] && [ -z "$(find "$src" "$root/redismodule.h" "$here"/*.h -newer "$so" 2>/dev/null)" ]; then
        continue
    fi
    ${CC:-gcc} -shared -fPIC -std=gnu11 -g -O1 -Wall -Wextra -Werror ${CFLAGS:-} -I"$root" -o "$so.$$" "$src" -lpthread
    mv "$so.$$" "$so" # at once: another build may be running
done
