-- A job leaves the queue for a worker's list; with ARGV[1] = ack it is done, with requeue it goes back.
--> RPUSH jobs j1 j2 j3
--> RUN 2 jobs worker:1 take 50
--> RUN 2 jobs worker:1 take 51
--> RUN 2 jobs worker:1 ack j1
--> RUN 2 jobs worker:1 ack j1
--> RUN 2 jobs worker:1 requeue
--> RUN 2 jobs worker:2 take 60
--> RUN 2 jobs worker:2 take 61
--> RUN 2 jobs worker:2 take 62
--> LRANGE worker:2 0 -1
local what = ARGV[1]
if what == 'take' then
    local job = redis.call('LMOVE', KEYS[1], KEYS[2], 'LEFT', 'RIGHT')
    if not job then return {err = 'EMPTY no job'} end
    redis.call('HSET', KEYS[2] .. ':since', job, ARGV[2])
    return job
elseif what == 'ack' then
    redis.call('HDEL', KEYS[2] .. ':since', ARGV[2])
    return redis.call('LREM', KEYS[2], 1, ARGV[2])
end
local n = 0
while redis.call('RPOPLPUSH', KEYS[2], KEYS[1]) do n = n + 1 end
redis.call('UNLINK', KEYS[2] .. ':since')
return n
