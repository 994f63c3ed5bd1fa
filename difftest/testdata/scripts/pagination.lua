#!lua flags=no-writes
-- A page of a hash by HSCAN, and the keys of a prefix by SCAN, sorted.
--> HSET ph a 1 b 2 c 3
--> MSET pre:1 a pre:2 b other c
--> RUN 1 ph pre:*
--> RUN_RO 1 ph pre:*
--> RUN 1 nohash none*
--> RUN 1 pre:1 x
local cursor, fields = '0', {}
repeat
    local page = redis.call('HSCAN', KEYS[1], cursor, 'COUNT', 2)
    cursor = page[1]
    for i = 1, #page[2], 2 do fields[#fields + 1] = page[2][i] .. '=' .. page[2][i + 1] end
until cursor == '0'
local keys = {}
repeat
    local page = redis.call('SCAN', cursor, 'MATCH', ARGV[1], 'COUNT', 1)
    cursor = page[1]
    for _, k in ipairs(page[2]) do keys[#keys + 1] = k end
until cursor == '0'
table.sort(fields)
table.sort(keys)
return {fields, keys}
