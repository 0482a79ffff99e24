//go:build unix

package openfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-siamese/lab/data/provenance"
)

// things returns paths of what is no regular file, by what it is called.
func things(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	pipe, socket := filepath.Join(dir, "pipe"), filepath.Join(dir, "s")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return map[string]string{"a folder": dir, "a pipe": pipe, "a socket": socket, "a device": "/dev/zero"}
}

// What is no file is refused at once, by what it is, and nothing waits for it.
func TestRefused(t *testing.T) {
	for what, path := range things(t) {
		link := filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(path, link); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{path, link} {
			_, opened := Regular(path)
			_, read := ReadFile(path)
			errs := []error{opened, read}
			if what != "a pipe" {
				_, streamed := Stream(t.Context(), path, 0)
				errs = append(errs, streamed)
			}
			for _, err := range errs {
				if e := new(Refused); !errors.As(err, &e) || e.What != what || e.Path != path || e.Fix == "" {
					t.Errorf("%s: %v", what, err)
				}
			}
		}
	}
	if _, err := Regular(Stdin); !errors.As(err, new(*Refused)) {
		t.Errorf("standard input: %v", err)
	}
	none := filepath.Join(t.TempDir(), "none")
	_, opened := Regular(none)
	_, streamed := Stream(t.Context(), none, 0)
	for _, err := range []error{opened, streamed} {
		if path := new(fs.PathError); !errors.As(err, &path) || path.Op != "open" || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("no file: %v", err)
		}
	}
}

func TestReadFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	for _, want := range []string{"", "text", strings.Repeat("long", 1<<16)} {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%d bytes: %d, %v", len(want), len(got), err)
		}
	}
	// A file of the system has no size that is known before.
	if got, err := ReadFile("/proc/self/status"); err == nil && len(got) == 0 {
		t.Error("nothing of /proc/self/status")
	}
}

func TestHash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	// printf abc | sha256sum
	const want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if size, sum, err := Hash(path); size != 3 || sum != want || err != nil {
		t.Errorf("%d bytes, %s, %v", size, sum, err)
	}
	if size, sum, err := Hash(filepath.Dir(path)); size != 0 || sum != "" || !errors.As(err, new(*Refused)) {
		t.Errorf("a folder: %d bytes, %q, %v", size, sum, err)
	}
}

// A pipe is read to its end and then read at any place; a bound and a context end the reading.
func TestStream(t *testing.T) {
	pipe := things(t)["a pipe"]
	write := func(text string) (gone chan struct{}) {
		gone = make(chan struct{})
		go func() {
			defer close(gone)
			if out, err := os.OpenFile(pipe, os.O_WRONLY, 0); err == nil {
				io.WriteString(out, text)
				out.Close()
			}
		}()
		return gone
	}
	gone := write("some text")
	f, err := Stream(t.Context(), pipe, 9)
	if err != nil {
		t.Fatal(err)
	}
	part := make([]byte, 4)
	if _, err := f.ReadAt(part, 5); err != nil || string(part) != "text" || !f.Spooled || f.Name != pipe {
		t.Errorf("%q of %+v, %v", part, f, err)
	}
	name := f.File.Name()
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the copy is left: %v", err)
	}
	<-gone
	gone = write("some longer text")
	if _, err := Stream(t.Context(), pipe, 9); !errors.As(err, new(*Refused)) {
		t.Errorf("too much: %v", err)
	}
	<-gone // a writer that still holds the pipe would be one for the next reader
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := Stream(ctx, pipe, 0); !errors.Is(err, context.DeadlineExceeded) { // nobody writes
		t.Errorf("no writer: %v", err)
	}
	write("") // ends the goroutine that waits
}

// Standard input can be read once; a terminal or a device is not waited for.
func TestStdin(t *testing.T) {
	keep := os.Stdin
	t.Cleanup(func() { os.Stdin = keep })
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stdin = in
	go func() {
		io.WriteString(out, "a table")
		out.Close()
	}()
	f, err := Stream(t.Context(), Stdin, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if text, err := io.ReadAll(f); string(text) != "a table" || f.Name == Stdin {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := Stream(t.Context(), Stdin, 0); !errors.As(err, new(*Refused)) {
		t.Errorf("a second time: %v", err)
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	os.Stdin = null
	if _, err := Stream(t.Context(), Stdin, 0); !errors.As(err, new(*Refused)) {
		t.Errorf("a device: %v", err)
	}
}

// Regular files are told by the functions that open them, each time; pipes, standard input, parts of a folder and names
// of open files are not, nor what cannot be opened.
func TestTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	var got []provenance.Event
	t.Cleanup(provenance.To(func(e provenance.Event) { got = append(got, e) }))
	stream := func(path string) (io.Closer, error) { return Stream(t.Context(), path, 0) }
	whole := func(read func(string) ([]byte, error)) func(string) (io.Closer, error) {
		return func(path string) (io.Closer, error) {
			text, err := read(path)
			return io.NopCloser(bytes.NewReader(text)), err
		}
	}
	for _, test := range []struct {
		name, path string
		open       func(string) (io.Closer, error)
		told       bool
	}{
		{"regular", path, func(p string) (io.Closer, error) { return Regular(p) }, true},
		{"stream", path, stream, true},
		{"part", path, func(p string) (io.Closer, error) { return Part(p) }, false},
		{"whole file", path, whole(ReadFile), true},
		{"whole part", path, whole(ReadPart), false},
		{"open file", openName(t, path), func(p string) (io.Closer, error) { return Regular(p) }, false},
		{"pipe", openName(t, ""), stream, false},
	} {
		got = nil
		f, err := test.open(test.path)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if err := f.Close(); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		var want []provenance.Event
		if test.told {
			want = []provenance.Event{{Kind: provenance.FileRead, Text: path}}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: told %v, want %v", test.name, got, want)
		}
	}
	if _, err := Regular(path + ".none"); err == nil || got != nil {
		t.Errorf("no file: error %v, told %v", err, got)
	}
}

// openName returns the name that the system has for an open file, of a path or, with "", of a pipe with some text.
func openName(t *testing.T, path string) string {
	t.Helper()
	var file *os.File
	var err error
	if path != "" {
		file, err = os.Open(path)
	} else {
		var write *os.File
		if file, write, err = os.Pipe(); err == nil {
			_, err = write.WriteString("text")
			err = errors.Join(err, write.Close())
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return fmt.Sprintf("/dev/fd/%d", file.Fd())
}
