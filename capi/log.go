package capi

// #include "capi_internal.h"
import "C"

import (
	"fmt"
	"os"
	"unsafe"

	"berth/host"
)

// The levels of the log, numbered as C's RM_LOG_*.
const (
	levelDebug = iota
	levelVerbose
	levelNotice
	levelWarning
)

//export goLog
func goLog(slot C.uint32_t, level C.int, p *C.char, n C.size_t) {
	defer guard("Log")
	logLine(int(slot), int(level), string(unsafe.Slice((*byte)(unsafe.Pointer(p)), n)))
}

// logLine writes to the log of the server that hosts a module; slot 0 is code
// of no known module, whose lines go to the first server there is. Any thread.
func logLine(slot, level int, text string) {
	m := bySlot[slot].Load()
	for i := 0; m == nil && i < len(bySlot); i++ {
		m = bySlot[i].Load()
	}
	if m == nil {
		fmt.Fprintln(os.Stderr, text)
		return
	}
	writeLog(m.rt.srv.Log(), level, text)
}

func writeLog(log host.Log, level int, text string) {
	switch level {
	case levelDebug:
		log.Debug(text)
	case levelVerbose:
		log.Verbose(text)
	case levelNotice:
		log.Notice(text)
	default:
		log.Warn(text)
	}
}

//export goLatencyAddSample
func goLatencyAddSample(slot C.uint32_t, event *C.char, ms C.longlong) {
	defer guard("LatencyAddSample")
	m := bySlot[slot].Load()
	if m == nil {
		return
	}
	if limit := m.rt.srv.Config().LatencyMonitorThreshold; limit > 0 && int64(ms) >= int64(limit) {
		m.rt.srv.AddLatencyEvent(C.GoString(event), int64(ms))
	}
}
