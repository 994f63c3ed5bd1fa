package aof_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"berth/persistence/aof"
	"berth/persistence/aof/aoftest"
)

func newFiles(t *testing.T) (*aof.Files, *aoftest.Disk, *logLines) {
	d, log := &aoftest.Disk{}, &logLines{}
	return aof.NewFiles(d, log, t.TempDir(), "dir", "a.aof"), d, log
}

func write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

func TestFilesLoadAndPersist(t *testing.T) {
	f, d, log := newFiles(t)
	require.NoError(t, f.Load())
	require.True(t, f.Manifest.Empty())
	require.NoError(t, f.MakeDir())
	require.NoError(t, f.MakeDir())
	require.NoError(t, f.Load())

	m := f.Manifest.Clone()
	m.NewBase(f.Name, true)
	m.NewIncr(f.Name, 0)
	for fault, line := range map[*aoftest.Faults]string{
		{Open: syscall.EACCES}:  "Can't open the AOF manifest file temp-a.aof.manifest: Permission denied",
		{Write: syscall.ENOSPC}: "Error trying to write the temporary AOF manifest file temp-a.aof.manifest: No space left on device",
		{Sync: syscall.EIO}:     "Fail to fsync the temp AOF file temp-a.aof.manifest: Input/output error.",
		{Rename: syscall.EROFS}: "Error trying to rename the temporary AOF manifest file temp-a.aof.manifest into a.aof.manifest: Read-only file system",
	} {
		d.Set(func(f *aoftest.Faults) { *f = *fault })
		require.Error(t, f.Persist(m))
		require.Equal(t, []string{line}, log.take())
		require.NoFileExists(t, f.Path("a.aof.manifest"))
	}
	d.Set(func(f *aoftest.Faults) { *f = aoftest.Faults{SyncDir: syscall.EIO} })
	require.ErrorIs(t, f.Persist(m), aof.ErrNotSynced)
	require.Equal(t, []string{"Fail to fsync AOF directory dir/a.aof.manifest: Input/output error."}, log.take())
	d.Set(func(f *aoftest.Faults) { *f = aoftest.Faults{} })
	require.NoError(t, f.Persist(m))
	require.NoError(t, f.Load())
	require.Equal(t, m, f.Manifest)

	_, err := f.TotalSize()
	require.Error(t, err)
	require.Equal(t, []string{"Unable to obtain the AOF file a.aof.1.base.rdb length. stat: No such file or directory"}, log.take())
	write(t, f.Path("a.aof.1.base.rdb"), "12345")
	write(t, f.Path("a.aof.1.incr.aof"), "123")
	n, err := f.TotalSize()
	require.NoError(t, err)
	require.EqualValues(t, 8, n)

	// A rewrite makes history, which goes away.
	m = m.Clone()
	m.NewBase(f.Name, true)
	m.NewIncr(f.Name, 3)
	m.Rewritten(1)
	require.NoError(t, f.Persist(m))
	f.Manifest = m
	f.RemoveHistory()
	require.Equal(t, []string{"Removing the history file a.aof.1.incr.aof in the background",
		"Removing the history file a.aof.1.base.rdb in the background"}, log.take())
	require.Eventually(t, func() bool {
		left, err := os.ReadDir(f.Path(""))
		return err == nil && len(left) == 1
	}, 10*time.Second, time.Millisecond)
	require.NoError(t, f.Load())
	require.Empty(t, f.Manifest.History)
}

func TestFilesBadManifest(t *testing.T) {
	f, d, log := newFiles(t)
	write(t, f.Path("a.aof.manifest"), "file a seq 1 type b\n file b  seq 1 type z \n")
	require.ErrorIs(t, f.Load(), aof.ErrFatal)
	require.Equal(t, []string{"\n*** FATAL AOF MANIFEST FILE ERROR ***\n", "Reading the manifest file, at line 2\n",
		">>> 'file b  seq 1 type z'\n", "Unknown AOF file type\n"}, log.take())
	write(t, f.Path("a.aof.manifest"), "")
	require.ErrorIs(t, f.Load(), aof.ErrFatal)
	require.Equal(t, []string{"\n*** FATAL AOF MANIFEST FILE ERROR ***\n", "Found an empty AOF manifest\n"}, log.take())
	d.Set(func(f *aoftest.Faults) { f.Open = syscall.EACCES })
	require.ErrorIs(t, f.Load(), aof.ErrFatal)
	require.Equal(t, []string{"Fatal error: can't open the AOF manifest file dir/a.aof.manifest for reading: Permission denied"}, log.take())
}

func TestFilesMakeDir(t *testing.T) {
	f, d, log := newFiles(t)
	write(t, f.Path(""), "a file in its place")
	require.Error(t, f.MakeDir())
	require.Len(t, log.take(), 1)
	d.Set(func(f *aoftest.Faults) { f.Mkdir = syscall.EACCES })
	require.Error(t, f.MakeDir())
	require.Equal(t, []string{"Can't open or create append-only dir dir: Permission denied"}, log.take())
}

// The file of an older version is taken over, whatever the moment at which an earlier attempt ended.
func TestFilesUpgrade(t *testing.T) {
	const manifest = "file a.aof seq 1 type b\n"
	for name, prepare := range map[string]func(f *aof.Files){
		"no directory":      func(*aof.Files) {},
		"an empty one":      func(f *aof.Files) { require.NoError(t, f.MakeDir()) },
		"manifest, no move": func(f *aof.Files) { write(t, f.Path("a.aof.manifest"), manifest) },
	} {
		t.Run(name, func(t *testing.T) {
			f, d, log := newFiles(t)
			write(t, f.OutsidePath("a.aof"), "old")
			prepare(f)
			require.NoError(t, f.Load())
			d.Set(func(f *aoftest.Faults) { f.Rename = syscall.EXDEV })
			require.ErrorIs(t, f.Upgrade(), aof.ErrFatal)
			log.take()
			d.Set(func(f *aoftest.Faults) { *f = aoftest.Faults{} })
			require.NoError(t, f.Load())
			require.NoError(t, f.Upgrade())
			require.Equal(t, []string{"Successfully migrated an old-style AOF file (a.aof) into the AOF directory (dir)."}, log.take())
			require.NoFileExists(t, f.OutsidePath("a.aof"))
			b, err := os.ReadFile(f.Path("a.aof"))
			require.NoError(t, err)
			require.Equal(t, "old", string(b))
			require.NoError(t, f.Load())
			require.Equal(t, manifest, string(f.Manifest.Append(nil)))
			require.Equal(t, "a.aof.2.base.rdb", f.Manifest.NewBase(f.Name, true).Name)
		})
	}
	// A directory with data of its own is left alone.
	f, _, log := newFiles(t)
	write(t, f.OutsidePath("a.aof"), "old")
	write(t, f.Path("a.aof.manifest"), "file a.aof.1.incr.aof seq 1 type i\n")
	require.NoError(t, f.Load())
	require.NoError(t, f.Upgrade())
	require.FileExists(t, f.OutsidePath("a.aof"))
	require.Empty(t, log.take())
}
