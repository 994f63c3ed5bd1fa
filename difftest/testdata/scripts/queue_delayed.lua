-- Moves what is due to a list, at most ARGV[2] of them.
--> ZADD dq 1 a 2 b 3 c 3 d 9 e
--> RUN 2 dq ready 3 2
--> RUN 2 dq ready 3 10
--> RUN 2 dq ready 3 10
--> RUN 2 dq ready 9 0
--> LRANGE ready 0 -1
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
if #due > 0 then
    redis.call('RPUSH', KEYS[2], unpack(due))
    redis.call('ZREM', KEYS[1], unpack(due))
end
return due
