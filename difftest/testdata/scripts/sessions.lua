-- A session is a hash; an index by user lets all of them be ended.
--> RUN 0 open s1 ada 4102444800
--> RUN 0 open s2 ada 4102444800
--> RUN 0 open s3 bob 4102444800
--> RUN 0 touch s1
--> RUN 0 touch nobody
--> EXPIRETIME session:s1
--> RUN 0 close ada
--> RUN 0 close ada
--> RUN 0 touch s1
--> EXISTS session:s3
local what, id = ARGV[1], ARGV[2]
local key = 'session:' .. id
if what == 'open' then
    redis.call('HSET', key, 'user', ARGV[3], 'hits', 0)
    redis.call('EXPIREAT', key, ARGV[4])
    redis.call('SADD', 'sessions:' .. ARGV[3], id)
    return redis.status_reply('OPENED')
elseif what == 'touch' then
    if redis.call('EXISTS', key) == 0 then return redis.error_reply('GONE') end
    return redis.call('HINCRBY', key, 'hits', 1)
end
local all = redis.call('SMEMBERS', 'sessions:' .. id)
table.sort(all)
for _, s in ipairs(all) do redis.call('DEL', 'session:' .. s) end
redis.call('DEL', 'sessions:' .. id)
return all
