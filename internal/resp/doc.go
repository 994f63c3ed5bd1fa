// Package resp parses the requests that clients send: RESP arrays of bulk
// strings and inline commands, incrementally and without copying.
//
// It is the server's hot path. What needs RESP outside of it (reading append
// only files, tools, tests) uses github.com/tidwall/resp.
package resp
