// Command gen writes docs/API.md and docs/threads.md from api.def and threads.def, and from names.csv besides the table
// of capi/inspect. go generate runs it, in capi.
package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// row is one line of api.def.
type row struct {
	kind, name, since, family string
	missing                   string // why, "" for what is there
	home                      string
}

func (r row) valkeyOnly() bool { return r.kind == "VALKEY" || r.kind == "MISSING_VALKEY" }

// servers are those that have the function.
func (r row) servers() string {
	switch {
	case r.valkeyOnly():
		return "Valkey"
	case r.kind == "REDIS":
		return "Redis"
	}
	return "both"
}

// pointer is the name under which redismodule.h has the function.
func (r row) pointer() string {
	if r.valkeyOnly() {
		return "ValkeyModule_" + r.name
	}
	return "RedisModule_" + r.name
}

var (
	rowStart = regexp.MustCompile(`^(API|REDIS|VALKEY|MISSING|MISSING_VALKEY)\(`)
	rowForm  = regexp.MustCompile(`^(\w+)\((\w+), "([^"]*)", "([^"]*)",\s*(?:"([^"]*)"|(\w+))\)$`)
)

// parse reads the rows of api.def.
func parse(def string) ([]row, error) {
	src, err := os.ReadFile(def)
	if err != nil {
		return nil, err
	}
	var rows []row
	for i, line := range strings.Split(string(src), "\n") {
		if !rowStart.MatchString(line) {
			continue
		}
		m := rowForm.FindStringSubmatch(line)
		if m == nil {
			return nil, fmt.Errorf("%s:%d: not a row: %s", def, i+1, line)
		}
		rows = append(rows, row{kind: m[1], name: m[2], since: m[3], family: m[4], missing: m[5], home: m[6]})
	}
	return rows, nil
}

func main() {
	if err := run("api.def", "threads.def", "inspect/names.csv", "../docs/API.md", "../docs/threads.md", "inspect/functions.csv"); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(def, threads, names, out, threadsOut, table string) error {
	rows, err := parse(def)
	if err != nil {
		return err
	}
	kinds, err := parseThreads(threads)
	if err != nil {
		return err
	}
	doc, err := threadsDoc(rows, kinds)
	if err != nil {
		return err
	}
	if err := os.WriteFile(threadsOut, doc, 0o644); err != nil {
		return err
	}
	releases, err := readNames(names)
	if err != nil {
		return err
	}
	if err := os.WriteFile(table, inspectTable(rows, releases), 0o644); err != nil {
		return err
	}
	type count struct{ all, have int }
	var old, newer, valkey count
	var body bytes.Buffer
	family := ""
	for _, r := range rows {
		if r.family != family {
			family = r.family
			fmt.Fprintf(&body, "\n## %s\n\n| function | since | of | state |\n|---|---|---|---|\n", family)
		}
		c := &old
		switch {
		case r.valkeyOnly():
			c = &valkey
		case newerThan80(r.since):
			c = &newer
		}
		c.all++
		state := "no: " + r.missing
		if r.missing == "" {
			state = "yes, in " + r.home
			c.have++
		}
		fmt.Fprintf(&body, "| `%s` | %s | %s | %s |\n", r.pointer(), r.since, r.servers(), state)
	}
	var api bytes.Buffer
	fmt.Fprintf(&api, `# The module API

Generated from capi/api.def by `+"`make gen`"+`; do not edit.

| functions | there are | berth has |
|---|---|---|
| of Redis 4.0 to 8.0 | %d | %d |
| that Redis 8.2 to 8.10 added | %d | %d |
| of Valkey alone, to 9.1 | %d | %d |

The pointer of a function that berth does not have stays NULL in every module, which is how modules
find out. "Of both" is found under either prefix, RedisModule_ and ValkeyModule_; what only one of
the two servers has is found under its own. "In C" is work that never enters Go; "in Go" costs one
crossing per call. What a function does stands above it in capi/*.c.
`, old.all, old.have, newer.all, newer.have, valkey.all, valkey.have)
	api.Write(body.Bytes())
	return os.WriteFile(out, api.Bytes(), 0o644)
}

// releases are those that brought a function; "" for a server that has it not.
type releases struct{ name, redis, valkey string }

func readNames(path string) (list []releases, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	for _, l := range lines[1:] {
		list = append(list, releases{l[0], l[1], l[2]})
	}
	return list, nil
}

// inspectTable is what capi/inspect knows: per name the releases, and for each prefix "yes" or why berth lacks it.
func inspectTable(rows []row, names []releases) []byte {
	var b bytes.Buffer
	b.WriteString("name,redis,valkey,berth_redis,berth_valkey\n")
	for _, n := range names {
		var of [2]string
		for _, r := range rows {
			if r.name != n.name {
				continue
			}
			state := r.missing
			if state == "" {
				state = "yes"
			}
			if !r.valkeyOnly() {
				of[0] = state
			}
			if r.valkeyOnly() || r.kind != "REDIS" && n.valkey != "" && of[1] == "" {
				of[1] = state
			}
		}
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s\n", n.name, n.redis, n.valkey, strings.ReplaceAll(of[0], ",", ";"), of[1])
	}
	return b.Bytes()
}

// newerThan80 reports whether a release of Redis came after 8.0.
func newerThan80(since string) bool {
	var major, minor int
	_, _ = fmt.Sscanf(since, "%d.%d", &major, &minor)
	return major > 8 || major == 8 && minor > 0
}
