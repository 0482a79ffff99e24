// Package cache keeps copies of frames that were read, to be mapped into memory the next
// time: [Open] returns a frame from its copy, or reads the file and leaves one. A copy is
// found by the hash of the file's content and of the options, so a file may be renamed,
// copied or touched. The hash of a file is remembered by path, size, times and inode, so
// that an unchanged one need not be read.
//
// A cache is a directory that several processes may use at a time. Files in it are replaced
// as a whole, have checksums, and may be deleted at any time; a damaged one is made anew.
// The format is that of one machine and one version of this package. Frames of a
// [data.Schema] with BlockOf cannot be cached, since functions have no identity: the caller
// must not ask for it.
package cache

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// The cache has two kinds of files. A frame lies under the hash of the content it was read from
// and of the options. A reference lies under the hash of a path and holds the content hash of a
// file of that size, times and inode, so that an unchanged file need not be hashed again. Where
// any of these differs, or the file had only just been written when it was hashed, the content is
// hashed anew.

// MinSize is the size in bytes at or above which files are cached; smaller ones are read as
// fast.
const MinSize = 1 << 20

// version changes when frames are read or stored differently: it is part of every
// fingerprint, so that old copies are not found any more. They go by eviction.
const version = "frames 4"

// unsettled is how old a file must be when it is hashed for its time to be trusted: clocks
// of file systems tick slowly (that of FAT every 2 s), and two writes in one tick have the
// same time.
const unsettled = 2 * time.Second

// reference is the known content hash of a file, as JSON. The path is in it because its
// hash, the name of the reference, might be that of another path.
type reference struct {
	Path    string   `json:"path"`
	Stat    identity `json:"stat"`
	Checked int64    `json:"checked"` // when, in nanoseconds since 1970
	Hash    string   `json:"hash"`
}

// identity identifies a version of a file without reading it: whoever changes the content
// changes one of these. The time of modification can be set back, by tar or cp -p too, that of the last change of the
// inode cannot. Changed, Device and Inode are 0 where the system has none.
type identity struct {
	Size     int64  `json:"size"`
	Modified int64  `json:"modified"` // nanoseconds since 1970
	Changed  int64  `json:"changed"`  // likewise, the inode
	Device   uint64 `json:"device"`
	Inode    uint64 `json:"inode"`
}

// Dir returns where [Open] keeps frames when Options.CacheDir is "": "frames" in
// $SIAMESE_LAB_DIR, or in "siamese-lab" in the user's cache directory. It may be deleted at
// any time. That there is no such directory is an error. Nothing is created.
func Dir() (string, error) {
	if dir := os.Getenv("SIAMESE_LAB_DIR"); dir != "" {
		return filepath.Join(dir, "frames"), nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("table: %w", option.Errorf("CacheDir",
			"there is no directory for the cache: %w; give one, or set SIAMESE_LAB_DIR", err))
	}
	return filepath.Join(dir, "siamese-lab", "frames"), nil
}

// reader reads the file itself, for [Open].
type reader = func(context.Context, *reading.Input, *reading.Options) (*data.Frame, *reading.Explanation, error)

// Open returns the frame of the file from the cache. Where there is none, read makes it and
// a copy is kept. in must be open on the file that info describes. Problems with the cache
// itself become notes of the explanation; errors are those of read and of ctx.
//
// The first time costs a pass over the file for its hash, and the writing of the copy.
// Later it costs a look at the file's identity and the checksums of the copy. A frame from
// the cache may be written to; see mapFile.
func Open(ctx context.Context, in *reading.Input, info os.FileInfo, opt *reading.Options,
	read reader) (*data.Frame, *reading.Explanation, error) {
	c := &cache{dir: opt.CacheDir, limit: opt.CacheBytes}
	f, e, problem := c.load(ctx, in, info, opt)
	if f != nil {
		return f, e, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	f, e, err := read(ctx, in, opt)
	if err != nil {
		return nil, nil, err
	}
	// A cache that load could not use would fail again.
	if problem == nil {
		problem = c.store(in, info, f, e)
	}
	if problem != nil {
		e.Notes = append(e.Notes, fmt.Sprintf("cache: no copy was kept: %v", problem))
	}
	return f, e, nil
}

// cache is one use of the cache, for one file.
type cache struct {
	dir   string
	limit int64
	frame string // path of the frame's file, once the content is known
}

// load returns the frame, or nil when there is none yet. An error says why the cache cannot
// be used at all: then nothing is stored either. It sets c.dir and c.frame.
func (c *cache) load(ctx context.Context, in *reading.Input, info os.FileInfo, opt *reading.Options) (*data.Frame,
	*reading.Explanation, error) {
	if err := c.locate(ctx, in, info, opt, ".frame"); err != nil {
		return nil, nil, err
	}
	f, e, err := loadFrame(c.frame)
	if err != nil {
		// Damaged, or not there: it is made anew.
		return nil, nil, nil //nolint:nilerr // every reason has the same answer
	}
	e.File, e.Cached = in.Name, true
	now := time.Now()
	// The time of modification is that of the last use, by which evict chooses. It may fail
	// on a cache that is only readable, and then the order is by age.
	_ = os.Chtimes(c.frame, now, now)
	return f, e, nil
}

// locate makes the folder of the cache and sets c.dir and c.frame, the path of the copy with that ending.
func (c *cache) locate(ctx context.Context, in *reading.Input, info os.FileInfo, opt *reading.Options,
	ending string) error {
	if c.dir == "" {
		var err error
		if c.dir, err = Dir(); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return err
	}
	options, err := fingerprint(opt)
	if err != nil {
		return err
	}
	content, err := c.contentHash(ctx, in, info)
	c.frame = filepath.Join(c.dir, content+"-"+options+ending)
	return err
}

// Has reports whether [Open] would map a copy of the file, without hashing its content: false where that is not known.
func Has(in *reading.Input, info os.FileInfo, opt *reading.Options) bool {
	c := &cache{dir: opt.CacheDir}
	if c.dir == "" {
		var err error
		if c.dir, err = Dir(); err != nil {
			return false
		}
	}
	options, err := fingerprint(opt)
	if err != nil {
		return false
	}
	content, ok := c.knownHash(in, info)
	if !ok {
		return false
	}
	_, err = os.Stat(filepath.Join(c.dir, content+"-"+options+".frame"))
	return err == nil
}

// fingerprint hashes the options that change the frame. Those that only say how to read,
// such as MaxBytes and Progress, are left out, so that they share a copy.
func fingerprint(opt *reading.Options) (string, error) {
	text, err := json.Marshal(struct {
		Version           string
		ID, Label, Domain string
		Ignore, Keep      []string
		KeepCounting      []string `json:",omitempty"`
		Missing           []string // nil is not empty
		NoHeader, Escaped bool
		Blocks            []data.BlockRule
		X                 string
		AllowMissing      bool
		AllowWrong        bool `json:",omitempty"`
		Comma             byte
	}{version, opt.ID, opt.Label, opt.Domain, opt.Ignore, opt.Keep, opt.KeepCounting, opt.Missing, opt.NoHeader,
		opt.EscapedFormulas, opt.Blocks, opt.X, opt.AllowMissing, opt.AllowWrong, opt.Comma})
	return hashName(text), err
}

// hashName returns a hash of b that serves as a file's name: 32 hexadecimal digits (XXH3,
// 128 bits). It is no defence against an attacker; the cache is the user's own.
func hashName(b []byte) string {
	sum := xxh3.Hash128(b).Bytes()
	return hex.EncodeToString(sum[:])
}

// contentHash returns the hash of the file's content, from a reference if there is one that
// still holds, or by reading all of the file. It leaves a reference for the next time. The
// time is taken before hashing, so that a change in the meantime makes it too early to be
// trusted.
func (c *cache) contentHash(ctx context.Context, in *reading.Input, info os.FileInfo) (string, error) {
	path, err := filepath.Abs(in.Name)
	if err != nil {
		return "", err
	}
	if hash, ok := c.knownHash(in, info); ok {
		return hash, nil
	}
	now := identityOf(info)
	checked := time.Now().UnixNano()
	h := xxh3.New128()
	buffer := make([]byte, 1<<20)
	if _, err := io.CopyBuffer(struct{ io.Writer }{h}, contextReader{ctx, in.Reader()}, buffer); err != nil {
		return "", err
	}
	sum := h.Sum128().Bytes()
	hash := hex.EncodeToString(sum[:])
	text, err := json.Marshal(reference{Path: path, Stat: now, Checked: checked, Hash: hash})
	if err != nil {
		return "", err
	}
	return hash, atomicfile.WriteCache(c.reference(path), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// reference returns where the reference of a file lies, by its absolute path.
func (c *cache) reference(path string) string {
	return filepath.Join(c.dir, hashName([]byte(path))+".ref")
}

// knownHash returns the hash of the file's content from a reference that still holds; ok is false where there is none.
func (c *cache) knownHash(in *reading.Input, info os.FileInfo) (hash string, ok bool) {
	path, err := filepath.Abs(in.Name)
	if err != nil {
		return "", false
	}
	now := identityOf(info)
	var known reference
	text, err := os.ReadFile(c.reference(path))
	ok = err == nil && json.Unmarshal(text, &known) == nil && known.Path == path && known.Stat == now &&
		known.Checked-max(now.Modified, now.Changed) > int64(unsettled) && len(known.Hash) == 32
	return known.Hash, ok
}

// store keeps a copy of f, unless the file has changed while it was read, when the hash may
// be of other content than f. Then it evicts what is too much.
func (c *cache) store(in *reading.Input, before os.FileInfo, f *data.Frame, e *reading.Explanation) error {
	file, ok := in.ReaderAt.(*os.File)
	if !ok {
		return fmt.Errorf("%s is not a file", quote.Text(in.Name))
	}
	after, err := file.Stat()
	if err != nil {
		return err
	}
	if identityOf(after) != identityOf(before) {
		return fmt.Errorf("the file changed while it was read")
	}
	if err := saveFrame(c.frame, f, e); err != nil {
		return err
	}
	return c.evict()
}

// contextReader reads r until ctx ends: hashing a large file takes seconds.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

// Read fails once the context has ended.
func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
