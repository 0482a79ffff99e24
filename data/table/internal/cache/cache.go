// Package cache keeps copies of frames that were read, to be mapped into memory the next time.
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
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// The cache has two kinds of files. A frame lies under the hash of the content it was read from
// and of the options. A reference lies under the hash of a path and holds the content hash of a
// file of that size, time and inode, so that an unchanged file need not be hashed again. Where
// any of these differs, or the file had only just been written when it was hashed, the content is
// hashed anew.

// MinSize is the size at or above which files are cached; smaller ones are read as fast.
const MinSize = 1 << 20

// version changes when frames are read or stored differently.
const version = "frames 1"

// unsettled is how old a file must be when it is hashed for its time to be trusted: clocks
// of file systems tick slowly, and two writes in one tick have the same time.
const unsettled = 2 * time.Second

// reference is the known content hash of a file.
type reference struct {
	Path    string   `json:"path"`
	Stat    identity `json:"stat"`
	Checked int64    `json:"checked"` // when, in nanoseconds since 1970
	Hash    string   `json:"hash"`
}

// identity identifies a version of a file without reading it.
type identity struct {
	Size     int64  `json:"size"`
	Modified int64  `json:"modified"` // nanoseconds since 1970
	Device   uint64 `json:"device"`
	Inode    uint64 `json:"inode"`
}

// Dir returns where [Open] keeps frames when Options.CacheDir is "": "frames" in $SIAMESE_LAB_DIR, or in
// "siamese-lab" in the user's cache directory. It may be deleted at any time. That there is no such directory
// is an error.
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

// reader reads the file itself.
type reader = func(context.Context, *reading.Input, *reading.Options) (*data.Frame, *reading.Explanation, error)

// Open returns the frame of the file from the cache. Where there is none, read makes it and a copy is kept.
// Problems with the cache itself become notes.
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
	if problem == nil {
		problem = c.store(in, info, f, e)
	}
	if problem != nil {
		e.Notes = append(e.Notes, fmt.Sprintf("cache: no copy was kept: %v", problem))
	}
	return f, e, nil
}

// cache is one use of the cache.
type cache struct {
	dir   string
	limit int64
	frame string // path of the frame's file, once the content is known
}

// load returns the frame, or nil when there is none yet. An error says why the cache cannot be
// used at all.
func (c *cache) load(ctx context.Context, in *reading.Input, info os.FileInfo, opt *reading.Options) (*data.Frame,
	*reading.Explanation, error) {
	if c.dir == "" {
		var err error
		if c.dir, err = Dir(); err != nil {
			return nil, nil, err
		}
	}
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return nil, nil, err
	}
	options, err := fingerprint(opt)
	if err != nil {
		return nil, nil, err
	}
	content, err := c.contentHash(ctx, in, info)
	if err != nil {
		return nil, nil, err
	}
	c.frame = filepath.Join(c.dir, content+"-"+options+".frame")
	f, e, err := loadFrame(c.frame)
	if err != nil {
		// Damaged, or not there: it is made anew.
		return nil, nil, nil //nolint:nilerr // every reason has the same answer
	}
	e.File, e.Cached = in.Name, true
	now := time.Now()
	_ = os.Chtimes(c.frame, now, now) // for the order of eviction only
	return f, e, nil
}

// fingerprint hashes the options that change the frame.
func fingerprint(opt *reading.Options) (string, error) {
	text, err := json.Marshal(struct {
		Version           string
		ID, Label, Domain string
		Ignore            []string
		Blocks            []data.BlockRule
		X                 string
		AllowMissing      bool
		Comma             byte
	}{version, opt.ID, opt.Label, opt.Domain, opt.Ignore, opt.Blocks, opt.X, opt.AllowMissing, opt.Comma})
	return hashName(text), err
}

func hashName(b []byte) string {
	sum := xxh3.Hash128(b).Bytes()
	return hex.EncodeToString(sum[:])
}

// contentHash returns the hash of the file's content, from a reference if there is one.
func (c *cache) contentHash(ctx context.Context, in *reading.Input, info os.FileInfo) (string, error) {
	path, err := filepath.Abs(in.Name)
	if err != nil {
		return "", err
	}
	at := filepath.Join(c.dir, hashName([]byte(path))+".ref")
	now := identityOf(info)
	var known reference
	if text, err := os.ReadFile(at); err == nil && json.Unmarshal(text, &known) == nil &&
		known.Path == path && known.Stat == now && known.Checked-now.Modified > int64(unsettled) &&
		len(known.Hash) == 32 {
		return known.Hash, nil
	}
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
	return hash, atomicfile.WriteCache(at, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// store keeps a copy of f, unless the file has changed while it was read.
func (c *cache) store(in *reading.Input, before os.FileInfo, f *data.Frame, e *reading.Explanation) error {
	file, ok := in.ReaderAt.(*os.File)
	if !ok {
		return fmt.Errorf("%s is no file", in.Name)
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
