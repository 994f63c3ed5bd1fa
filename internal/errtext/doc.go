// Package errtext words errors of system calls as the C library does.
package errtext
