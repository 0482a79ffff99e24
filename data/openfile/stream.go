package openfile

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/go-siamese/lab/data/provenance"
)

// MaxStream is how many bytes [Stream] takes of a pipe where it is given no bound, 16 GiB: they go to a temporary file,
// not into memory, and a pipe that never ends must not fill the disk.
const MaxStream = 16 << 30

// File is an open file of known size that can be read at any place, and more than once. Close it in the end: for a pipe
// that is when the temporary copy goes.
type File struct {
	*os.File
	Name    string // for people: the path, or "standard input"
	Spooled bool   // it is a copy of a pipe: its name, size and times say nothing about where it comes from

	remove string // the copy's path, where it could not be removed while open
}

// Close closes the file and removes a copy.
func (f *File) Close() error {
	err := f.File.Close()
	if f.remove != "" {
		_ = os.Remove(f.remove) // a temporary file, which the system clears away too
	}
	return err
}

// taken is the standard input that was read to its end; there is nothing more to come from it.
var taken atomic.Pointer[os.File]

// Stream opens the regular file of data at path, or reads a pipe to its end into a temporary file, so that formats that
// are read in several passes can come from a pipe too. path "-" is standard input, which can be read once. most bounds
// the bytes of a pipe, 0 = [MaxStream]; more are a [*Refused], like devices, sockets, folders and a terminal as
// standard input. Standard input that is redirected from a file is copied too, from where it stands. The copy lies in
// [os.TempDir], is private to the user, and is gone when the file is closed or the process ends, even if it is killed
// (but on Windows). A context that ends stops the waiting for a pipe, with its error.
func Stream(ctx context.Context, path string, most int64) (*File, error) {
	if path == Stdin {
		const name = "standard input"
		info, err := os.Stdin.Stat()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if what := kind(info.Mode()); what != "" && what != "a pipe" && what != "a socket" {
			if what == "a device" {
				what = "a terminal or a device"
			}
			return nil, &Refused{name, what, "send a file through a pipe, or give a path"}
		}
		stdin := os.Stdin
		if taken.Swap(stdin) == stdin {
			return nil, &Refused{name, "read already", `name it once ("-"), and write the other table to a file`}
		}
		return spool(ctx, name, most, func() (*os.File, error) { return stdin, nil })
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, opening(err)
	case kind(info.Mode()) == "a pipe":
		return spool(ctx, path, most, func() (*os.File, error) { return os.Open(path) })
	}
	if err := Check(path, info); err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	provenance.Data(path)
	return &File{File: file, Name: path}, nil
}

// spool copies what source opens into a temporary file. Both opening and reading may wait for a writer that never
// comes, and neither can be interrupted everywhere: they run on a goroutine of their own, which a context that ends
// leaves behind. It then ends with the writer or with the program.
func spool(ctx context.Context, name string, most int64, source func() (*os.File, error)) (*File, error) {
	if most <= 0 {
		most = MaxStream
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	temp, err := os.CreateTemp("", "siamese-input-*")
	if err != nil {
		return nil, err
	}
	out := &File{File: temp, Name: name, Spooled: true}
	if os.Remove(temp.Name()) != nil { // Windows removes no file that is open
		out.remove = temp.Name()
	}
	type result struct {
		n   int64
		err error
	}
	done := make(chan result, 1)
	stdin := os.Stdin // now: the goroutine may outlive this call
	go func() {
		var r result
		in, err := source()
		if err == nil {
			r.n, err = io.Copy(temp, io.LimitReader(in, most+1))
			if in != stdin {
				in.Close()
			}
		}
		if err == nil {
			_, err = temp.Seek(0, io.SeekStart)
		}
		r.err = err
		done <- r
	}()
	select {
	case <-ctx.Done():
		go func() {
			<-done
			out.Close()
		}()
		return nil, ctx.Err()
	case r := <-done:
		if r.err == nil && r.n > most {
			r.err = &Refused{name, fmt.Sprintf("a stream of more than %d MiB", most>>20), "write it to a file"}
		}
		if r.err != nil {
			out.Close()
			return nil, r.err
		}
		return out, nil
	}
}
