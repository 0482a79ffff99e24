package data

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// writeFile writes a file through a temporary one beside it, so that path holds either what
// it held before or all of the new content, even when the machine stops in between.
func writeFile(path string, write func(io.Writer) error) (err error) {
	dir, name := filepath.Split(path)
	temp, err := os.CreateTemp(filepath.Clean(dir), "."+name+".*.tmp")
	if err != nil {
		return fmt.Errorf("data: write %s: %w", path, err)
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
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err != nil {
		return fmt.Errorf("data: write %s: %w", path, err)
	}
	if err = os.Rename(temp.Name(), path); err != nil {
		return fmt.Errorf("data: write %s: %w", path, err)
	}
	// The new name is on disk only once the directory is; some file systems cannot do this,
	// and the content is safe without.
	if d, openErr := os.Open(filepath.Clean(dir)); openErr == nil {
		_ = d.Sync()
		_ = d.Close()
	}
	return nil
}
