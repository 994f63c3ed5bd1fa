package errtext

import (
	"errors"
	"strings"
	"syscall"
)

// Of is the C library's text of a system call's error, without the call and the
// file that Go's errors name in front of it. Any other error keeps its own text.
func Of(err error) string {
	var errno syscall.Errno
	text := err.Error()
	if errors.As(err, &errno) {
		text = errno.Error()
	}
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
