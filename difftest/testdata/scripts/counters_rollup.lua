-- Counts per minute, hour and day at once, each with its own life. ARGV: unix time, amount.
--> RUN 1 hits 86399 1
--> RUN 1 hits 86400 2
--> RUN 1 hits 90061 3
--> HGETALL hits:day
--> HGETALL hits:minute
local out = {}
for _, unit in ipairs({{'minute', 60}, {'hour', 3600}, {'day', 86400}}) do
    local slot = ARGV[1] - ARGV[1] % unit[2]
    out[#out + 1] = unit[1] .. '=' .. redis.call('HINCRBY', KEYS[1] .. ':' .. unit[1], slot, ARGV[2])
    redis.call('EXPIREAT', KEYS[1] .. ':' .. unit[1], 4102444800 + slot)
end
return table.concat(out, ' ')
