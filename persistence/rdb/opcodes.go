package rdb

// The opcodes between the values of a file.
const (
	// opSplice and opSpliced are in no file, only in the stream that a FileWriter reads: there the records of its
	// second source up to opSpliced have their place.
	opSplice  = 230
	opSpliced = 231

	opSlotInfo      = 244
	opFunction      = 245
	opFunctionPreGA = 246
	opModuleAux     = 247
	opIdle          = 248
	opFreq          = 249
	opAux           = 250
	opResizeDB      = 251
	opExpireMs      = 252
	opExpire        = 253
	opSelectDB      = 254
	opEOF           = 255
)

// MinVersion is the oldest version of files that are written: that of Redis 7.0. A file gets a newer one when
// what it holds needs it.
const MinVersion = 10

// versionOf is the version in which a type of values appeared, not before MinVersion.
func versionOf(typ byte) int {
	switch typ {
	case typeSetListpack, typeStream3:
		return 11
	case typeHashMetadataPreGA, typeHashListpackExPreGA, typeHashMetadata, typeHashListpackEx:
		return 12
	}
	return MinVersion
}

// typeNames are for messages and reports.
var typeNames = map[byte]string{
	typeString: "string", typeList: "list-linked", typeSet: "set-hashtable", typeZSet: "zset-v1", typeHash: "hash-hashtable",
	typeZSet2: "zset-v2", typeModulePreGA: "module-pre-release", typeModule2: "module-value", typeHashZipmap: "hash-zipmap",
	typeListZiplist: "list-ziplist", typeSetIntset: "set-intset", typeZSetZiplist: "zset-ziplist", typeHashZiplist: "hash-ziplist",
	typeListQuicklist: "quicklist", typeStream: "stream", typeHashListpack: "hash-listpack", typeZSetListpack: "zset-listpack",
	typeListQuicklist2: "quicklist-v2", typeStream2: "stream-v2", typeSetListpack: "set-listpack", typeStream3: "stream-v3",
	typeHashMetadataPreGA: "hash-with-times-pre-release", typeHashListpackExPreGA: "hash-listpack-with-times-pre-release",
	typeHashMetadata: "hash-hashtable-with-times", typeHashListpackEx: "hash-listpack-with-times",
}
