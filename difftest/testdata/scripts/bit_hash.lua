-- FNV-1a by the bit library: 32-bit results are signed.
--> RUN 1 fnv hello
--> RUN 1 fnv ""
--> RUN 1 fnv "\xff\xfe\xfd"
--> GET fnv
local h = bit.tobit(0x811c9dc5)
for i = 1, #ARGV[1] do
    h = bit.bxor(h, string.byte(ARGV[1], i))
    h = bit.tobit(h + bit.lshift(h, 1) + bit.lshift(h, 4) + bit.lshift(h, 7) + bit.lshift(h, 8) + bit.lshift(h, 24))
end
redis.call('SET', KEYS[1], bit.tohex(h))
return {h, bit.tohex(h, -8), bit.rol(h, 5), bit.ror(h, 5), bit.bswap(h), bit.arshift(h, 3), bit.rshift(h, 3), bit.bnot(h), bit.band(h, 0xff, 15)}
