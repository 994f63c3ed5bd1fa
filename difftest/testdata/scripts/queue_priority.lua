-- Highest priority first, then the order of arrival: the fraction of the score.
--> RUN 2 pq pq:n add 1 low
--> RUN 2 pq pq:n add 5 high
--> RUN 2 pq pq:n add 5 high-too
--> RUN 2 pq pq:n add 5 high
--> ZRANGE pq 0 -1 WITHSCORES
--> RUN 2 pq pq:n pop
--> RUN 2 pq pq:n pop
--> RUN 2 pq pq:n pop
--> RUN 2 pq pq:n pop
if ARGV[1] == 'add' then
    local n = redis.call('INCR', KEYS[2])
    return redis.call('ZADD', KEYS[1], 'NX', -ARGV[2] + n / 2 ^ 20, ARGV[3])
end
local popped = redis.call('ZPOPMIN', KEYS[1])
if next(popped) == nil then
    redis.call('DEL', KEYS[2])
    return nil
end
return {popped[1], math.floor(-popped[2]) + 1}
