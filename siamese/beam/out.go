package beam

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/quote"
)

// prepare has a folder ready for the shards of these units. What killed workers left is removed, and so is the manifest
// of an earlier run. Shards of other units are an error: who reads the folder would take them for some of these.
func prepare(out string, all []Unit) error {
	if err := atomicfile.CheckFolder(out); err != nil {
		return err
	}
	mine := map[string]bool{}
	for _, u := range all {
		mine[u.name()] = true
	}
	parts, err := openfile.Glob(out, partPrefix+"*")
	if err != nil {
		return err
	}
	var others []string
	for _, path := range parts {
		if base, _, _ := strings.Cut(filepath.Base(path), "."); !mine[base] {
			others = append(others, filepath.Base(path))
		}
	}
	if len(others) > 0 {
		return fmt.Errorf("%s has files of other tables or groups of rows, such as %s (%d in all), of an earlier run: name "+
			"the same tables in the same order, remove these files, or name another folder", quote.Text(out),
			quote.Text(others[0]), len(others))
	}
	if err := cleared(out); err != nil {
		return err
	}
	return removed(filepath.Join(out, ManifestName))
}

// cleared removes what killed workers have left: copies of groups of rows, and files that were not whole.
func cleared(out string) error {
	for _, pattern := range []string{groupPrefix + "*", "." + partPrefix + "*.tmp"} {
		left, err := openfile.Glob(out, pattern)
		if err != nil {
			return err
		}
		for _, path := range left {
			if err := os.RemoveAll(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// removed removes a file that may be there.
func removed(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
