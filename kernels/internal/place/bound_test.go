package place

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestRemoveOldest: what was used longest ago goes, folders too, and no more than has to.
func TestRemoveOldest(t *testing.T) {
	for most, want := range map[int64][]string{100: {"a", "b", "c"}, 60: {"a", "b", "c"}, 59: {"a", "c"}, 30: {"a"}, 0: nil} {
		dir := t.TempDir()
		var all []Kept
		for i, name := range []string{"a", "b", "c"} { // used in the order b, c, a
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Join(path, "in"), 0o700); err != nil {
				t.Fatal(err)
			}
			all = append(all, Kept{path, time.Unix(int64((i+2)%3), 0), int64(30 - 10*i)})
		}
		all = append(all, Kept{filepath.Join(dir, "gone"), time.Unix(0, 0), 0})
		if err := RemoveOldest(all, most); err != nil {
			t.Fatal(err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		var left []string
		for _, e := range entries {
			left = append(left, e.Name())
		}
		if diff := cmp.Diff(want, left); diff != "" {
			t.Errorf("within %d bytes (-want +got):\n%s", most, diff)
		}
	}
}
