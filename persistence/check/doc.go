// Package check is `berth check`: it explains an RDB file or an append-only file, and finds where a damaged one
// breaks. It changes nothing.
package check
