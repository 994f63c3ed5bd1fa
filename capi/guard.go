package capi

import (
	"fmt"
	"runtime/debug"
)

// guard is deferred by every export: a panic must not unwind into C. It is logged with the
// function's name, and the export returns its preset results, the API's failure.
func guard(function string) {
	if r := recover(); r != nil {
		logLine(0, levelWarning, fmt.Sprintf("Internal error in RedisModule_%s: %v\n%s", function, r, debug.Stack()))
	}
}
