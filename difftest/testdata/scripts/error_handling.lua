-- Which errors pcall catches and what they look like.
--> SET text abc
--> RUN 1 text wrongtype
--> RUN 1 text incr
--> RUN 1 text unknown
--> RUN 1 text arity
--> RUN 1 text lua
--> RUN 1 text table
--> RUN 1 text raise
--> RUN 1 text custom
--> RUN 1 text rethrow
--> RUN 1 text nothing
--> GET text
local ways = {
    wrongtype = function() return redis.pcall('LPUSH', KEYS[1], 1) end,
    incr = function() return redis.pcall('INCR', KEYS[1]) end,
    unknown = function() return redis.pcall('NOSUCH', 1) end,
    arity = function() return redis.pcall('GET') end,
    lua = function() local ok, e = pcall(function() return nil + 1 end); return {err = 'LUA ' .. tostring(e)} end,
    table = function() local ok, e = pcall(redis.call, 'INCR', KEYS[1]); return {err = type(e) .. ' ' .. tostring(e.err)} end,
    raise = function() redis.call('APPEND', KEYS[1], '!'); redis.call('INCR', KEYS[1]) end,
    custom = function() error({err = 'MY own', extra = 1}) end,
    rethrow = function() local r = redis.pcall('INCR', KEYS[1]); error(r) end,
}
local way = ways[ARGV[1]]
if not way then return {err = 'no such way'} end
local r = way()
if type(r) == 'table' and r.err then
    redis.call('RPUSH', 'seen', r.err)
    return redis.error_reply('CAUGHT ' .. r.err)
end
return r
