package config

import (
	"errors"
	"strconv"
	"strings"
)

func checkBaseName(param string) func(string) error {
	return func(s string) error {
		if strings.ContainsAny(s, `/\`) {
			return errors.New(param + " can't be a path, just a filename")
		}
		return nil
	}
}

func checkShutdown(flags int) error {
	if flags&ShutdownSave != 0 && flags&ShutdownNoSave != 0 {
		return errors.New("shutdown options SAVE and NOSAVE can't be used simultaneously")
	}
	return nil
}

func checkHostname(s string) error {
	s = cString(s)
	if len(s) > 255 {
		return errors.New("Hostnames must be less than 256 characters")
	}
	for i := range len(s) {
		switch ch := s[i]; {
		case ch >= 'a' && ch <= 'z', ch >= 'A' && ch <= 'Z', ch >= '0' && ch <= '9', ch == '-', ch == '.':
		default:
			return errors.New("Hostnames may only contain alphanumeric characters, hyphens or dots")
		}
	}
	return nil
}

// checkNodename refuses the characters that nodes.conf gives a meaning to.
func checkNodename(s string) error {
	if strings.ContainsAny(s, "\x00!#$%&()*+:;<>?@[]^{|}~") {
		return errors.New("Announced human node name contained invalid character")
	}
	return nil
}

// checkLocale accepts the locales that every system has, because berth sorts by bytes: the
// C locale under its names.
func checkLocale(s string) error {
	switch strings.ToLower(s) {
	case "", "c", "posix", "c.utf8", "c.utf-8":
		return nil
	}
	return errors.New("Invalid locale name")
}

func (c *Config) checkProcTitle(template string) error {
	if s, ok := c.expandProcTitle(template, ""); !ok || s == "" {
		return errors.New("template format is invalid or contains unknown variables")
	}
	return nil
}

// ProcTitle expands proc-title-template with title, usually argv[0].
func (c *Config) ProcTitle(title string) string {
	s, _ := c.expandProcTitle(c.ProcTitleTemplate, title)
	return s
}

func (c *Config) expandProcTitle(template, title string) (string, bool) {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(template, "{")
		b.WriteString(before)
		if !found {
			return strings.Trim(b.String(), " "), true
		}
		if strings.HasPrefix(after, "{") {
			b.WriteByte('{')
			template = after[1:]
			continue
		}
		name, rest, found := strings.Cut(after, "}")
		if !found {
			return "", false
		}
		s, ok := c.procTitleVar(name, title)
		if !ok {
			return "", false
		}
		b.WriteString(s)
		template = rest
	}
}

func (c *Config) procTitleVar(name, title string) (string, bool) {
	switch strings.ToLower(name) {
	case "title":
		return title, true
	case "listen-addr":
		port := c.Port
		if port == 0 {
			port = c.TLSPort
		}
		if port == 0 {
			return "unixsocket:" + c.UnixSocket, true
		}
		host := "*"
		if len(c.Bind) > 0 {
			host = c.Bind[0]
		}
		return host + ":" + strconv.Itoa(port), true
	case "server-mode":
		if c.ClusterEnabled {
			return "[cluster]", true
		}
		return "", true
	case "config-file":
		return c.File, true
	case "port":
		return strconv.Itoa(c.Port), true
	case "tls-port":
		return strconv.Itoa(c.TLSPort), true
	case "unixsocket":
		return c.UnixSocket, true
	}
	return "", false
}

const (
	minHz          = 1
	maxHz          = 500
	minReplBacklog = 16 << 10
)

// builtinHooks attaches what a changed value implies for the configuration itself.
func (c *Config) builtinHooks() {
	c.OnChange(func() error { c.clampHz(); return nil }, "hz")
	c.OnChange(func() error {
		c.ReplBacklogSize = max(c.ReplBacklogSize, minReplBacklog)
		return nil
	}, "repl-backlog-size")
	c.OnChange(func() error { return checkLocale(c.LocaleCollate) }, "locale-collate")
}

func (c *Config) clampHz() { c.Hz = min(max(c.Hz, minHz), maxHz) }
