package receipt

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data/openfile"
)

// directive begins the lines by which Go files embed others, after spaces where they are in a group of variables.
const directive = "//go:embed "

// embedded returns the files that a Go file with a digest embeds. A pattern that matches nothing gives none: the build
// says so.
func (f *Files) embedded(path, sha string) ([]string, error) {
	patterns, err := f.patterns(path, sha)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, pattern := range patterns {
		found, err := openfile.Glob(filepath.Dir(path), pattern)
		if err != nil {
			continue
		}
		for _, at := range found {
			err := filepath.WalkDir(at, func(file string, d fs.DirEntry, err error) error {
				if err == nil && d.Type().IsRegular() {
					files = append(files, file)
				}
				return err
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return files, nil
}

// patterns returns the patterns of a Go file's directives. They are read once for each digest.
func (f *Files) patterns(path, sha string) ([]string, error) {
	f.mu.Lock()
	patterns, ok := f.embeds[sha]
	f.mu.Unlock()
	if ok {
		return patterns, nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if bytes.Contains(content, []byte(directive)) {
		for line := range bytes.Lines(content) {
			list, ok := strings.CutPrefix(strings.TrimLeft(string(line), " \t"), directive)
			if !ok {
				continue
			}
			for _, pattern := range strings.Fields(list) {
				if plain, err := strconv.Unquote(pattern); err == nil {
					pattern = plain
				}
				patterns = append(patterns, strings.TrimPrefix(pattern, "all:"))
			}
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.embeds[sha] = patterns
	return patterns, nil
}
