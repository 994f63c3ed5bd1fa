package host

import (
	"fmt"
	"strings"

	"berth/host/command"
)

// infoWriter gathers the reply of INFO.
type infoWriter struct {
	b        []byte
	sections int
}

// section begins a section.
func (w *infoWriter) section(name string) {
	if w.sections > 0 {
		w.b = append(w.b, "\r\n"...)
	}
	w.sections++
	w.b = append(w.b, "# "...)
	w.b = append(w.b, name...)
	w.b = append(w.b, "\r\n"...)
}

// line writes one line.
func (w *infoWriter) line(format string, args ...any) {
	w.b = fmt.Appendf(w.b, format, args...)
	w.b = append(w.b, "\r\n"...)
}

// human writes a size, and the same again as a person would.
func (w *infoWriter) human(name string, n int64) {
	w.line("%s:%d", name, n)
	w.line("%s_human:%s", name, humanBytes(n))
}

// humanBytes prints a size with its unit, as INFO does.
func humanBytes(n int64) string {
	f := float64(n)
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%dB", n)
	case n < 1<<20:
		return fmt.Sprintf("%.2fK", f/(1<<10))
	case n < 1<<30:
		return fmt.Sprintf("%.2fM", f/(1<<20))
	case n < 1<<40:
		return fmt.Sprintf("%.2fG", f/(1<<30))
	case n < 1<<50:
		return fmt.Sprintf("%.2fT", f/(1<<40))
	}
	return fmt.Sprintf("%.2fP", f/(1<<50))
}

// When a section is shown without being named.
const (
	infoDefault = iota // by INFO, and by what shows more
	infoAll            // by INFO all and INFO everything
	infoNamed          // never
)

// infoSection is one section of INFO.
type infoSection struct {
	name  string
	when  int
	title string
	write func(s *Server, w *infoWriter)
}

// infoSections are in the order of the reply.
var infoSections = []infoSection{
	{"server", infoDefault, "Server", (*Server).infoServer},
	{"clients", infoDefault, "Clients", (*Server).infoClients},
	{"memory", infoDefault, "Memory", (*Server).infoMemory},
	{"persistence", infoDefault, "Persistence", (*Server).infoPersistence},
	{"threads", infoDefault, "Threads", (*Server).infoThreads},
	{"stats", infoDefault, "Stats", (*Server).infoStats},
	{"replication", infoDefault, "Replication", (*Server).infoReplication},
	{"cpu", infoDefault, "CPU", (*Server).infoCPU},
	{"module_list", infoDefault, "Modules", (*Server).infoModules},
	{"commandstats", infoAll, "Commandstats", (*Server).infoCommandStats},
	{"errorstats", infoDefault, "Errorstats", (*Server).infoErrorStats},
	{"latencystats", infoAll, "Latencystats", (*Server).infoLatencyStats},
	{"cluster", infoDefault, "Cluster", (*Server).infoCluster},
	{"keyspace", infoDefault, "Keyspace", (*Server).infoKeyspace},
	{"keysizes", infoDefault, "Keysizes", (*Server).infoKeySizes},
	{"berth", infoNamed, "Berth", (*Server).infoBerth},
}

func (s *Server) registerInfo() {
	s.commands.Register("info", s.cmdInfo)
}

func (s *Server) cmdInfo(cc *command.Ctx) {
	names := make([]string, 0, len(cc.Args))
	for _, a := range cc.Args[1:] {
		names = append(names, string(a))
	}
	cc.Verbatim("txt", s.Info(names))
}

// Info is the text of INFO with the given arguments. The caller holds the
// server lock.
func (s *Server) Info(names []string) []byte {
	var pick infoSelection
	pick.parse(names)
	w := &infoWriter{b: make([]byte, 0, 8192)}
	for i := range infoSections {
		x := &infoSections[i]
		if !pick.shows(x) {
			continue
		}
		// The key sizes of a large data set are counted on demand only.
		if x.name == "keysizes" && !pick.named[x.name] && s.keyCount() > keySizesUnasked {
			continue
		}
		w.section(x.title)
		x.write(s, w)
	}
	s.infoModuleSections(w, &pick)
	if pick.named["debug"] {
		w.section("Debug")
		s.infoDebug(w)
	}
	return w.b
}

// infoSelection is what the arguments of INFO ask for.
type infoSelection struct {
	def, all, modules bool
	named             map[string]bool
	other             []string // neither a section nor a keyword: modules' sections
}

func (p *infoSelection) parse(names []string) {
	p.named = map[string]bool{}
	p.def = len(names) == 0
	for _, name := range names {
		switch lower := strings.ToLower(name); lower {
		case "default":
			p.def = true
		case "all":
			p.all = true
		case "everything":
			p.all, p.modules = true, true
		case "modules":
			p.modules = true
			p.named["module_list"] = true
		case "debug":
			p.named[lower] = true
		default:
			if isInfoSection(lower) {
				p.named[lower] = true
			} else if name != "" {
				p.other = append(p.other, name)
			}
		}
	}
}

func isInfoSection(name string) bool {
	for i := range infoSections {
		if infoSections[i].name == name {
			return true
		}
	}
	return false
}

func (p *infoSelection) shows(x *infoSection) bool {
	return p.named[x.name] || p.all && x.when <= infoAll || p.def && x.when == infoDefault
}

func (s *Server) infoModuleSections(w *infoWriter, p *infoSelection) {
	if s.runtime == nil {
		return
	}
	switch {
	case p.modules:
		w.moduleSections(s.runtime.Info("", false), nil)
	case len(p.other) == 1:
		w.moduleSections(s.runtime.Info(p.other[0], false), nil)
	case len(p.other) > 1:
		// Each section once, and in the modules' order, however they were asked for.
		want := map[string]bool{}
		for _, name := range p.other {
			for _, x := range s.runtime.Info(name, false) {
				want[x.Name] = true
			}
		}
		w.moduleSections(s.runtime.Info("", false), want)
	}
}

// moduleSections writes the sections that are wanted; nil means all of them.
func (w *infoWriter) moduleSections(list []InfoSection, want map[string]bool) {
	for _, x := range list {
		if want != nil && !want[x.Name] {
			continue
		}
		w.section(x.Name)
		for _, l := range x.Lines {
			w.line("%s", l)
		}
	}
}
