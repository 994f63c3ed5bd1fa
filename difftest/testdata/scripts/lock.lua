-- ARGV[1] what to do: take, extend or release; ARGV[2] the owner's token, ARGV[3] ms.
--> RUN 1 lock take me 100000
--> RUN 1 lock take you 100000
--> RUN 1 lock extend you 200000
--> RUN 1 lock extend me 200000
--> RUN 1 lock release you
--> RUN 1 lock release me
--> RUN 1 lock release me
--> RUN 1 lock take "\x00\r\n\xff" 100000
--> RUN 1 lock release "\x00\r\n\xff"
--> RUN 1 lock take me 0
--> RUN 1 lock steal me
--> RPUSH lock x
--> RUN 1 lock release me
local actions = {}
function actions.take()
    return redis.call('SET', KEYS[1], ARGV[2], 'NX', 'PX', ARGV[3])
end
function actions.extend()
    return redis.call('GET', KEYS[1]) == ARGV[2] and redis.call('PEXPIRE', KEYS[1], ARGV[3]) or 0
end
function actions.release()
    if redis.call('GET', KEYS[1]) == ARGV[2] then
        return redis.call('DEL', KEYS[1])
    end
    return 0
end
local action = actions[ARGV[1]]
if not action then
    return redis.error_reply('ERR no action ' .. tostring(ARGV[1]))
end
return action()
