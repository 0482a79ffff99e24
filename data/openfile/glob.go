package openfile

import (
	"io/fs"
	"os"
	"path/filepath"
)

// Glob returns the paths below dir that match a pattern of [fs.Glob], sorted by it; nil where dir is not there. Unlike
// in [filepath.Glob] dir is taken as it is: a user's folder may be called "runs [old]".
func Glob(dir, pattern string) ([]string, error) {
	names, err := fs.Glob(os.DirFS(dir), pattern)
	for i, name := range names {
		names[i] = filepath.Join(dir, filepath.FromSlash(name))
	}
	return names, err
}
