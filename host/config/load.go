package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"berth/internal/argsplit"
	"berth/internal/errtext"
	"berth/internal/rlog"
)

// RedisVersion is the version of Redis that berth presents itself as.
const RedisVersion = "8.0.2"

// FatalError ends the process: print Text on standard error (it is empty if the
// reason is in the log already) and exit with status 1.
type FatalError struct{ Text string }

// Error returns the text without the blank line that Redis begins it with.
func (e *FatalError) Error() string {
	if e.Text == "" {
		return "configuration could not be read; see the log"
	}
	return strings.TrimSpace(e.Text)
}

// LoadArgs reads the configuration as redis-server does from its command line, without argv[0]:
// the file if args begins with a path, then standard input if `-` is the first or last argument,
// then the `--name value` options. Where save was not set, it has Redis's defaults from then on, unless args say otherwise.
// The error is a *FatalError.
func (c *Config) LoadArgs(args []string, stdin io.Reader) error {
	if c.Save == nil {
		c.Save = []SavePoint{{3600, 1}, {300, 100}, {60, 10000}}
	}
	if slices.Contains(args, "--sentinel") {
		return &FatalError{"\nberth does not run Redis Sentinel. Start redis-sentinel, which monitors berth servers as it does Redis servers.\n"}
	}
	if len(args) == 0 {
		return nil
	}
	file, fromStdin, options := parseArgs(args)
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		c.File = c.absolutePath(file)
	}
	if !fromStdin {
		stdin = nil
	}
	return c.load(c.File, c.File != "", stdin, options)
}

// parseArgs turns the options into the lines that are appended to the file.
func parseArgs(args []string) (file string, fromStdin bool, options string) {
	var b strings.Builder
	last := len(args) - 1
	j := 0
	if !strings.HasPrefix(args[0], "-") {
		file = args[0]
		j = 1
	}
	isOption := func(j int) bool { return j <= last && strings.HasPrefix(args[j], "--") }
	complete := true // the latest option has a value, so that another option may follow
	for ; j <= last; j++ {
		a := args[j]
		switch {
		case a == "-" && (j == 0 || j == last):
			fromStdin = true
		case complete && isOption(j):
			if b.Len() > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(a[2:])
			b.WriteByte(' ')
			words, err := argsplit.Split([]byte(a[2:]))
			complete = err != nil || len(words) != 1
			// `--save` alone, as scripts produce it from an empty list, means none.
			if !complete && strings.EqualFold(a, "--save") && (j == last || isOption(j+1)) {
				b.WriteString(`""`)
				complete = true
			}
		default:
			b.Write(argsplit.Quote(nil, []byte(a)))
			b.WriteByte(' ')
			complete = true
		}
	}
	return file, fromStdin, b.String()
}

// absolutePath puts the working directory before a relative path. Only leading `../` are
// resolved, because the result is shown as config_file by INFO.
func (c *Config) absolutePath(name string) string {
	name = strings.Trim(name, " \r\n\t")
	if strings.HasPrefix(name, "/") {
		return name
	}
	dir, err := c.Getwd()
	if err != nil {
		return name
	}
	dir = strings.TrimSuffix(dir, "/")
	for strings.HasPrefix(name, "../") {
		name = name[3:]
		if i := strings.LastIndexByte(dir, '/'); i >= 0 {
			dir = dir[:i]
		}
	}
	return dir + "/" + name
}

// load reads a file, or all files of a pattern, and what follows them, as one text.
func (c *Config) load(name string, haveFile bool, stdin io.Reader, options string) error {
	var b strings.Builder
	if haveFile {
		names := []string{name}
		if strings.ContainsAny(name, "*?[") {
			names, _ = filepath.Glob(name)
		}
		for _, n := range names {
			f, err := os.Open(n)
			if err != nil {
				c.log(rlog.LevelWarning, fmt.Sprintf("Fatal error, can't open config file '%s': %s", n, errtext.Of(err)))
				return &FatalError{}
			}
			// A directory opens but cannot be read; that counts as an empty file.
			_, _ = io.Copy(&b, f)
			_ = f.Close()
		}
	}
	if stdin != nil {
		c.log(rlog.LevelNotice, "Reading config from stdin")
		_, _ = io.Copy(&b, stdin)
	}
	if options != "" {
		b.WriteByte('\n')
		b.WriteString(options)
	}
	return c.LoadText(b.String())
}

// LoadText reads text as a configuration file. The error is a *FatalError.
func (c *Config) LoadText(text string) error {
	c.reading = true
	defer func() { c.reading = false }()
	for i, line := range strings.Split(text, "\n") {
		line = strings.Trim(line, " \t\r\n")
		if err := c.loadLine(line); err != nil {
			var fatal *FatalError
			if errors.As(err, &fatal) {
				return err
			}
			return fatalConfig(fmt.Sprintf("Reading the configuration file, at line %d\n>>> '%s'\n%s\n", i+1, cString(line), err))
		}
	}
	if c.LogFile != "" {
		f, err := os.OpenFile(c.LogFile, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
		if err != nil {
			return fatalConfig("Can't open the log file: " + errtext.Of(err) + "\n")
		}
		_ = f.Close()
	}
	if c.ClusterEnabled && c.MasterHost != "" {
		return fatalConfig("replicaof directive not allowed in cluster mode\n")
	}
	if c.ClusterEnabled && c.Databases > 1 {
		c.log(rlog.LevelWarning, fmt.Sprintf("WARNING: Changing databases number from %d to 1 since we are in cluster mode", c.Databases))
		c.Databases = 1
	}
	c.clampHz()
	return nil
}

func fatalConfig(body string) error {
	return &FatalError{"\n*** FATAL CONFIG FILE ERROR (Redis " + RedisVersion + ") ***\n" + body}
}

// obsolete directives are accepted with one value and have no effect.
var obsolete = []string{"list-max-ziplist-entries", "list-max-ziplist-value", "lua-replicate-commands", "io-threads-do-reads"}

func (c *Config) loadLine(line string) error {
	if line == "" || line[0] == '#' {
		return nil
	}
	split, err := argsplit.Split([]byte(line))
	if err != nil {
		return errors.New("Unbalanced quotes in configuration line")
	}
	if len(split) == 0 {
		return nil
	}
	args := make([]string, len(split))
	for i, a := range split {
		args[i] = string(a)
	}
	name := strings.ToLower(args[0])
	if r := c.Lookup(name); r != nil {
		return r.load(args[1:])
	}
	switch n := len(args); {
	case n == 2 && slices.Contains(obsolete, name):
		return nil
	case n == 2 && name == "include":
		err := c.load(args[1], true, nil, "")
		c.reading = true
		return err
	case n == 3 && name == "rename-command":
		r := Rename{args[1], args[2]}
		if c.CheckRename != nil {
			if err := c.CheckRename(r); err != nil {
				return err
			}
		}
		c.RenamedCommands = append(c.RenamedCommands, r)
	case n >= 2 && name == "user":
		if c.CheckUser != nil {
			if err := c.CheckUser(args[1:]); err != nil {
				return err
			}
		}
		c.Users = append(c.Users, args[1:])
	case n >= 2 && name == "loadmodule":
		c.LoadModules = append(c.LoadModules, LoadModule{args[1], args[2:]})
	case name == "sentinel":
		if n != 1 {
			return errors.New("sentinel directive while not in sentinel mode")
		}
	case n >= 2:
		// Any name may turn out to be a module's.
		c.queueModuleValue(name, strings.Join(args[1:], " "))
	default:
		return errors.New("Bad directive or wrong number of arguments")
	}
	return nil
}

// load sets the row from the words of a line.
func (r *Row) load(args []string) error {
	if r.Flags&MultiArg == 0 {
		if len(args) != 1 {
			return errArity
		}
	} else if len(args) == 1 && args[0] != "" {
		split, err := argsplit.Split([]byte(args[0]))
		if err != nil {
			return errors.New("Unbalanced quotes in configuration line")
		}
		args = args[:0:0]
		for _, a := range split {
			args = append(args, string(a))
		}
	}
	_, err := r.value.set(args)
	return err
}
