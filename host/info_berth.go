package host

// CrossingCounter is what a [Runtime] implements that counts calls between Go
// and C, for INFO berth.
type CrossingCounter interface {
	// Crossings are the calls made since the process started: out of C into
	// Go, and out of Go into C. The caller holds the server lock.
	Crossings() (toGo, toC int64)
}

// infoBerth writes what only berth has to tell. INFO shows it only by name:
// the other sections look as in Redis.
func (s *Server) infoBerth(w *infoWriter) {
	w.line("berth_version:%s", Version)
	var toGo, toC int64
	if r, ok := s.runtime.(CrossingCounter); ok {
		toGo, toC = r.Crossings()
	}
	w.line("crossings_to_go:%d", toGo)
	w.line("crossings_to_c:%d", toC)
	if s.runtime != nil {
		for _, m := range s.runtime.Modules() {
			w.line("module_%s:fingerprint=%016x", m.Name, m.Fingerprint)
		}
	}
}
