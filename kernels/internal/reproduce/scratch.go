package reproduce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/receipt"
)

// scratch is a folder in which a notebook is executed in place of its own: it has what lies beside the notebook, as
// copies, and nothing that the notebook has written. What is above it is there as links, so that ../data is what it
// was.
type scratch struct {
	root   string       // what is removed in the end
	claim  *place.Claim // on root, nil = its name is nobody else's
	dir    string       // the folder that stands for the notebook's
	linked []linked
}

// linked is a file that is too large to be copied, with what tells whether it was changed.
type linked struct {
	path string
	info fs.FileInfo
}

// Bounds of what is copied; what is beyond them is linked. Variables, so that tests can lower them.
var (
	largest = int64(64 << 20) // bytes of a file
	most    = int64(1 << 30)  // bytes of all
)

// scratchName begins the names of scratch folders.
const scratchName = "siamese-reproduce-"

// levels is how many folders above the notebook's are there.
const levels = 4

// newScratch returns a scratch folder for a notebook's folder. leave tells, by a path in it with forward slashes,
// what is left out. The caller removes it, also after an error.
func newScratch(folder string, leave func(name string, d fs.DirEntry) bool) (*scratch, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	s := &scratch{}
	if !s.usual(folder) {
		if s.root, err = os.MkdirTemp("", scratchName+"*"); err != nil {
			return nil, err
		}
	}
	if s.dir, err = s.above(folder, levels); err != nil {
		return s, err
	}
	left := most
	return s, walk(folder, leave, func(name string, d fs.DirEntry) error {
		return s.put(filepath.Join(folder, name), filepath.Join(s.dir, name), d, &left)
	})
}

// usual makes the scratch folder with the name that the notebook's folder always has, so that a session knows the files in
// it by their paths; false = another process has it. What one that was killed has left is removed.
func (s *scratch) usual(folder string) bool {
	root := filepath.Join(os.TempDir(), scratchName+receipt.Digest([]byte(folder))[:16])
	now, cancel := context.WithTimeout(context.Background(), 0) // nobody waits
	defer cancel()
	claim, err := place.Take(now, root, nil)
	if err != nil {
		return false
	}
	_ = os.RemoveAll(root) // another user's stays, and then there is no folder to make
	if claim.Unlocked != nil || os.Mkdir(root, 0o700) != nil {
		claim.Release()
		return false
	}
	s.root, s.claim = root, claim
	return true
}

// walk calls do for all that is in and below a folder and is not left out, by its path in it with forward slashes. Where
// temporary folders lie in it, scratch folders are no part of it.
func walk(folder string, leave func(string, fs.DirEntry) bool, do func(name string, d fs.DirEntry) error) error {
	return filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		switch {
		case path != folder && errors.Is(err, fs.ErrPermission):
			return fs.SkipDir // the notebook cannot read it either
		case err != nil || path == folder:
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		switch {
		case d.IsDir() && strings.HasPrefix(d.Name(), scratchName):
			return fs.SkipDir
		case strings.HasPrefix(d.Name(), "."+scratchName): // a claim
			return nil
		case !leave(name, d):
			return do(name, d)
		case d.IsDir():
			return fs.SkipDir
		}
		return nil
	})
}

// names returns the names of what is in and below a folder and is not left out.
func names(folder string, leave func(string, fs.DirEntry) bool) (all []string, err error) {
	err = walk(folder, leave, func(name string, _ fs.DirEntry) error {
		all = append(all, name)
		return nil
	})
	return all, err
}

// above makes the folder that stands for one of the user's, with the n folders above it and links to what these have.
func (s *scratch) above(folder string, n int) (string, error) {
	parent := filepath.Dir(folder)
	if n == 0 || parent == folder {
		dir := filepath.Join(s.root, "top")
		return dir, os.MkdirAll(dir, 0o700)
	}
	dir, err := s.above(parent, n-1)
	if err != nil {
		return "", err
	}
	entries, err := os.ReadDir(parent)
	if err != nil && !errors.Is(err, fs.ErrPermission) {
		return "", err
	}
	for _, e := range entries {
		if e.Name() == filepath.Base(folder) {
			continue
		}
		if err := os.Symlink(filepath.Join(parent, e.Name()), filepath.Join(dir, e.Name())); err != nil {
			return "", err
		}
	}
	dir = filepath.Join(dir, filepath.Base(folder))
	return dir, os.Mkdir(dir, 0o700)
}

// put puts one file or folder in place. left is how many bytes may be copied yet.
func (s *scratch) put(from, to string, d fs.DirEntry, left *int64) error {
	switch {
	case d.IsDir():
		return os.Mkdir(to, 0o700)
	case d.Type()&fs.ModeSymlink != 0:
		target, err := filepath.EvalSymlinks(from)
		if err != nil {
			return nil //nolint:nilerr // it leads nowhere: neither does the original
		}
		info, err := os.Stat(target)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return os.Symlink(target, to)
		}
		return s.file(target, to, info, left)
	case !d.Type().IsRegular():
		return nil // a socket, a device
	}
	info, err := d.Info()
	if err != nil {
		return err
	}
	return s.file(from, to, info, left)
}

// file copies a regular file, or links one that is too large.
func (s *scratch) file(from, to string, info fs.FileInfo, left *int64) (err error) {
	if info.Size() > largest || info.Size() > *left {
		s.linked = append(s.linked, linked{from, info})
		return os.Symlink(from, to)
	}
	*left -= info.Size()
	in, err := os.Open(from)
	if errors.Is(err, fs.ErrPermission) {
		return os.Symlink(from, to) // the notebook cannot read it either
	}
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, info.Mode().Perm()|0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	return os.Chtimes(to, info.ModTime(), info.ModTime()) // programs may look which file is newer
}

// changed returns an error that names the linked files which are no longer what they were: the notebook has written
// them.
func (s *scratch) changed() error {
	var faults []error
	for _, l := range s.linked {
		now, err := os.Stat(l.path)
		if err != nil || now.Size() != l.info.Size() || !now.ModTime().Equal(l.info.ModTime()) {
			faults = append(faults, fmt.Errorf("%s is too large to be copied, and was changed meanwhile", l.path))
		}
	}
	return errors.Join(faults...)
}

// remove removes the folder.
func (s *scratch) remove() {
	if s != nil {
		os.RemoveAll(s.root)
		if s.claim != nil {
			s.claim.Release()
		}
	}
}

// results are the ends of names of files that the command `run` writes.
var results = []string{".executed.ipynb", ".executed.html"}

// made is what a notebook makes, by paths in its folder with forward slashes: a scratch folder does without.
type made struct {
	folders []string        // of its outputs
	files   map[string]bool // that its cells have written, but not read before
}

// madeBy returns what a notebook makes, as far as its parameters and receipts say.
func madeBy(nb *notebook.Notebook) made {
	m := made{append(nb.RunFolders(), "runs"), map[string]bool{}}
	read := map[string]bool{}
	for _, c := range nb.Cells {
		r := c.Receipt()
		if r == nil {
			continue
		}
		for _, f := range r.Read {
			read[f.Name] = true
		}
		for _, f := range r.Written {
			if !read[f.Name] { // what is read before it is written was there before
				m.files[f.Name] = true
			}
		}
	}
	return m
}

// leave tells what is left out of a scratch folder: hidden folders, results of `run` and its claims, and what the notebook
// makes.
func (m made) leave(name string, d fs.DirEntry) bool {
	if d.IsDir() {
		return strings.HasPrefix(d.Name(), ".") || slices.Contains(m.folders, name)
	}
	return m.files[name] || isResult(name)
}

// isResult reports whether a file is a result of `run`, or its claim on one.
func isResult(name string) bool {
	base := path.Base(name)
	return slices.ContainsFunc(results, func(end string) bool { return strings.HasSuffix(name, end) }) ||
		strings.HasPrefix(base, ".") && strings.HasSuffix(base, ".lock")
}

// has reports whether a file is one that the notebook makes, or is in a folder of its outputs.
func (m made) has(name string) bool {
	return m.files[name] || slices.ContainsFunc(m.folders, func(folder string) bool {
		return name == folder || strings.HasPrefix(name, folder+"/")
	})
}
