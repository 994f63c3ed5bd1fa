package capi

// All flags of this package's C code stand here.

// #cgo CFLAGS: -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -I${SRCDIR}/..
// #cgo LDFLAGS: -ldl -lm
// #include "capi_internal.h"
// #include "dispatch.h"
import "C"
