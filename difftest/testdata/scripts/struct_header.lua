-- Fixed headers in one string: version, flags, length, name.
--> RUN 1 hd 1 513 name
--> RUN 1 hd 255 -1 "\x00z"
--> RUN 1 hd 300 70000 ""
--> RUN 1 hd x 1 n
--> GETRANGE hd 0 -1
local packed = struct.pack('>BHi4s', ARGV[1], ARGV[2], -#ARGV[3], ARGV[3])
redis.call('APPEND', KEYS[1], packed)
local all, pos, out = redis.call('GET', KEYS[1]), 1, {}
while pos <= #all do
    local version, flags, len, name, after = struct.unpack('>BHi4s', all, pos)
    out[#out + 1] = {version, flags, len, name}
    pos = after
end
return {struct.size('>BHi4'), out}
