// Package atomicfile writes files that are either complete or absent: [Write] for results, [WriteCache] for what can be
// made again, and [Check], [CheckAppend] and [CheckFolder] before long work whose result goes to a file. All packages
// of the lab write their files with it. It does not lock paths: of two processes that write one path, the last one
// wins. Results are told to package provenance once they are there; the lab's own files are not ([WriteOwn],
// [WriteCache]).
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/gofrs/flock"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/quote"
)

// Write writes a file through a temporary one beside it, so that path holds either its old content or all of
// the new one, even when the machine stops in between. The file gets the mode 0644. A symbolic link stays, and the file
// that it names is written. What [Check] refuses is an error. Errors of write, which are passed on, and of the file
// system name path. write gets a buffered writer, and its first error ends the writing; nothing is left beside path
// then. While it runs, the disk holds both contents.
func Write(path string, write func(io.Writer) error) error { return WriteThen(path, write, nil) }

// WriteThen is [Write] that calls then when all is on disk, just before the new file takes its place. If that fails,
// its error is returned and the old content stays. nil = nothing.
func WriteThen(path string, write func(io.Writer) error, then func() error) error {
	err := replace(path, true, write, then)
	if err == nil {
		provenance.Wrote(path)
	}
	return err
}

// WriteOwn is [Write] for a file of the lab's own, which is not told: one that is no result, such as a state to resume
// from, or not yet, such as one that is renamed to become it.
func WriteOwn(path string, write func(io.Writer) error) error { return replace(path, true, write, nil) }

// WriteCache is [Write] for what can be made again: it does not wait for the disk, so readers must be able to
// detect a file that a crash of the machine has damaged. A crash of the process alone damages nothing.
func WriteCache(path string, write func(io.Writer) error) error {
	return replace(path, false, write, nil)
}

// temporary is a file that is being written beside the one that it will replace. Its lock says that its writer lives:
// the system releases it even when the process is killed.
type temporary struct {
	*os.File
	lock *flock.Flock
}

// createTemp makes a temporary file beside target, as [targetOf] returns it, and locks it. The error does not name the
// file, which the caller does not know.
func createTemp(target string) (*temporary, error) {
	for {
		file, err := os.CreateTemp(filepath.Dir(target), tempPattern(target))
		if err != nil {
			return nil, plain(err)
		}
		t := &temporary{file, flock.New(file.Name(), flock.SetFlag(os.O_RDONLY))}
		// Where a file system has no locks, nobody else gets one either, and so nobody removes the file.
		_, _ = t.lock.TryLock()
		mine, err := file.Stat()
		if err != nil {
			t.discard()
			return nil, plain(err)
		}
		// Between creating and locking another process may have taken it for a leftover.
		if there, err := os.Stat(file.Name()); err == nil && os.SameFile(mine, there) {
			return t, nil
		}
		t.discard()
	}
}

// discard closes and removes the file.
func (t *temporary) discard() {
	_ = t.Close()
	_ = t.lock.Close()
	_ = os.Remove(t.Name())
}

// Write writes to the file; its errors do not name it, since it is gone when they are read.
func (t *temporary) Write(b []byte) (int, error) {
	n, err := t.File.Write(b)
	return n, plain(err)
}

// plain returns the reason in an error of the file system, without the name of the file.
func plain(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// replace is [WriteThen], with or without waiting for the disk. On an error the temporary file is removed.
func replace(path string, sync bool, write func(io.Writer) error, then func() error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write %s: %w", quote.Text(path), err)
		}
	}()
	target, err := targetOf(path)
	if err != nil {
		return err
	}
	temp, err := createTemp(target)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			temp.discard()
		}
		_ = temp.lock.Close()
	}()
	// Writers of tables write a few bytes at a time; a large buffer makes few calls of the system.
	buffered := bufio.NewWriterSize(temp, 1<<18)
	err = write(buffered)
	if err == nil {
		err = buffered.Flush()
	}
	if err == nil {
		err = plain(temp.Chmod(0o644)) // CreateTemp makes it private
	}
	if err == nil && sync {
		err = plain(temp.Sync())
	}
	err = errors.Join(err, plain(temp.Close()))
	if err == nil && then != nil {
		err = then()
	}
	if err != nil {
		return err
	}
	if runtime.GOOS == "windows" { // which renames no file that is open
		_ = temp.lock.Close()
	}
	if !sync {
		return plain(os.Rename(temp.Name(), target))
	}
	return plain(Rename(temp.Name(), target))
}

// Rename renames a file within a file system, replacing any file of that name, and waits until the change is on
// disk. The error is that of [os.Rename]. The content of from must be on disk already: a name that is there before its
// content would be a file of zeros after a crash.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	// The new name is on disk only once the directory is; some file systems cannot do this,
	// and the content is safe without.
	if d, openErr := os.Open(filepath.Dir(to)); openErr == nil {
		_ = d.Sync()
		_ = d.Close()
	}
	return nil
}
