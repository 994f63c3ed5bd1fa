//go:build asan

package host

const memFromC = true
