-- Leases of a counted resource. ARGV: now, ttl, slots, holder.
--> RUN 2 sem sem:seq 100 10 2 a
--> RUN 2 sem sem:seq 101 10 2 b
--> RUN 2 sem sem:seq 102 10 2 c
--> RUN 2 sem sem:seq 103 10 2 a
--> RUN 2 sem sem:seq 112 10 2 c
--> ZRANGE sem 0 -1 WITHSCORES
--> GET sem:seq
local now, ttl, slots = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZSCORE', KEYS[1], ARGV[4]) then
    redis.call('ZADD', KEYS[1], 'XX', now + ttl, ARGV[4])
    return {ok = 'RENEWED'}
end
if redis.call('ZCARD', KEYS[1]) < slots then
    redis.call('ZADD', KEYS[1], now + ttl, ARGV[4])
    return {ok = 'HELD ' .. redis.call('INCR', KEYS[2])}
end
return false
