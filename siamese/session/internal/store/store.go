// Package store keeps what a session has computed in a folder, each value under the hash of all that it depends on, so
// that a value is never stale: another input has another key.
//
// A value is a folder of files with a record of their hashes. It appears whole or not at all, two workers may share the
// store, and what was damaged is found when it is read. The store is bounded: what was not used for longest goes first.
package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/origin"
)

// DefaultBytes bounds a store that is given no bound.
const DefaultBytes = 20 << 30

// Record describes a kept value.
type Record struct {
	Key    string          `json:"key"` // SHA-256, in hexadecimal digits
	Kind   string          `json:"kind"`
	Name   string          `json:"name"`
	Op     string          `json:"op"`
	Args   json.RawMessage `json:"args"` // of the call that made it
	Inputs []string        `json:"inputs,omitempty"`
	// Lasting is the hash of what was asked for, whatever code and machine computed it: as the key, without these. What
	// people keep with a value is found by it when the lab was edited.
	Lasting string `json:"lasting,omitempty"`

	Made    time.Time `json:"made"`
	Cell    string    `json:"cell,omitempty"` // that asked for it first
	Seconds float64   `json:"seconds"`        // that it took

	Told []provenance.Event `json:"told,omitempty"` // of its computation: files read, seeds, what differs from run to run
	Data []origin.File      `json:"data,omitempty"` // that it comes from, through the values that it was given too

	Text  string          `json:"text"`            // what it says of itself
	Facts json.RawMessage `json:"facts,omitempty"` // what its handle holds
	Files map[string]File `json:"files,omitempty"`
}

// File is the size and the SHA-256 of a file of a value.
type File struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Bytes returns the size of all files.
func (r *Record) Bytes() int64 {
	var sum int64
	for _, f := range r.Files {
		sum += f.Bytes
	}
	return sum
}

// recordName is the file that makes a folder a value; it is written last.
const recordName = "record.json"

// Store is a folder of values. It is safe for concurrent use, by several processes too.
type Store struct {
	dir  string
	most int64

	mu       sync.Mutex
	verified map[string]time.Time // keys whose files this process has read whole, and when
}

// ErrNone is the error for a key without a value.
var ErrNone = fs.ErrNotExist

// DamagedError is a value whose files are not what was written. It was removed.
type DamagedError struct {
	Key    string
	Record *Record // nil where that is damaged too
	Err    error
}

// Error says what is damaged.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("the kept value %.12s was damaged (%v)", e.Key, e.Err)
}

// Unwrap returns the cause.
func (e *DamagedError) Unwrap() error { return e.Err }

// Open returns the store in a folder, which is made if there is none. most bounds the bytes of its values; 0 =
// [DefaultBytes]. What workers that were killed left unfinished is removed.
func Open(dir string, most int64) (*Store, error) {
	if most == 0 {
		most = DefaultBytes
	}
	for _, d := range []string{"values", "begun", "work"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return nil, fmt.Errorf("the session's values: %w", err)
		}
	}
	s := &Store{dir: dir, most: most, verified: map[string]time.Time{}}
	return s, s.sweep()
}

// folder returns where a value is. A part of the key is enough for a name; the record has it in full.
func (s *Store) folder(key string) string { return filepath.Join(s.dir, "values", key[:32]) }

// Path returns the path of a file of a value.
func (s *Store) Path(key, file string) string { return filepath.Join(s.folder(key), file) }

// Work returns a folder for what belongs to a value that is not finished, such as the state of a training. It stays
// when the worker is killed, until [Store.Put] has the value.
func (s *Store) Work(key string) string { return filepath.Join(s.dir, "work", key[:32]) }

// Get returns the record of a value whose files are what was written. Errors are [ErrNone] and a [*DamagedError], after
// which the value is gone. The first time, all its files are read.
func (s *Store) Get(key string) (*Record, error) {
	r, err := s.record(s.folder(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	if err == nil && r.Key != key {
		err = errors.New("it is another value's")
	}
	if err == nil {
		err = s.verify(r)
	}
	if errors.Is(err, fs.ErrNotExist) { // another worker removed it meanwhile, or a file of it is lost
		if _, statErr := os.Stat(s.folder(key)); errors.Is(statErr, fs.ErrNotExist) {
			return nil, ErrNone
		}
	}
	if err != nil {
		if r != nil && r.Key != key {
			r = nil
		}
		return nil, errors.Join(&DamagedError{key, r, err}, s.remove(key))
	}
	s.used(s.folder(key))
	return r, nil
}

// Used notes that a value was used, for a caller that has it in memory.
func (s *Store) Used(key string) { s.used(s.folder(key)) }

// used notes that a value was used: at worst it goes sooner. Its time is set and not left to the file system, whose
// clock may be coarser.
func (s *Store) used(folder string) {
	now := time.Now()
	_ = os.Chtimes(filepath.Join(folder, recordName), now, now)
}

// Put keeps a value. write puts its files into a folder; Files is set by what is there. If another worker has kept the
// same value meanwhile, that one stays. Values that were not used for longest are removed beyond the bound. durable
// waits until the value is on the disk; others may be found damaged after a crash of the machine.
func (s *Store) Put(r *Record, durable bool, write func(folder string) error) error {
	begun, err := os.MkdirTemp(filepath.Join(s.dir, "begun"), fmt.Sprintf("%d-", os.Getpid()))
	if err != nil {
		return fmt.Errorf("keeping a value: %w", err)
	}
	defer os.RemoveAll(begun)
	if err := write(begun); err != nil {
		return fmt.Errorf("keeping a value: %w", err)
	}
	if err := s.seal(begun, r); err != nil {
		return fmt.Errorf("keeping a value: %w", err)
	}
	if durable {
		if err := syncAll(begun); err != nil {
			return fmt.Errorf("keeping a value: %w", err)
		}
	}
	s.used(begun)
	err = os.Rename(begun, s.folder(r.Key))
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("keeping a value: %w", err)
	}
	s.mu.Lock()
	s.verified[r.Key] = time.Now()
	s.mu.Unlock()
	_ = os.RemoveAll(s.Work(r.Key))
	return s.bound(r.Key)
}

// remove removes a value: in one step, so that nobody reads half of it.
func (s *Store) remove(key string) error {
	s.mu.Lock()
	delete(s.verified, key)
	s.mu.Unlock()
	gone, err := os.MkdirTemp(filepath.Join(s.dir, "begun"), fmt.Sprintf("%d-gone-", os.Getpid()))
	if err != nil {
		return err
	}
	err = os.Rename(s.folder(key), filepath.Join(gone, "value"))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, os.RemoveAll(gone))
}

// lock waits for the lock of what changes many values at once.
func (s *Store) lock() (unlock func(), err error) {
	l := flock.New(filepath.Join(s.dir, "lock"))
	if err := l.Lock(); err != nil {
		return nil, fmt.Errorf("lock %s: %w", quote.Text(s.dir), err)
	}
	return func() { _ = l.Close() }, nil
}
