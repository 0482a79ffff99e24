package place

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// WriteFile writes content to a file so that a reader sees either all of the old content or all of the new: into a
// temporary file of the same directory, since a rename is atomic only within a file system, synced, then renamed.
// Missing parent directories are made. mode is that of the file. On failure an existing file is left as it was.
func WriteFile(path string, content []byte, mode os.FileMode) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer os.Remove(f.Name()) // no effect once renamed
	_, err = f.Write(content)
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// WriteIfOther writes a file unless it has this content already, and may be executed where mode says so; it reports
// whether it wrote. What is left alone keeps its time, and the user sees "already there".
func WriteIfOther(path string, want []byte, mode os.FileMode) (bool, error) {
	info, err := os.Stat(path)
	if err == nil && info.Mode().Perm()&mode&0o100 == mode&0o100 {
		if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, want) {
			return false, nil
		}
	}
	return true, WriteFile(path, want, mode)
}
