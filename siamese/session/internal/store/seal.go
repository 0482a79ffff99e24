package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/go-siamese/lab/data/openfile"
)

// verify reads the files of a value, once in this process.
func (s *Store) verify(r *Record) error {
	s.mu.Lock()
	_, known := s.verified[r.Key]
	s.mu.Unlock()
	for name, want := range r.Files {
		path := s.Path(r.Key, name)
		if known { // no program changes a file of a value: a look at its size tells what users do
			if info, err := os.Stat(path); err != nil || info.Size() != want.Bytes {
				return errors.Join(err, fmt.Errorf("%s changed", name))
			}
			continue
		}
		got, err := hashFile(path)
		if err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("%s is not what was written", name)
		}
	}
	s.mu.Lock()
	s.verified[r.Key] = time.Now()
	s.mu.Unlock()
	return nil
}

// hashFile reads a file.
func hashFile(path string) (File, error) {
	n, sum, err := openfile.Hash(path)
	return File{Bytes: n, SHA256: sum}, err
}

// sealed is a record with the hash of its own text.
type sealed struct {
	SHA256 string          `json:"sha256"`
	Record json.RawMessage `json:"record"`
}

// record reads the record in a folder.
func (s *Store) record(folder string) (*Record, error) {
	text, err := os.ReadFile(filepath.Join(folder, recordName))
	if err != nil {
		return nil, err
	}
	var outer sealed
	if err := json.Unmarshal(text, &outer); err != nil {
		return nil, fmt.Errorf("its record: %w", err)
	}
	sum := sha256.Sum256(outer.Record)
	if hex.EncodeToString(sum[:]) != outer.SHA256 {
		return nil, errors.New("its record is not what was written")
	}
	r := &Record{}
	if err := json.Unmarshal(outer.Record, r); err != nil {
		return nil, err
	}
	return r, nil
}

// syncAll waits until the files of a folder are on the disk.
func syncAll(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, e := range append(entries, nil) {
		path := folder // after its files
		if e != nil {
			path = filepath.Join(folder, e.Name())
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		if err := errors.Join(file.Sync(), file.Close()); err != nil {
			return err
		}
	}
	return nil
}

// seal writes the record of the files in a folder.
func (s *Store) seal(folder string, r *Record) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	r.Files = map[string]File{}
	for _, e := range entries {
		if r.Files[e.Name()], err = hashFile(filepath.Join(folder, e.Name())); err != nil {
			return err
		}
	}
	inner, err := json.Marshal(r)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(inner)
	text, err := json.Marshal(sealed{hex.EncodeToString(sum[:]), inner})
	if err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(folder, recordName), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}
