-- Tokens that come back with time. ARGV: now (s), rate per second, capacity, wanted.
--> RUN 1 tb 100 2.5 10 7
--> RUN 1 tb 100 2.5 10 7
--> RUN 1 tb 101.7 2.5 10 7
--> RUN 1 tb 500.123456789 2.5 10 0.1
--> HGETALL tb
--> RUN 1 tb 400 2.5 10 1
--> RUN 1 tb 500.2 2.5 10 11
--> HMGET tb tokens at
local now, rate, capacity, want = unpack(ARGV)
now, rate, capacity, want = tonumber(now), tonumber(rate), tonumber(capacity), tonumber(want)
local state = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(state[1]) or capacity, tonumber(state[2]) or now
tokens = math.min(capacity, tokens + math.max(0, now - at) * rate)
local granted = want <= tokens
if granted then tokens = tokens - want end
redis.call('HSET', KEYS[1], 'tokens', tokens, 'at', string.format('%.6f', math.max(at, now)))
redis.call('PEXPIRE', KEYS[1], 1000 * math.ceil(capacity / rate))
return {granted, tostring(tokens), tokens}
