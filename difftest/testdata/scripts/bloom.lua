-- A Bloom filter on a string: SHA-1 gives the positions. ARGV: add or has, bits, hashes, item.
--> RUN 1 bf add 1000 4 apple
--> RUN 1 bf add 1000 4 apple
--> RUN 1 bf has 1000 4 apple
--> RUN 1 bf has 1000 4 pear
--> RUN 1 bf add 1000 4 ""
--> RUN 1 bf add 1000 4 "\x00"
--> STRLEN bf
local digest, known = redis.sha1hex(ARGV[4]), 1
for i = 1, tonumber(ARGV[3]) do
    local at = tonumber(string.sub(digest, i * 8 - 7, i * 8), 16) % tonumber(ARGV[2])
    if ARGV[1] == 'add' then
        if redis.call('SETBIT', KEYS[1], at, 1) == 0 then known = 0 end
    elseif redis.call('GETBIT', KEYS[1], at) == 0 then
        known = 0
    end
end
return known
