package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Entry is a value of the list.
type Entry struct {
	*Record
	Used time.Time
}

// List returns all values, those used last first. Those whose record is damaged are left out: the next call that wants
// them finds out.
func (s *Store) List() ([]Entry, error) {
	folders, err := os.ReadDir(filepath.Join(s.dir, "values"))
	if err != nil {
		return nil, err
	}
	var out []Entry
	for _, f := range folders {
		folder := filepath.Join(s.dir, "values", f.Name())
		info, err := os.Stat(filepath.Join(folder, recordName))
		if err != nil {
			continue
		}
		if r, err := s.record(folder); err == nil {
			out = append(out, Entry{r, info.ModTime()})
		}
	}
	slices.SortFunc(out, func(a, b Entry) int { return b.Used.Compare(a.Used) })
	return out, nil
}

// Clear removes the values with the given keys, and with nil all of them, with what was begun for others. It returns
// the number and the bytes of what it removed.
func (s *Store) Clear(keys []string) (removed int, bytes int64, err error) {
	unlock, err := s.lock()
	if err != nil {
		return 0, 0, err
	}
	defer unlock()
	entries, err := s.List()
	if err != nil {
		return 0, 0, err
	}
	for _, e := range entries {
		if keys != nil && !slices.Contains(keys, e.Key) {
			continue
		}
		if err := s.remove(e.Key); err != nil {
			return removed, bytes, err
		}
		removed, bytes = removed+1, bytes+e.Bytes()
	}
	if keys == nil { // damaged ones, which the list lacks, too
		for _, part := range []string{"values", "work"} {
			left, _ := os.ReadDir(filepath.Join(s.dir, part))
			for _, f := range left {
				err = errors.Join(err, os.RemoveAll(filepath.Join(s.dir, part, f.Name())))
			}
		}
	}
	return removed, bytes, err
}

// bound removes the values that were not used for longest until the others fit, but never kept.
func (s *Store) bound(kept string) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	entries, err := s.List()
	if err != nil {
		return err
	}
	var sum int64
	for _, e := range entries {
		if e.Key == kept {
			sum = e.Bytes()
		}
	}
	for _, e := range entries { // the last used first
		if e.Key == kept {
			continue
		}
		if sum += e.Bytes(); sum <= s.most {
			continue
		}
		if err := s.remove(e.Key); err != nil {
			return err
		}
		sum -= e.Bytes()
	}
	return nil
}

// sweep removes what processes that are gone have begun and not finished.
func (s *Store) sweep() error {
	begun, err := os.ReadDir(filepath.Join(s.dir, "begun"))
	if err != nil {
		return err
	}
	for _, f := range begun {
		name, _, _ := strings.Cut(f.Name(), "-")
		pid, err := strconv.Atoi(name)
		if err == nil && !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			continue
		}
		err = os.RemoveAll(filepath.Join(s.dir, "begun", f.Name()))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
