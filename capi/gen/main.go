// Command gen writes docs/API.md from api.def. It is run by go generate.
package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
)

var row = regexp.MustCompile(`^(API|MISSING)\((\w+), "([^"]*)", "([^"]*)",\s*(?:"([^"]*)"|(\w+))\)$`)

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(def, out string) error {
	src, err := os.ReadFile(def)
	if err != nil {
		return err
	}
	var body bytes.Buffer
	family, have, missing := "", 0, 0
	for i, line := range bytes.Split(src, []byte("\n")) {
		if !bytes.HasPrefix(line, []byte("API(")) && !bytes.HasPrefix(line, []byte("MISSING(")) {
			continue
		}
		m := row.FindStringSubmatch(string(line))
		if m == nil {
			return fmt.Errorf("%s:%d: not a row: %s", def, i+1, line)
		}
		if m[4] != family {
			family = m[4]
			fmt.Fprintf(&body, "\n## %s\n\n| function | since | state |\n|---|---|---|\n", family)
		}
		state := "yes, in " + m[6]
		if m[1] == "MISSING" {
			state = "no: " + m[5]
			missing++
		} else {
			have++
		}
		fmt.Fprintf(&body, "| `RedisModule_%s` | %s | %s |\n", m[2], m[3], state)
	}
	var doc bytes.Buffer
	fmt.Fprintf(&doc, `# The module API

Generated from capi/api.def by `+"`make gen`"+`; do not edit. Of %d functions of Redis 8.0 and before, %d are
there. The pointer of a function that is not stays NULL in every module, which is how modules find
out. Each is also found under the prefix ValkeyModule_. "In C" is work that never enters Go; "in
Go" costs one crossing per call. What a function does stands above it in capi/*.c.
`, have+missing, have)
	doc.Write(body.Bytes())
	return os.WriteFile(out, doc.Bytes(), 0o644)
}
