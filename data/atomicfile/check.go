package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/go-siamese/lab/data/quote"
)

// Check returns why no file could be written at path, or nil, so that a long run does not end in an error that was
// foreseeable at its start: path is a folder or a device, it is read-only, its folder is missing or may not be written
// to. "" stands for no file and gives nil. Check creates and removes a temporary file beside path, and removes those
// that killed processes have left there; path itself is not touched.
func Check(path string) error {
	if path == "" {
		return nil
	}
	target, err := targetOf(path)
	if err == nil {
		err = try(target)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", quote.Text(path), err)
	}
	removeLeftovers(target)
	return nil
}

// CheckAppend is [Check] for a file that is appended to and not replaced, such as a log: an existing one is opened for
// writing and closed again, nothing is written to it, and no temporary files are looked for.
func CheckAppend(path string) error {
	if path == "" {
		return nil
	}
	target, err := targetOf(path)
	if err == nil {
		file, openErr := os.OpenFile(target, os.O_WRONLY|os.O_APPEND, 0)
		switch {
		case openErr == nil:
			err = file.Close()
		case errors.Is(openErr, fs.ErrNotExist):
			err = try(target)
		default:
			err = plain(openErr)
		}
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", quote.Text(path), err)
	}
	return nil
}

// CheckFolder returns why no files could be written in the folder at path, or nil. A folder that does not exist is no
// problem where it could be made, with those above it; it is not made. "" stands for no folder and gives nil.
func CheckFolder(path string) error {
	if path == "" {
		return nil
	}
	// The lowest folder that is there decides.
	dir := filepath.Clean(path)
	for {
		stat, err := os.Stat(dir)
		switch {
		case err == nil && !stat.IsDir():
			return fmt.Errorf("write to %s: %s is a file, not a folder", quote.Text(path), quote.Text(dir))
		case err == nil:
			if err := try(filepath.Join(dir, "file")); err != nil {
				return fmt.Errorf("write to %s: %w", quote.Text(path), err)
			}
			return nil
		case !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("write to %s: %w", quote.Text(path), plain(err))
		case filepath.Dir(dir) == dir:
			return fmt.Errorf("write to %s: %w", quote.Text(path), plain(err))
		}
		dir = filepath.Dir(dir)
	}
}

// try creates and removes a temporary file beside target, which is the only test that holds for all rights, quotas and
// file systems that are mounted read-only. The error does not name target.
func try(target string) error {
	file, err := createTemp(target)
	if err != nil {
		return err
	}
	file.discard()
	return nil
}

// maxLinks is the number of symbolic links after which a chain of them is taken for a ring, as on Linux.
const maxLinks = 40

// errNotRegular is the error for what is there and is no file.
var errNotRegular = errors.New("it is a device or a pipe, which cannot be replaced whole: name a file")

// targetOf returns the path of the file that path names, which is another one where path is a symbolic link: replacing
// the link would leave the file that it names as it was. The file need not exist. What is no file, or must not be
// changed, is an error that does not name path.
func targetOf(path string) (string, error) {
	// First, since links such as /dev/stdout lead to names that are no files.
	if stat, err := os.Stat(path); err == nil && !stat.IsDir() && !stat.Mode().IsRegular() {
		return "", errNotRegular
	}
	target := path
	for range maxLinks {
		stat, err := os.Lstat(target)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return target, folderOf(target)
		case err != nil:
			return "", plain(err)
		case stat.Mode()&fs.ModeSymlink != 0:
			next, err := os.Readlink(target)
			if err != nil {
				return "", plain(err)
			}
			if !filepath.IsAbs(next) {
				next = filepath.Join(filepath.Dir(target), next)
			}
			target = next
			continue
		case stat.IsDir():
			return "", errors.New("it is a directory: name a file")
		case !stat.Mode().IsRegular():
			return "", errNotRegular
		case stat.Mode().Perm()&0o222 == 0:
			return "", errors.New("it is read-only: name another file, or make it writable")
		}
		return target, nil
	}
	return "", errors.New("its symbolic links go round in a ring")
}

// folderOf returns an error if the folder of target does not exist, or target names none of its files.
func folderOf(target string) error {
	if os.IsPathSeparator(target[len(target)-1]) {
		return errors.New("it ends like a folder: name a file")
	}
	dir := filepath.Dir(target)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: make the folder %s first", plain(err), quote.Text(dir))
	}
	return nil
}
