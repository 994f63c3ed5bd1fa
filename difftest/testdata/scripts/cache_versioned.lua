-- Writes only what is newer; the version is a 53-bit number kept beside the value.
--> RUN 1 cv 1 one
--> RUN 1 cv 3 three
--> RUN 1 cv 2 two
--> RUN 1 cv 9007199254740993 huge
--> RUN 1 cv 1e3 exp
--> HGETALL cv
local have = tonumber(redis.call('HGET', KEYS[1], 'version') or 0)
local version = tonumber(ARGV[1])
if version <= have then return {false, tostring(have), have} end
redis.call('HSET', KEYS[1], 'version', version, 'value', ARGV[2])
return {true, tostring(version), version}
