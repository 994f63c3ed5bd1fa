#!lua name=basket
-- A library: functions that share code, with and without flags.
--> FCALL basket_add 1 b apple 2
--> FCALL basket_add 1 b pear 1
--> FCALL_RO basket_total 1 b
--> FCALL basket_total 1 b
--> FCALL_RO basket_add 1 b apple 1
--> FCALL basket_sly 1 b
--> FCALL_RO basket_sly 1 b
--> FCALL basket_fails 1 b
--> FCALL basket_types 0
--> FCALL basket_none 0
--> FCALL basket_add 2 b
--> CONFIG SET maxmemory 1
--> FCALL basket_add 1 b apple 1
--> FCALL basket_total 1 b
--> FCALL basket_oom 1 b
--> CONFIG SET maxmemory 0
local function total(key)
    local sum = 0
    for _, n in ipairs(redis.call('HVALS', key)) do sum = sum + n end
    return sum
end
local function add(keys, args)
    redis.call('HINCRBY', keys[1], args[1], args[2])
    return total(keys[1])
end
redis.register_function('basket_add', add)
redis.register_function{function_name = 'basket_total', callback = function(keys) return total(keys[1]) end, flags = {'no-writes'}, description = 'how many things'}
redis.register_function{function_name = 'basket_sly', callback = function(keys) return redis.call('DEL', keys[1]) end, flags = {'no-writes'}}
redis.register_function{function_name = 'basket_oom', callback = function(keys) return redis.call('HSET', keys[1], 'more', 1) end, flags = {'allow-oom'}}
redis.register_function('basket_fails', function(keys) return redis.call('GET', keys[1]) end)
redis.register_function('basket_types', function() redis.setresp(3); return {map = {n = {double = 2.5}}} end)
