// Package atomicfile writes files that are either complete or not there. All packages of the lab write their files
// with it.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Write writes a file through a temporary one beside it, so that path holds either what
// it held before or all of the new content, even when the machine stops in between. It is readable by
// all and gets the mode 0644. The error names path.
func Write(path string, write func(io.Writer) error) error { return replace(path, true, write) }

// WriteCache is [Write] for what can be made again: it does not wait for the disk, so that
// whoever reads the file after a crash of the machine must be able to tell that it is damaged.
func WriteCache(path string, write func(io.Writer) error) error { return replace(path, false, write) }

// Check returns why no file could be written at path, or nil, so that a long run does not end in an
// error that could have been told at its start. "" is no file.
func Check(path string) error {
	if path == "" {
		return nil
	}
	if stat, err := os.Stat(path); err == nil && stat.IsDir() {
		return fmt.Errorf("write %s: it is a directory: name a file", path)
	}
	file, err := createTemp(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// createTemp makes a temporary file beside path. The error is about path: nobody asked for the other one.
func createTemp(path string) (*os.File, error) {
	dir, name := filepath.Split(path)
	file, err := os.CreateTemp(filepath.Clean(dir), "."+name+".*.tmp")
	var about *fs.PathError
	if errors.As(err, &about) {
		err = about.Err
	}
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	return file, nil
}

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
		return fmt.Errorf("write %s: %w", path, err)
	}
	if !sync {
		err = os.Rename(temp.Name(), path)
	} else {
		err = Rename(temp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// Rename gives a file another name on the same file system, replacing what had it, and waits until that is on disk.
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
