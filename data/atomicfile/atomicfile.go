// Package atomicfile writes files that are either complete or absent: [Write] for results, [WriteCache] for what can be
// made again, and [Check] before long work whose result goes to a file. All packages of the lab write their files with
// it. It does not lock: of two processes that write one path, the last one wins.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/go-siamese/lab/data/quote"
)

// Write writes a file through a temporary one beside it, so that path holds either its old content or all of
// the new one, even when the machine stops in between. The file gets the mode 0644. Errors of write, which are
// passed on, and of the file system name path.
func Write(path string, write func(io.Writer) error) error { return replace(path, true, write) }

// WriteCache is [Write] for what can be made again: it does not wait for the disk, so readers must be able to
// detect a file that a crash of the machine has damaged.
func WriteCache(path string, write func(io.Writer) error) error { return replace(path, false, write) }

// Check returns why no file could be written at path, or nil, so that a long run does not end in an error that was
// foreseeable at its start. "" stands for no file and gives nil. It creates and removes a temporary file beside path;
// path itself is not touched.
func Check(path string) error {
	if path == "" {
		return nil
	}
	if stat, err := os.Stat(path); err == nil && stat.IsDir() {
		return fmt.Errorf("write %s: it is a directory: name a file", quote.Text(path))
	}
	file, err := createTemp(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// createTemp makes a temporary file beside path. The error names path: the caller does not know the temporary
// one.
func createTemp(path string) (*os.File, error) {
	dir, name := filepath.Split(path)
	file, err := os.CreateTemp(filepath.Clean(dir), "."+name+".*.tmp")
	var about *fs.PathError
	if errors.As(err, &about) {
		err = about.Err
	}
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", quote.Text(path), err)
	}
	return file, nil
}

// replace is [Write], with or without waiting for the disk. On an error the temporary file is removed.
func replace(path string, sync bool, write func(io.Writer) error) (err error) {
	temp, err := createTemp(path)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(temp.Name())
		}
	}()
	// Writers of tables write a few bytes at a time; a large buffer makes few calls of the system.
	buffered := bufio.NewWriterSize(temp, 1<<18)
	err = write(buffered)
	if err == nil {
		err = buffered.Flush()
	}
	if err == nil {
		err = temp.Chmod(0o644) // CreateTemp makes it private
	}
	if err == nil && sync {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err != nil {
		return fmt.Errorf("write %s: %w", quote.Text(path), err)
	}
	if !sync {
		err = os.Rename(temp.Name(), path)
	} else {
		err = Rename(temp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", quote.Text(path), err)
	}
	return nil
}

// Rename renames a file within a file system, replacing any file of that name, and waits until the change is on
// disk. The error is that of [os.Rename].
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
