-- The nearest places with rounded distances; keeps what was found for a while.
--> GEOADD places 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 2.35 48.85 Paris
--> RUN 2 places found 15 37 200 km
--> RUN 2 places found 15 37 5000 km
--> RUN 2 places found 200 37 200 km
--> RUN 2 nowhere found 15 37 200 km
local near = redis.call('GEOSEARCH', KEYS[1], 'FROMLONLAT', ARGV[1], ARGV[2], 'BYRADIUS', ARGV[3], ARGV[4], 'ASC', 'WITHDIST')
local out = {}
for _, hit in ipairs(near) do
    out[#out + 1] = {hit[1], math.floor(tonumber(hit[2]) + 0.5)}
end
redis.call('GEOSEARCHSTORE', KEYS[2], KEYS[1], 'FROMLONLAT', ARGV[1], ARGV[2], 'BYRADIUS', ARGV[3], ARGV[4])
return out
