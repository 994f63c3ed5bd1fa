-- Takes all items of an order, or none. ARGV: item, count, …
--> HSET stock apple 5 pear 2
--> RUN 1 stock apple 2 pear 1
--> RUN 1 stock apple 2 pear 2
--> RUN 1 stock apple 2 kiwi 1
--> RUN 1 stock apple
--> RUN 1 stock apple 0
--> HGETALL stock
if #ARGV % 2 ~= 0 then return redis.error_reply('ERR items come with counts') end
local missing = {}
for i = 1, #ARGV, 2 do
    local have = tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or 0)
    if have < tonumber(ARGV[i + 1]) then
        table.insert(missing, ARGV[i])
        table.insert(missing, ARGV[i + 1] - have)
    end
end
if #missing > 0 then return missing end
for i = 1, #ARGV, 2 do redis.call('HINCRBY', KEYS[1], ARGV[i], -ARGV[i + 1]) end
return 'reserved'
