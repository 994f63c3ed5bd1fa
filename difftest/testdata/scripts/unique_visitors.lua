-- Distinct visitors per day and over all the days that are given.
--> RUN 3 uv:1 uv:2 uv:all a b c d e
--> RUN 3 uv:2 uv:1 uv:all c d x y z
--> RUN 3 uv:3 uv:1 uv:all
--> PFCOUNT uv:1 uv:2 uv:all
local changed = redis.call('PFADD', KEYS[1], unpack(ARGV))
local both = redis.call('PFCOUNT', KEYS[1], KEYS[2])
redis.call('PFMERGE', KEYS[3], KEYS[1], KEYS[2])
return {changed, redis.call('PFCOUNT', KEYS[1]), both, redis.call('PFCOUNT', KEYS[3])}
