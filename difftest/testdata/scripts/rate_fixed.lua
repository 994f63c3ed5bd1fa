-- A fixed window: so many calls per window. KEYS[1] counter, ARGV: limit, seconds.
--> RUN 1 rl:a 3 1000
--> RUN 1 rl:a 3 1000
--> RUN 1 rl:a 3 1000
--> RUN 1 rl:a 3 1000
--> SET rl:bad text
--> RUN 1 rl:bad 3 1000
--> RUN 1 rl:b 0 1000
--> RUN 1 rl:b x 1000
--> RUN 1 rl:c 3 y
--> RUN 0
local n = redis.call('INCR', KEYS[1])
if n == 1 then
    redis.call('EXPIRE', KEYS[1], ARGV[2])
end
if n > tonumber(ARGV[1]) then
    return redis.error_reply('LIMIT ' .. KEYS[1] .. ' has had ' .. n .. ' calls')
end
return tonumber(ARGV[1]) - n
