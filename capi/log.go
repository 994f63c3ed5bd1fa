package capi

// #include "capi_internal.h"
import "C"

import "unsafe"

// The levels of the log, numbered as C's RM_LOG_*.
const (
	levelDebug = iota
	levelVerbose
	levelNotice
	levelWarning
)

//export goLog
func goLog(level C.int, p *C.char, n C.size_t) {
	defer guard("Log")
	logLine(int(level), string(unsafe.Slice((*byte)(unsafe.Pointer(p)), n)))
}

//export goLatencyAddSample
func goLatencyAddSample(event *C.char, ms C.longlong) {
	defer guard("LatencyAddSample")
	latencySample(C.GoString(event), int64(ms))
}
