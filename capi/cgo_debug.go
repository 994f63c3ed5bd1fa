//go:build debug

package capi

// #cgo CFLAGS: -DBERTH_DEBUG
import "C"
