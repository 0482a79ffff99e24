package starter

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
)

// ending is that of notebooks: under another name no Jupyter opens one.
const ending = ".ipynb"

// target returns the path of the notebook for a file: to, or the file's name in the current folder.
func target(file, to string) (string, error) {
	if to == "" {
		base := filepath.Base(filepath.Clean(file))
		return strings.TrimSuffix(base, filepath.Ext(base)) + ending, nil
	}
	if filepath.Ext(to) != ending { // the rest of a name with spaces, or a second table
		return "", option.Errorf("to", "%s does not end in %s, as the name of a notebook does; names with spaces go in quotes",
			quote.Text(to), ending)
	}
	if info, err := os.Stat(filepath.Dir(to)); err != nil || !info.IsDir() {
		return "", option.Errorf("to", "there is no folder %s", quote.Text(filepath.Dir(to)))
	}
	return to, nil
}

// from returns the path of a file as a notebook has to give it, whose cells run in the notebook's folder. Absolute paths
// stay, and others stay relative: folder and file may be moved together.
func from(notebook, file string) (string, error) {
	if filepath.IsAbs(file) {
		return file, nil
	}
	here, err := filepath.Abs(".")
	if err != nil {
		return "", err
	}
	there, err := filepath.Abs(filepath.Dir(notebook))
	if err != nil || there == here {
		return file, err
	}
	// ".." leads out of where a linked folder is, not out of the link.
	if there, err = filepath.EvalSymlinks(there); err != nil {
		return "", err
	}
	want, err := os.Stat(file)
	if err != nil {
		return "", err
	}
	for _, path := range []func(string) (string, error){filepath.Abs, resolved} {
		whole, err := path(file)
		if err != nil {
			return "", err
		}
		relative, err := filepath.Rel(there, whole)
		if err != nil {
			continue // no way leads there, such as to another volume
		}
		if got, err := os.Stat(filepath.Join(there, relative)); err == nil && os.SameFile(want, got) {
			return relative, nil
		}
	}
	return resolved(file)
}

// resolved returns the absolute path of a file without links.
func resolved(file string) (string, error) {
	here, err := filepath.Abs(".")
	if err != nil {
		return "", err
	}
	if here, err = filepath.EvalSymlinks(here); err != nil {
		return "", err
	}
	// Before it is joined, which would take ".." behind a link for the link's own folder.
	if file, err = filepath.EvalSymlinks(file); err != nil || filepath.IsAbs(file) {
		return file, err
	}
	return filepath.Join(here, file), nil
}
