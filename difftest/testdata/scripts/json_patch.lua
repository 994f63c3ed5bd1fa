-- Changes members of a document kept as JSON; a null in the patch deletes.
--> SET doc "{\"name\":\"Ada\",\"tags\":[\"a\",\"b\"],\"n\":1.5,\"deep\":{\"x\":null}}"
--> RUN 1 doc "{\"n\":2}"
--> RUN 1 doc "{\"name\":null,\"list\":[]}"
--> RUN 1 doc "{\"text\":\"\\u00e9\\n\\\"\\/\"}"
--> RUN 1 doc "{bad"
--> RUN 1 nodoc "{\"a\":[1,2,{\"b\":true}]}"
--> RUN 1 nodoc "{\"big\":123456789012345678,\"small\":1e-7}"
--> RUN 1 nodoc "[1]"
local doc = cjson.decode(redis.call('GET', KEYS[1]) or '{}')
local ok, patch = pcall(cjson.decode, ARGV[1])
if not ok then return redis.error_reply('ERR ' .. patch) end
for k, v in pairs(patch) do
    if v == cjson.null then doc[k] = nil else doc[k] = v end
end
local names = {}
for k in pairs(doc) do names[#names + 1] = tostring(k) end
table.sort(names)
local out = {}
for _, k in ipairs(names) do
    out[#out + 1] = cjson.encode(k) .. ':' .. cjson.encode(doc[k] == nil and doc[tonumber(k)] or doc[k])
end
local text = '{' .. table.concat(out, ',') .. '}'
redis.call('SET', KEYS[1], text)
return text
