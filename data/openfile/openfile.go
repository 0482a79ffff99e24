// Package openfile opens what a program is told to read. A named pipe without a writer makes open(2) wait for ever, and
// a device may never end: everything but a regular file is refused by a sentence, or read to its end under a bound and
// a context ([Stream]). Regular files that it opens are told to package provenance: a user's data are read through it.
package openfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/go-siamese/lab/data/provenance"
)

// Refused is the error for something that cannot be read as a file: it is there, and no permission would help. Callers
// that name the file themselves print What and Fix alone.
type Refused struct {
	Path string // as it was given
	What string // what it is, such as "a folder" or "a named pipe"
	Fix  string // what to do
}

// Error returns "PATH is WHAT, not a file; FIX".
func (r *Refused) Error() string {
	return fmt.Sprintf("%s is %s, not a file; %s", r.Path, r.What, r.Fix)
}

// Stdin is the name that stands for standard input, as in most commands. A file of that name is given as "./-".
const Stdin = "-"

// Regular opens the regular file at path; links are followed. Everything else is a [*Refused], "-" too unless there is
// a file of that name: what is read from a regular file only cannot come from a pipe. Other errors are those of
// [os.Open]. Between the look at what it is and the opening another process may put a pipe in its place; that is not
// guarded against, as whoever can do that can as well change the file.
func Regular(path string) (*os.File, error) { return regular(path, open) }

// Part is [Regular] for a file that is not told: one of a folder that was told as a whole, or the lab's own.
func Part(path string) (*os.File, error) { return regular(path, os.Open) }

// regular is [Regular] that opens by a function.
func regular(path string, open func(string) (*os.File, error)) (*os.File, error) {
	info, err := os.Stat(path)
	if path == Stdin && errors.Is(err, fs.ErrNotExist) {
		return nil, &Refused{path, "standard input", "write it to a file, and give its path"}
	}
	if err != nil {
		return nil, opening(err)
	}
	if err := Check(path, info); err != nil {
		return nil, err
	}
	return open(path)
}

// open opens a regular file and tells that it is read.
func open(path string) (*os.File, error) {
	file, err := os.Open(path)
	if err == nil {
		provenance.Read(path)
	}
	return file, err
}

// opening returns an error of [os.Stat] as one of [os.Open], which is what a caller asked for.
func opening(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return &fs.PathError{Op: "open", Path: path.Path, Err: path.Err}
	}
	return err
}

// Check returns a [*Refused] unless info, that of a path with links followed, is of a regular file. It is for callers
// that have the info already; path is only for the error.
func Check(path string, info fs.FileInfo) error {
	if what := kind(info.Mode()); what != "" {
		return &Refused{path, what, "give the path of a regular file"}
	}
	return nil
}

// ReadFile returns the content of the regular file at path, as [os.ReadFile] does for what [Regular] takes. All of it
// is in memory: it is for files of settings and the like, not for tables.
func ReadFile(path string) ([]byte, error) { return readFile(path, Regular) }

// ReadPart is [ReadFile] for a file that is not told, see [Part].
func ReadPart(path string) ([]byte, error) { return readFile(path, Part) }

// readFile is [ReadFile] that opens by a function.
func readFile(path string, open func(string) (*os.File, error)) ([]byte, error) {
	file, err := open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	text := make([]byte, info.Size())
	n, err := io.ReadFull(file, text)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return text[:n], nil // it was cut short in between, or is of the kind whose size is not known before
	}
	if err != nil {
		return nil, err
	}
	rest, err := io.ReadAll(file)
	return append(text, rest...), err
}

// kind returns what something of that mode is, "" = a regular file.
func kind(mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return ""
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "no regular file"
}
