-- A bit for each user and day; who was active on both days, and how many in all.
--> RUN 3 d1 d2 both 1 5 9 1000
--> RUN 3 d2 d1 both 5 9 10
--> RUN 3 d2 d1 both -1
--> RUN 3 d2 d1 both 4294967296
--> BITCOUNT both
for _, id in ipairs(ARGV) do redis.call('SETBIT', KEYS[1], id, 1) end
redis.call('BITOP', 'AND', KEYS[3], KEYS[1], KEYS[2])
local field = redis.call('BITFIELD', KEYS[1], 'GET', 'u8', '#0', 'INCRBY', 'u4', '100', '1')
return {redis.call('BITCOUNT', KEYS[1]), redis.call('BITCOUNT', KEYS[3]), redis.call('BITPOS', KEYS[1], 1), field}
