-- What replicas are told: nothing, only some, all; several databases; random choices by their effect.
--> SADD pool a
--> RUN 1 k none
--> RUN 1 k aof
--> RUN 1 k some
--> RUN 1 k all
--> RUN 1 k db
--> RUN 1 k random
--> MGET k other third
local how = ARGV[1]
if how == 'none' then redis.set_repl(redis.REPL_NONE); return redis.call('SET', KEYS[1], 'quiet') end
if how == 'aof' then redis.set_repl(redis.REPL_AOF); return redis.call('INCRBYFLOAT', 'float', '0.1') end
if how == 'some' then
    redis.call('SET', KEYS[1], 1)
    redis.set_repl(redis.REPL_NONE)
    redis.call('SET', 'other', 2)
    redis.set_repl(redis.REPL_ALL)
    return redis.call('SET', 'third', 3)
end
if how == 'db' then
    redis.call('SELECT', 7)
    redis.call('SET', KEYS[1], 'seven')
    redis.call('SELECT', 0)
    return redis.call('GET', KEYS[1])
end
if how == 'random' then return {redis.call('SPOP', 'pool'), redis.call('GETDEL', KEYS[1]), redis.replicate_commands()} end
return redis.call('SET', KEYS[1], 'loud', 'EX', 100000, 'GET')
