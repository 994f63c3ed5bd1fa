-- Intersection of two sorted sets, and figures of it.
--> ZADD za 1 a 2 b 3.5 c
--> ZADD zb 10 b 20 c 30 d
--> RUN 3 za zb zout 1 1
--> RUN 3 za zb zout 0.5 2
--> RUN 3 za none zout 1 1
--> RUN 3 za zb zout x 1
redis.call('ZINTERSTORE', KEYS[3], 2, KEYS[1], KEYS[2], 'WEIGHTS', ARGV[1], ARGV[2], 'AGGREGATE', 'SUM')
local all = redis.call('ZRANGE', KEYS[3], 0, -1, 'WITHSCORES')
local n, sum, squares = 0, 0, 0
for i = 2, #all, 2 do
    local v = tonumber(all[i])
    n, sum, squares = n + 1, sum + v, squares + v * v
end
if n == 0 then return {0} end
local mean = sum / n
return {n, tostring(sum), string.format('%.3f', mean), string.format('%.3f', math.sqrt(squares / n - mean * mean)), all}
