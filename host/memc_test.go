//go:build !asan

package host

// memFromC: package mem calls into C for each block, which counts as allocations of Go's.
const memFromC = false
