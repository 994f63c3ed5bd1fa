// Package lint holds the house rules that are tests: what may import what,
// where C is allowed, which symbols the program exports. Each failure says
// what to do instead.
package lint
