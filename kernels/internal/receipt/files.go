package receipt

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"github.com/go-siamese/lab/kernels/internal/place"
)

// Files hashes files and remembers their digests, as long as size, time and place on the disk stay the same. Its methods
// may be called by several goroutines.
type Files struct {
	path string // keeps digests of large files; "" = they are kept in memory alone

	reading singleflight.Group // of large files: who comes second waits for the first

	mu     sync.Mutex
	known  map[string]known
	embeds map[string][]string // the patterns of Go files that embed others, by digest
}

// known is the digest of a file as it was.
type known struct {
	Size  int64  `json:"size"`
	Time  int64  `json:"time"` // of its last change, in nanoseconds
	Inode uint64 `json:"inode"`
	// Changed is when the inode was changed, in nanoseconds; 0 = not known. Time can be put back, this cannot.
	Changed int64  `json:"changed"`
	SHA     string `json:"sha256"`
}

// Bounds of what is kept.
const (
	large    = 8 << 20 // bytes from which a digest is worth a line on the disk
	maxKnown = 200_000
)

// fresh is the age below which a file may change again within the same tick of its file system's clock. A variable, so that
// tests can lower it.
var fresh = 2 * time.Second

// NewFiles returns one that knows no file but those that path, a file of its own, has kept; "" = none.
func NewFiles(path string) *Files {
	f := &Files{path: path, known: map[string]known{}, embeds: map[string][]string{}}
	if text, err := os.ReadFile(path); err == nil && (json.Unmarshal(text, &f.known) != nil || f.known == nil) {
		f.known = map[string]known{} // a cache: begun anew
	}
	return f
}

// Hash returns the size and the digest of a file, or of a folder: that is the digest over names and contents of the
// regular files in and below it, hidden ones left out. The name is the last part of path. The error is of reading, or
// ctx's.
func (f *Files) Hash(ctx context.Context, path string) (File, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return File{}, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return File{}, err
	}
	file := File{Name: filepath.Base(path)}
	switch {
	case info.IsDir():
		file.Bytes, file.SHA, err = f.folder(ctx, path)
	case info.Mode().IsRegular():
		file.Bytes = info.Size()
		file.SHA, err = f.regular(ctx, path, info)
	default:
		err = fmt.Errorf("%s is neither a file nor a folder", path)
	}
	if err != nil {
		return File{}, err
	}
	return file, nil
}

// folder returns the size and the digest of a folder.
func (f *Files) folder(ctx context.Context, root string) (size int64, sum string, err error) {
	var names []string
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path == root:
		case strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case !d.IsDir():
			names = append(names, path)
		}
		return ctx.Err()
	})
	if err != nil {
		return 0, "", err
	}
	files := make([]File, len(names))
	group, ctx := errgroup.WithContext(ctx)
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		group.Go(func() error {
			for i := w; i < len(names); i += workers {
				info, err := os.Stat(names[i])
				if err != nil || !info.Mode().IsRegular() { // a dead link, or one to a folder
					names[i] = ""
					continue
				}
				files[i].Bytes = info.Size()
				if files[i].SHA, err = f.regular(ctx, names[i], info); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return 0, "", err
	}
	h := sha256.New()
	for i, path := range names {
		if path == "" {
			continue
		}
		fmt.Fprintf(h, "%s %q\n", files[i].SHA, filepath.ToSlash(path[len(root)+1:]))
		size += files[i].Bytes
	}
	return size, hex.EncodeToString(h.Sum(nil)), nil
}

// regular returns the digest of a regular file.
func (f *Files) regular(ctx context.Context, path string, info fs.FileInfo) (string, error) {
	is := known{Size: info.Size(), Time: info.ModTime().UnixNano()}
	is.Inode, is.Changed = look(info)
	f.mu.Lock()
	was := f.known[path]
	f.mu.Unlock()
	if is.SHA = was.SHA; was.SHA != "" && is == was {
		return is.SHA, nil
	}
	is.SHA = ""
	if is.Size < large {
		return f.read(ctx, path, is)
	}
	for {
		answer := f.reading.DoChan(fmt.Sprint(path, is), func() (any, error) { return f.read(ctx, path, is) })
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case a := <-answer:
			gaveUp := errors.Is(a.Err, context.Canceled) || errors.Is(a.Err, context.DeadlineExceeded)
			if gaveUp && ctx.Err() == nil { // who came first, and this one does not
				continue
			}
			sum, _ := a.Val.(string)
			return sum, a.Err
		}
	}
}

// read reads a regular file for its digest, and keeps that.
func (f *Files) read(ctx context.Context, path string, is known) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, &reader{ctx, file}); err != nil {
		return "", err
	}
	is.SHA = hex.EncodeToString(h.Sum(nil))
	if time.Since(time.Unix(0, max(is.Time, is.Changed))) > fresh {
		f.mu.Lock()
		defer f.mu.Unlock()
		if len(f.known) >= maxKnown {
			clear(f.known) // of many folders of pictures
		}
		f.known[path] = is
		if is.Size >= large {
			f.keep()
		}
	}
	return is.SHA, nil
}

// keep writes the digests of large files, as far as the files are there. What cannot be written is hashed again.
func (f *Files) keep() {
	if f.path == "" {
		return
	}
	kept := map[string]known{}
	for path, k := range f.known {
		if k.Size < large {
			continue
		}
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			kept[path] = k
		}
	}
	if text, err := json.Marshal(kept); err == nil {
		_ = place.WriteFile(f.path, text, 0o600)
	}
}

// reader reads until a context ends.
type reader struct {
	ctx  context.Context
	from io.Reader
}

// Read implements [io.Reader].
func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}

// Name returns the name that a receipt has for a file: its path relative to the notebook's folder, where it lies in or
// below that, else to the checkout, else the last part. Slashes are forward.
func Name(path, folder, repo string) string {
	for _, dir := range []string{folder, repo} {
		if dir == "" {
			continue
		}
		if rel, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel)
		}
	}
	return filepath.Base(path)
}

// Find returns the path of a file that a receipt names: in the notebook's folder, else in the checkout. ok reports
// whether something of that name is there; whether it has the same content is for [Files.Hash] to say.
func Find(name, folder, repo string) (path string, ok bool) {
	for _, dir := range []string{folder, repo} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if dir == "" || !filepath.IsLocal(filepath.FromSlash(name)) {
			continue
		}
		if _, err := os.Stat(path); err == nil {
			return path, true
		}
	}
	return "", false
}
