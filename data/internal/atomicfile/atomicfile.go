// Package atomicfile writes files that are either complete or not there.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Write writes a file through a temporary one beside it, so that path holds either what
// it held before or all of the new content, even when the machine stops in between. It is readable by
// all and gets the mode 0644.
func Write(path string, write func(io.Writer) error) error { return replace(path, true, write) }

// WriteCache is [Write] for what can be made again: it does not wait for the disk, so that
// whoever reads the file after a crash of the machine must be able to tell that it is damaged.
func WriteCache(path string, write func(io.Writer) error) error { return replace(path, false, write) }

func replace(path string, sync bool, write func(io.Writer) error) (err error) {
	dir, name := filepath.Split(path)
	temp, err := os.CreateTemp(filepath.Clean(dir), "."+name+".*.tmp")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
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
