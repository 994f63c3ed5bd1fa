-- What RESP3 shows of maps, sets, doubles, booleans and nulls, both ways.
--> HSET h a 1
--> SADD s x
--> ZADD z 1.5 m
--> RUN 3 h s z 3
--> RUN 3 h s z 2
--> RUN 3 h s z 4
redis.setresp(tonumber(ARGV[1]))
local map = redis.call('HGETALL', KEYS[1])
local set = redis.call('SMEMBERS', KEYS[2])
local score = redis.call('ZSCORE', KEYS[3], 'm')
local seen = {type(map.map), type(set.set), type(score), type(redis.call('GET', 'nokey'))}
return {map, set, score, seen, redis.call('ZRANGE', KEYS[3], 0, -1, 'WITHSCORES'), true, false,
    {map = {k = {double = 0.1}}}, {set = {one = true}}, {double = -1 / 0}, {big_number = '-123'},
    {verbatim_string = {format = 'mkd', string = '# t'}}, redis.call('GET', 'nokey')}
