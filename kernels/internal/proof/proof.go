// Package proof says whether a file is still the one that was installed, by its SHA-256. Hashing 200 MB takes a third of
// a second, so that what a file was when it was last found right is kept beside it, as the system knows it: a file whose
// inode, size and times of change are the same has the same bytes. The time of the inode's change is among them, which
// no program can set: who writes into a file and puts its time back is found out.
package proof

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// ErrDamaged is the error of a file that is not the one that was installed.
var ErrDamaged = errors.New("it is damaged")

// File says what a file has to be.
type File struct {
	Size   int64  `json:"size"`   // in bytes
	SHA256 string `json:"sha256"` // in hexadecimal
}

// Of returns what a file is now. It reads all of it.
func Of(path string) (File, error) {
	f, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	h := sha256.New()
	size, err := io.Copy(h, f)
	if err != nil {
		return File{}, fmt.Errorf("%s: %w", path, err)
	}
	return File{Size: size, SHA256: hex.EncodeToString(h.Sum(nil))}, nil
}

// Check returns nil if the file is as it has to be; else an error that says what differs and matches [ErrDamaged], or
// why it cannot be read. It reads the file only where that is not known already, and keeps what it found; where nothing
// can be kept, because the folder is only for reading, it reads the file every time.
func (want File) Check(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() != want.Size {
		return fmt.Errorf("%s has %d bytes, %d were installed: %w", path, info.Size(), want.Size, ErrDamaged)
	}
	seen := state(info)
	if kept, err := os.ReadFile(note(path)); err == nil && seen != "" && string(kept) == want.SHA256+" "+seen {
		return nil
	}
	if err := want.Read(path); err != nil {
		return err
	}
	// The system counts time in steps of some milliseconds: a file that has just been changed could be changed again
	// without a difference. It is read once more, the next time.
	if seen != "" && time.Since(info.ModTime()) > settled && time.Since(changed(info)) > settled {
		keep(path, want.SHA256+" "+seen)
	}
	return nil
}

// settled is the age from which on a change shows in the times of a file.
const settled = time.Second

// Read is Check without what was found before: it reads the file.
func (want File) Read(path string) error {
	got, err := Of(path)
	if err != nil {
		return err
	}
	if !strings.EqualFold(got.SHA256, want.SHA256) {
		return fmt.Errorf("%s has other bytes than were installed (sha256 %.12s…, not %.12s…): %w", path, got.SHA256,
			want.SHA256, ErrDamaged)
	}
	return nil
}

// note is the file beside path that keeps when it was found right.
func note(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".seen")
}

// keep writes a note, whole or not at all. A note that cannot be written is one that is not there.
func keep(path, text string) {
	f, err := os.CreateTemp(filepath.Dir(path), ".seen-*")
	if err != nil {
		return
	}
	defer os.Remove(f.Name()) // no effect once renamed
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err == nil {
		_ = os.Rename(f.Name(), note(path))
	}
}
