package capi

// #include "capi_internal.h"
import "C"

func logLine(level int, s string) { println(level, s) }
func latencySample(string, int64) {}

//export goIsModuleNameBusy
func goIsModuleNameBusy(n *C.char) C.int { return 0 }

//export goCrashInfo
func goCrashInfo() {}
