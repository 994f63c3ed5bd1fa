-- Adds points and tells the rank with the neighbours.
--> RUN 1 lb 10 ada
--> RUN 1 lb 20.5 bob
--> RUN 1 lb 15 cyn
--> RUN 1 lb 7.25 ada
--> RUN 1 lb -1e3 bob
--> RUN 1 lb inf dan
--> RUN 1 lb -inf dan
--> RUN 1 lb x dan
local score = redis.call('ZINCRBY', KEYS[1], ARGV[1], ARGV[2])
local rank = redis.call('ZREVRANK', KEYS[1], ARGV[2])
local around = redis.call('ZREVRANGE', KEYS[1], math.max(0, rank - 1), rank + 1, 'WITHSCORES')
local lines = {}
for i = 1, #around, 2 do
    lines[#lines + 1] = string.format('%-4s|%8.2f', around[i], around[i + 1])
end
return {score, rank + 1, table.concat(lines, '\n'), around}
