package cache

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// evict removes the least recently used frames until the rest are within the limit, and the
// remains of crashes and of files long gone. The frame just made stays, even alone beyond
// the limit. Other processes may do the same at the same time: a file that is gone already
// is no error. Files that the cache does not know are left alone.
func (c *cache) evict() error {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return err
	}
	var frames []fs.FileInfo
	total := int64(0)
	for _, entry := range entries {
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // another process was faster
		}
		if err != nil {
			return err
		}
		age := time.Since(info.ModTime())
		switch name := entry.Name(); {
		case strings.HasSuffix(name, ".frame"), strings.HasSuffix(name, rowsEnding):
			frames = append(frames, info)
			total += info.Size()
		// A temporary file may be one that another process is writing; no write takes a
		// day. References of files that were not hashed for 90 days cost little to make
		// again.
		case strings.HasSuffix(name, ".tmp") && age > 24*time.Hour, strings.HasSuffix(name, ".ref") &&
			age > 90*24*time.Hour:
			if err := c.remove(name); err != nil {
				return err
			}
		}
	}
	limit := c.limit
	if limit == 0 {
		limit = 10 << 30
	}
	slices.SortFunc(frames, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, old := range frames {
		if total <= limit {
			break
		}
		if old.Name() == filepath.Base(c.frame) {
			continue // the one that was just made
		}
		if err := c.remove(old.Name()); err != nil {
			return err
		}
		total -= old.Size()
	}
	return nil
}

// remove deletes a file of the cache. Frames that are mapped stay readable until they are
// let go, as the system keeps their content.
func (c *cache) remove(name string) error {
	err := os.Remove(filepath.Join(c.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
