package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
)

var threadRow = regexp.MustCompile(`(?m)^(ANY|OWN)\((\w+)\)$`)

// parseThreads reads threads.def: "ANY" or "OWN" by the function's name.
func parseThreads(def string) (map[string]string, error) {
	src, err := os.ReadFile(def)
	if err != nil {
		return nil, err
	}
	kinds := map[string]string{}
	for _, m := range threadRow.FindAllStringSubmatch(string(src), -1) {
		if kinds[m[2]] != "" {
			return nil, fmt.Errorf("%s: %s stands there twice", def, m[2])
		}
		kinds[m[2]] = m[1]
	}
	return kinds, nil
}

const threadsIntro = `# Threads of modules

Generated from capi/api.def and capi/threads.def by ` + "`make gen`" + `; do not edit.

The loop's thread runs every command and every callback with the server lock held; it is one thread for the whole life of the
server. What a module starts beside it may take the lock with ThreadSafeContextLock and then do what a command does, until
ThreadSafeContextUnlock; that is one execution unit. Without the lock a thread may call what is listed here, and no more.

| class | means |
|---|---|
| any | any thread, at any time, without the lock |
| own | without the lock as long as no other thread uses the same context, string, reply, dictionary or other object: replies on a thread-safe context of a blocked client are of this class |
| lock | in a callback of the server, or with the lock held by the calling thread |

- A thread that has the lock must not take it again, and must not wait for something that the loop does.
- ` + "`free`" + ` methods of data types may run on another thread, without the lock, for values whose ` + "`free_effort`" + ` is large.
- In a child of RM_Fork, and in the callbacks that save, which run in such a child during BGSAVE, there is one thread and no lock to take.
- Module threads may outlive their module's commands, not its code: UNLOAD is refused while clients are blocked, but a thread has to end by itself.

A build with ` + "`-tags debug`" + ` checks this at every call and ends with a report that names module and function
(capi/threadcheck.c, ` + "`go test -tags debug ./capi -run ThreadCheck`" + `). ` + "`capi.TestStress`" + ` has threads lock, call, reply, unblock and die
while clients come, time out and are killed; ` + "`make race`" + ` and ` + "`make asan`" + ` run it.
`

// threadsDoc is docs/threads.md.
func threadsDoc(rows []row, kinds map[string]string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(threadsIntro)
	family := ""
	for _, r := range rows {
		kind := kinds[r.name]
		delete(kinds, r.name)
		if r.missing != "" {
			continue
		}
		if r.family != family {
			family = r.family
			fmt.Fprintf(&b, "\n## %s\n\n| function | class |\n|---|---|\n", family)
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", r.pointer(), map[string]string{"ANY": "any", "OWN": "own", "": "lock"}[kind])
	}
	for name := range kinds {
		return nil, fmt.Errorf("threads.def names %s, which api.def does not have", name)
	}
	return b.Bytes(), nil
}
