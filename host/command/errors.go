package command

// The error texts that more than one command replies with, as Redis words
// them. A text that only one command uses stands beside that command.
const (
	ErrSyntax        = "ERR syntax error"
	ErrWrongType     = "WRONGTYPE Operation against a key holding the wrong kind of value"
	ErrNotInteger    = "ERR value is not an integer or out of range"
	ErrNotInt32      = "ERR value is out of range, value must between -2147483648 and 2147483647"
	ErrNotFloat      = "ERR value is not a valid float"
	ErrNoSuchKey     = "ERR no such key"
	ErrOutOfRange    = "ERR value is out of range"
	ErrMustPositive  = "ERR value is out of range, must be positive"
	ErrIndexRange    = "ERR index out of range"
	ErrIncrOverflow  = "ERR increment or decrement would overflow"
	ErrDBIndex       = "ERR DB index is out of range"
	ErrInvalidDB     = "ERR invalid DB index"
	ErrStringTooLong = "ERR string exceeds maximum allowed size (proto-max-bulk-len)"
	ErrTimeoutFloat  = "ERR timeout is not a float or out of range"
	ErrTimeoutInt    = "ERR timeout is not an integer or out of range"
	ErrTimeoutNeg    = "ERR timeout is negative"
	ErrMinMaxFloat   = "ERR min or max is not a float"
	ErrMinMaxLex     = "ERR min or max not valid string range item"
	ErrNaNScore      = "ERR resulting score is not a number (NaN)"
	ErrNestedMulti   = "ERR MULTI calls can not be nested"
	ErrOOM           = "OOM command not allowed when used memory > 'maxmemory'."
	ErrNoAuth        = "NOAUTH Authentication required."
	ErrBusyKey       = "BUSYKEY Target key name already exists."
	ErrInvalidCursor = "ERR invalid cursor"
	ErrSameObject    = "ERR source and destination objects are the same"
)
