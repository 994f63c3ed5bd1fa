-- Records packed in a list.
--> RUN 1 mp 1 text 1.5 -70000
--> RUN 1 mp "\x00\xff" "" 4294967296
--> RUN 1 mp 1e300 nan inf
--> RPUSH mp "\xc1"
--> RUN 1 mp last
--> LRANGE mp 0 -1
local record = {}
for i, v in ipairs(ARGV) do record[i] = tonumber(v) or v end
redis.call('RPUSH', KEYS[1], cmsgpack.pack(record), cmsgpack.pack(true, false, nil, {a = {1}}))
local out = {}
for _, packed in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
    local ok, a, b = pcall(cmsgpack.unpack, packed)
    out[#out + 1] = {ok, type(a), type(a) == 'table' and tostring(a[1]) or tostring(a), tostring(b)}
end
return out
