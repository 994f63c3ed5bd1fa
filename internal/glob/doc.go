// Package glob matches byte strings against Redis's glob patterns, the ones of
// KEYS, SCAN MATCH, PSUBSCRIBE, CONFIG GET and ACL rules.
//
// It keeps no state, takes no lock and allocates nothing, so it may be called
// from any goroutine. It knows nothing of paths: `/` is an ordinary byte.
package glob
