-- Conversions at the edges: what numbers become on the way in and out.
--> RUN 1 num 3.99
--> RUN 1 num -3.99
--> RUN 1 num 1e15
--> RUN 1 num 123456789012345680000
--> RUN 1 num 0x10
--> RUN 1 num "  7 "
--> RUN 1 num nan
--> RUN 1 num abc
local n = tonumber(ARGV[1])
if not n then return {ARGV[1]:rep(2), ARGV[1]:upper():reverse(), (ARGV[1]:gsub('%w', '%0%0')), ARGV[1]:find('c', 1, true)} end
redis.call('SET', KEYS[1], n)
redis.call('RPUSH', 'nums', n, -n, n / 3)
return {n, tostring(n), redis.call('GET', KEYS[1]), redis.call('LRANGE', 'nums', -3, -1), string.format('%g %5.1f %s', n, n, n), n == n}
