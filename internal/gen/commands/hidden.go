package main

// hiddenFlags are the flags that COMMAND INFO keeps to itself. That of EVAL,
// PFCOUNT and PUBLISH and their kin shows in what CLIENT PAUSE WRITE holds
// back, that of DEBUG and MODULE in what enable-debug-command and
// enable-module-command refuse; SCAN and RANDOMKEY expire keys without
// wrapping the deletions in a transaction.
var hiddenFlags = map[string]string{
	"eval":        "FlagMayReplicate",
	"evalsha":     "FlagMayReplicate",
	"fcall":       "FlagMayReplicate",
	"pfcount":     "FlagMayReplicate",
	"publish":     "FlagMayReplicate",
	"spublish":    "FlagMayReplicate",
	"debug":       "FlagProtected",
	"module|load": "FlagProtected", "module|loadex": "FlagProtected",
	"module|unload": "FlagProtected",
	"scan":          "FlagTouchesArbitraryKeys",
	"randomkey":     "FlagTouchesArbitraryKeys",
}

// getKeys names the Go function that finds the keys where the key specs
// cannot, or do not know the flags.
var getKeys = map[string]string{
	"sort": "sortKeys", "sort_ro": "sortROKeys",
	"eval": "evalKeys", "eval_ro": "evalKeys",
	"evalsha": "evalKeys", "evalsha_ro": "evalKeys",
	"fcall": "evalKeys", "fcall_ro": "evalKeys",
	"zunionstore": "storeNumkeysKeys", "zinterstore": "storeNumkeysKeys",
	"zdiffstore": "storeNumkeysKeys",
	"zunion":     "numkeysKeys", "zinter": "numkeysKeys", "zdiff": "numkeysKeys",
	"zintercard": "numkeysKeys", "sintercard": "numkeysKeys",
	"lmpop": "numkeysKeys", "zmpop": "numkeysKeys",
	"blmpop": "evalKeys", "bzmpop": "evalKeys",
	"georadius": "georadiusKeys", "georadiusbymember": "georadiusKeys",
	"xread": "xreadKeys", "xreadgroup": "xreadKeys",
	"migrate":  "migrateKeys",
	"set":      "setKeys",
	"bitfield": "bitfieldKeys",
}

// channels are the commands whose arguments name pub/sub channels.
var channels = map[string]string{
	"subscribe":    "ChannelSubscribe",
	"unsubscribe":  "ChannelUnsubscribe",
	"ssubscribe":   "ChannelSubscribe",
	"sunsubscribe": "ChannelUnsubscribe",
	"psubscribe":   "ChannelPattern | ChannelSubscribe",
	"punsubscribe": "ChannelPattern | ChannelUnsubscribe",
	"publish":      "ChannelPublish",
	"spublish":     "ChannelPublish",
}

// helpers are the commands that answer HELP without a HELP subcommand in the
// table.
var helpers = []string{"debug"}
