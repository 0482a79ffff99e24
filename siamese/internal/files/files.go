// Package files writes files that are either complete or not there.
package files

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// CheckWritable returns why no file could be written at path, or nil, so that a long run does not end in an
// error that could have been told at its start. "" is no file.
func CheckWritable(path string) error {
	if path == "" {
		return nil
	}
	if stat, err := os.Stat(path); err == nil && stat.IsDir() {
		return fmt.Errorf("%s is a directory: name a file", path)
	}
	file, err := createTemp(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// createTemp makes a temporary file beside path.
func createTemp(path string) (*os.File, error) {
	return os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*.tmp")
}

// Write writes a file through a temporary one beside it, synced and then renamed, so that path holds
// what it held or all of the new content, whatever happens in between.
func Write(path string, write func(io.Writer) error) error {
	file, err := createTemp(path)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(file, 1<<16)
	err = write(buffered)
	if err == nil {
		err = buffered.Flush()
	}
	if err == nil {
		err = file.Chmod(0o644) // a temporary file is private
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	// The new name is on disk only once its directory is; where that cannot be asked for, the content is safe.
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
	return nil
}
