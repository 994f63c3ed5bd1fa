package host

import "errors"

// ErrNoModules is what LoadModule returns from a server without a [Runtime].
var ErrNoModules = errors.New("host: the server has no runtime for modules")

// LoadModule loads a module with arguments, as the directive loadmodule does,
// whatever enable-module-command says. Why one did not load is in the log.
//
// It may be called from any goroutine but the loop's, which does the loading:
// it waits until the server serves, and returns [ErrClosed] if it has stopped.
func (s *Server) LoadModule(path string, args ...string) error {
	if s.runtime == nil {
		return ErrNoModules
	}
	list := make([][]byte, len(args))
	for i, a := range args {
		list[i] = []byte(a)
	}
	var err error
	if !s.Do(func() { err = s.runtime.Load(path, list, nil) }) {
		return ErrClosed
	}
	return err
}
