package capi

// #include "capi_internal.h"
import "C"

import (
	"errors"
	"io/fs"
	"syscall"
)

// errnoOf is an error of the system as C has it; EIO for any other.
func errnoOf(err error) C.int {
	var no syscall.Errno
	switch {
	case err == nil:
		return 0
	case errors.As(err, &no):
		return C.int(no)
	case errors.Is(err, errors.ErrUnsupported):
		return C.int(syscall.ENOTSUP)
	case errors.Is(err, fs.ErrNotExist):
		return C.int(syscall.ENOENT)
	}
	return C.int(syscall.EIO)
}

//export goRdbLoad
func goRdbLoad(slot C.uint32_t, name *C.char) (code C.int) {
	defer guard("RdbLoad")
	code = C.int(syscall.EIO)
	return errnoOf(bySlot[slot].Load().rt.srv.LoadRDB(C.GoString(name)))
}

//export goRdbSave
func goRdbSave(slot C.uint32_t, name *C.char) (code C.int) {
	defer guard("RdbSave")
	code = C.int(syscall.EIO)
	return errnoOf(bySlot[slot].Load().rt.srv.SaveRDB(C.GoString(name)))
}
