-- A sliding window kept as a sorted set of times. ARGV: now in ms, window in ms, limit, id of the call.
--> RUN 1 sw 1000 500 2 a
--> RUN 1 sw 1100 500 2 b
--> RUN 1 sw 1200 500 2 c
--> RUN 1 sw 1501 500 2 d
--> RUN 1 sw 1600 500 2 e
--> RUN 1 sw 99999999999.25 500 2 f
--> RUN 1 sw -1 500 2 g
--> RUN 1 sw nan 500 2 h
--> ZRANGE sw 0 -1 WITHSCORES
local now, window, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. (now - window))
local used = redis.call('ZCARD', KEYS[1])
if used >= limit then
    local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
    return {0, used, tostring(tonumber(first[2]) + window - now)}
end
redis.call('ZADD', KEYS[1], now, ARGV[4])
return {1, used + 1, '0'}
