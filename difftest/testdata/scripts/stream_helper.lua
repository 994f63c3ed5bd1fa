-- Appends with an explicit id, keeps the newest, reads for a consumer and acknowledges what is old.
--> RUN 1 st 1-1 temp 20
--> RUN 1 st 2-1 temp 21
--> RUN 1 st 3-1 temp 22
--> RUN 1 st 3-1 temp 23
--> RUN 1 st 4-1 temp
--> XLEN st
--> XPENDING st g
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '=', 2, unpack(ARGV))
local made = redis.pcall('XGROUP', 'CREATE', KEYS[1], 'g', '0')
local text = made.err or made.ok
local got = redis.call('XREADGROUP', 'GROUP', 'g', 'me', 'COUNT', 1, 'STREAMS', KEYS[1], '>')
local acked = 0
if got then
    for _, entry in ipairs(got[1][2]) do acked = acked + redis.call('XACK', KEYS[1], 'g', entry[1]) end
end
return {id, text, got, acked}
