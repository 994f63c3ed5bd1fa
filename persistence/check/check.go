package check

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"berth/internal/errtext"
	"berth/persistence/aof"
	"berth/persistence/rdb"
)

// Report is what there is to say about a file.
type Report struct {
	File   string `json:"file"`
	Format string `json:"format"` // "rdb", "aof", "aof manifest"
	Size   int64  `json:"size"`
	OK     bool   `json:"ok"`
	// Problem says where and why the file breaks.
	Problem *Problem `json:"problem,omitempty"`

	Version   int               `json:"rdb_version,omitempty"`
	Checksum  bool              `json:"checksum,omitempty"`
	Facts     map[string]string `json:"facts,omitempty"`
	Databases []*Database       `json:"databases,omitempty"`
	// Modules are the types that are needed to load the file.
	Modules   []*ModuleUse `json:"modules,omitempty"`
	Functions []string     `json:"functions,omitempty"`
	Largest   []Key        `json:"largest_keys,omitempty"`

	Commands     map[string]int64 `json:"commands,omitempty"`
	Transactions int64            `json:"transactions,omitempty"`
	// Parts are the files that a manifest lists, and the RDB file with which an append-only file may begin.
	Parts []*Report `json:"parts,omitempty"`

	byDB     map[int]*Database
	byModule map[string]*ModuleUse
}

// Problem is where a file breaks.
type Problem struct {
	Offset   int64  `json:"offset"`
	Database int    `json:"database"`
	Key      string `json:"key,omitempty"`
	Type     string `json:"type,omitempty"`
	Text     string `json:"text"`
}

// Database counts the keys of one database by type.
type Database struct {
	DB      int              `json:"db"`
	Keys    int64            `json:"keys"`
	Expires int64            `json:"expires"`
	Bytes   int64            `json:"bytes"`
	Types   map[string]*Type `json:"types"`
}

// Type counts keys; bytes are those of the file.
type Type struct {
	Keys  int64 `json:"keys"`
	Bytes int64 `json:"bytes"`
}

// ModuleUse counts what is of one type of a module.
type ModuleUse struct {
	Name string `json:"type"`
	Keys int64  `json:"keys"`
	Aux  int64  `json:"aux"`
}

// Key is one of the largest keys.
type Key struct {
	DB       int    `json:"db"`
	Key      string `json:"key"`
	Type     string `json:"type"`
	Bytes    int64  `json:"bytes"`
	Elements int64  `json:"elements"`
}

// Command is `berth check`, with its arguments. It returns the exit status: 0, 1 for a file that is damaged or can't be
// read, 2 for arguments that make no sense.
func Command(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("berth check", flag.ContinueOnError)
	flags.SetOutput(stderr)
	asJSON := flags.Bool("json", false, "print one JSON object")
	largest := flags.Int("largest", 10, "how many of the largest keys are named")
	flags.Usage = func() {
		_, _ = fmt.Fprintln(stderr, "usage: berth check [--json] [--largest N] FILE\n\n"+
			"Explains an RDB file, an append-only file or its manifest, and says where a damaged one breaks.")
	}
	// Options may stand behind the file, too.
	var file string
	for len(args) > 0 {
		if err := flags.Parse(args); err != nil {
			return 2
		}
		if args = flags.Args(); len(args) == 0 {
			break
		}
		if file != "" {
			flags.Usage()
			return 2
		}
		file, args = args[0], args[1:]
	}
	if file == "" {
		flags.Usage()
		return 2
	}
	r, err := File(file, *largest)
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "berth check: %s: %s\n", file, errtext.Of(err))
		return 1
	}
	if *asJSON {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		_ = enc.Encode(r)
	} else {
		r.print(stdout, "")
	}
	if !r.OK {
		return 1
	}
	return 0
}

// File explains a file. The error is of opening or reading it; what is wrong inside is in the report.
func File(path string, largest int) (*Report, error) {
	f, err := os.Open(path) //nolint:gosec // what the user names
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if st.IsDir() {
		return nil, errors.New("is a directory; name the manifest in it")
	}
	r := &Report{File: path, Size: st.Size(), byDB: map[int]*Database{}, byModule: map[string]*ModuleUse{}}
	head := make([]byte, 5)
	n, _ := f.ReadAt(head, 0)
	switch {
	case strings.HasSuffix(path, ".manifest"):
		return r, r.manifest(f, path, largest)
	case string(head[:n]) == "REDIS":
		end := r.rdb(f, largest)
		if r.OK && end < r.Size {
			r.tail(f, end)
		}
	case n > 0 && (head[0] == '*' || head[0] == '#'):
		r.aof(f, 0)
	default:
		r.Format = "rdb"
		r.broken(&Problem{Text: "it is neither an RDB file nor an append-only file"})
		if n == 0 {
			r.Problem.Text = "the file is empty"
		}
	}
	return r, nil
}

func (r *Report) broken(p *Problem) { r.OK, r.Problem = false, p }

// rdb inspects an RDB file and returns where it ends.
func (r *Report) rdb(f io.Reader, largest int) int64 {
	r.Format, r.OK = "rdb", true
	r.Facts = map[string]string{}
	in, err := rdb.Inspect(f, func(it *rdb.Item) { r.item(it, largest) })
	r.Version, r.Checksum = in.Version, in.Checksum
	slices.SortFunc(r.Databases, func(a, b *Database) int { return cmp.Compare(a.DB, b.DB) })
	slices.SortFunc(r.Modules, func(a, b *ModuleUse) int { return strings.Compare(a.Name, b.Name) })
	var bad *rdb.FileError
	if errors.As(err, &bad) {
		r.broken(&Problem{Offset: bad.Offset, Database: bad.DB, Key: string(bad.Key), Type: bad.Type, Text: bad.Err.Error()})
	}
	return in.Size
}

func (r *Report) item(it *rdb.Item, largest int) {
	if it.Module != "" {
		m := r.byModule[it.Module]
		if m == nil {
			m = &ModuleUse{Name: it.Module}
			r.byModule[it.Module] = m
			r.Modules = append(r.Modules, m)
		}
		if it.Kind == rdb.ItemKey {
			m.Keys++
		} else {
			m.Aux++
		}
	}
	switch it.Kind {
	case rdb.ItemAux:
		r.Facts[string(it.Key)] = string(it.Value)
		return
	case rdb.ItemFunction:
		line, _, _ := strings.Cut(string(it.Value), "\n")
		r.Functions = append(r.Functions, line)
		return
	case rdb.ItemModuleAux:
		return
	}
	db := r.byDB[it.DB]
	if db == nil {
		db = &Database{DB: it.DB, Types: map[string]*Type{}}
		r.byDB[it.DB] = db
		r.Databases = append(r.Databases, db)
	}
	name := it.Family
	if it.Module != "" {
		name = it.Module
	}
	t := db.Types[name]
	if t == nil {
		t = &Type{}
		db.Types[name] = t
	}
	t.Keys++
	t.Bytes += it.Size
	db.Keys++
	db.Bytes += it.Size
	if it.Expires {
		db.Expires++
	}
	if len(r.Largest) == largest && (largest == 0 || r.Largest[largest-1].Bytes >= it.Size) {
		return
	}
	at, _ := slices.BinarySearchFunc(r.Largest, it.Size, func(k Key, size int64) int { return cmp.Compare(size, k.Bytes) })
	r.Largest = slices.Insert(r.Largest, at, Key{it.DB, string(it.Key), name, it.Size, it.Elements})
	r.Largest = r.Largest[:min(len(r.Largest), largest)]
}

// tail goes on behind the RDB file with which an append-only file begins.
func (r *Report) tail(f *os.File, end int64) {
	base := *r
	base.Size = end
	*r = Report{File: r.File, Size: r.Size, Parts: []*Report{&base}}
	if _, err := f.Seek(end, io.SeekStart); err != nil {
		r.broken(&Problem{Offset: end, Text: err.Error()})
		return
	}
	r.aof(f, end)
}

func (r *Report) aof(f io.Reader, from int64) {
	r.Format, r.OK = "aof", true
	r.Commands = map[string]int64{}
	in := aof.NewReader(f, from)
	multi := int64(-1)
	for {
		at := in.Offset()
		args, err := in.Next()
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			p := &Problem{Offset: at, Text: err.Error()}
			var bad *aof.FormatError
			if errors.As(err, &bad) {
				p.Offset, p.Text = bad.Offset, bad.Reason
			} else if errors.Is(err, io.ErrUnexpectedEOF) {
				p.Text = "the file ends in the middle of a command"
			}
			r.broken(p)
			return
		}
		name := strings.ToLower(string(args[0]))
		r.Commands[name]++
		switch name {
		case "multi":
			multi = at
		case "exec":
			multi = -1
			r.Transactions++
		}
	}
	if multi >= 0 {
		r.broken(&Problem{Offset: multi, Text: "the file ends in the middle of a transaction"})
	}
}

func (r *Report) manifest(f io.Reader, path string, largest int) error {
	r.Format, r.OK = "aof manifest", true
	m, err := aof.ParseManifest(f)
	if err != nil {
		r.broken(&Problem{Text: err.Error()})
		return nil //nolint:nilerr // it is in the report
	}
	files := m.Incr
	if m.Base != nil {
		files = append([]aof.Info{*m.Base}, files...)
	}
	for _, info := range files {
		part, err := File(filepath.Join(filepath.Dir(path), info.Name), largest)
		if err != nil {
			part = &Report{File: info.Name}
			part.broken(&Problem{Text: errtext.Of(err)})
		}
		if part.Size == 0 && part.Problem != nil && part.Format == "rdb" {
			// Nothing was appended yet.
			part.Format, part.OK, part.Problem = "aof", true, nil
		}
		r.Parts = append(r.Parts, part)
		r.OK = r.OK && part.OK
	}
	return nil
}
