package commands

import "berth/host/command"

// Register gives the data commands of a table their handlers.
func Register(t *command.Table) {
	registerStrings(t)
	registerBitmaps(t)
	registerHLL(t)
	registerGeneric(t)
	registerLists(t)
	registerHashes(t)
	registerSets(t)
	registerZSets(t)
	registerGeo(t)
	registerStreams(t)
}
