package lint

import (
	"bufio"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

// floors are the layers of docs/architecture.md, lowest first. A package
// imports only packages of lower floors, or of its own directory tree.
var floors = []struct{ dir, why string }{
	{"internal", "small leaf helpers, which know none of our packages but each other"},
	{"keyspace", "the data set: no clients, no network, no RESP, no C"},
	{"persistence", "files of the data set: no clients, no modules but through its own interface"},
	{"host", "the server: modules are a plug-in behind host.Runtime"},
	{"capi", "the C ABI: implements the interfaces of host and keyspace"},
	{"cmd", "flags and wiring"},
}

func floorOf(dir string) int {
	top, _, _ := strings.Cut(dir, "/")
	for i, f := range floors {
		if f.dir == top {
			return i
		}
	}
	return -1
}

type goFile struct {
	path, dir string
	test      bool
	imports   []string
	tags      string
}

func goFiles(t *testing.T) []goFile {
	t.Helper()
	var out []goFile
	fset := token.NewFileSet()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "build" || name == "bin") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		g := goFile{path: rel, dir: filepath.ToSlash(filepath.Dir(rel)), test: strings.HasSuffix(path, "_test.go")}
		for _, i := range f.Imports {
			p, _ := strconv.Unquote(i.Path.Value)
			g.imports = append(g.imports, p)
		}
		for _, c := range f.Comments {
			for _, l := range c.List {
				if strings.HasPrefix(l.Text, "//go:build ") && c.Pos() < f.Package {
					g.tags = l.Text
				}
			}
		}
		out = append(out, g)
		return nil
	})
	require.NoError(t, err)
	require.NotEmpty(t, out)
	return out
}

func TestFloors(t *testing.T) {
	for _, f := range goFiles(t) {
		from := floorOf(f.dir)
		for _, imp := range f.imports {
			dir, ok := strings.CutPrefix(imp, "berth/")
			if !ok {
				continue
			}
			to := floorOf(dir)
			top, _, _ := strings.Cut(f.dir, "/")
			switch {
			case top == "difftest" && dir != "difftest" && !strings.HasPrefix(dir, "difftest/"):
				t.Errorf("%s imports %s: difftest speaks to servers over TCP only, so that it treats berth and Redis alike", f.path, imp)
			case from >= 0 && to > from && !(f.test && to == floorOf("capi")):
				t.Errorf("%s (%s) imports %s, of a higher floor (%s): declare an interface below and implement it above, as host.Runtime does",
					f.path, floors[from].why, imp, floors[to].why)
			case to == floorOf("capi") && from != to && from != floorOf("cmd") && from >= 0 && !f.test:
				t.Errorf("%s imports %s: only cmd and tests do; what the server needs of it goes through host.Runtime", f.path, imp)
			}
		}
	}
}

func TestOnlyCapiUsesC(t *testing.T) {
	for _, f := range goFiles(t) {
		for _, imp := range f.imports {
			if imp != "C" {
				continue
			}
			if f.dir == "capi" || strings.HasPrefix(f.dir, "capi/") {
				continue
			}
			// The address sanitizer must see the data set's memory.
			if f.dir == "keyspace/mem" && strings.Contains(f.tags, "asan") {
				continue
			}
			t.Errorf("%s imports \"C\": only capi does; put a small function there, behind an interface declared below", f.path)
		}
	}
}

func TestEveryPackageHasItsDoc(t *testing.T) {
	dirs := map[string]bool{}
	docs := map[string]bool{}
	for _, f := range goFiles(t) {
		if f.test {
			continue
		}
		dirs[f.dir] = true
		if filepath.Base(f.path) == "doc.go" || filepath.Base(f.path) == "main.go" {
			docs[f.dir] = true
		}
	}
	for dir := range dirs {
		if !docs[dir] {
			t.Errorf("%s has no doc.go: say there what the package is for, its locking, and what it never does", dir)
		}
	}
}

// maxLines is where a file has outgrown its shape. Generated files do not
// count; a table of data may be longer.
const maxLines = 700

func TestFilesStayReadable(t *testing.T) {
	for _, f := range goFiles(t) {
		file, err := os.Open(filepath.Join(root, f.path))
		require.NoError(t, err)
		n, generated := 0, false
		sc := bufio.NewScanner(file)
		sc.Buffer(nil, 1<<20)
		for sc.Scan() {
			if n == 0 && strings.HasPrefix(sc.Text(), "// Code generated") {
				generated = true
			}
			n++
		}
		require.NoError(t, sc.Err())
		_ = file.Close()
		if !generated && n > maxLines {
			t.Errorf("%s has %d lines: split it where its subjects part, near 600 lines a file", f.path, n)
		}
	}
}
