-- Opens after failures, half-opens when time has passed. ARGV: event, now, threshold, pause.
--> RUN 1 cb ask 1 2 10
--> RUN 1 cb failure 1 2 10
--> RUN 1 cb failure 2 2 10
--> RUN 1 cb ask 3 2 10
--> RUN 1 cb ask 12 2 10
--> RUN 1 cb failure 13 2 10
--> RUN 1 cb ask 30 2 10
--> RUN 1 cb success 31 2 10
--> RUN 1 cb ask 32 2 10
--> HGETALL cb
local event, now, threshold, pause = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local failures = tonumber(redis.call('HGET', KEYS[1], 'failures') or '0')
local opened = tonumber(redis.call('HGET', KEYS[1], 'opened') or '-1')
local function state()
    if opened < 0 then return 'CLOSED' end
    return now - opened >= pause and 'HALF-OPEN' or 'OPEN'
end
if event == 'failure' then
    failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
    if failures >= threshold then
        opened = now
        redis.call('HSET', KEYS[1], 'opened', now)
    end
elseif event == 'success' then
    redis.call('DEL', KEYS[1])
    opened = -1
end
return redis.status_reply(state())
