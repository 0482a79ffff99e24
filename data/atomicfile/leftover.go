package atomicfile

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// tempEnding is how names of temporary files end. Names begin with a dot, so that nobody lists a half-written table.
const tempEnding = ".tmp"

// tempPrefix returns how the names of the temporary files of target begin. Long names are cut, so that a name which the
// file system just takes has room for what is added.
func tempPrefix(target string) string {
	name := filepath.Base(target)
	return "." + name[:min(len(name), 200)] + "."
}

// tempPattern returns the names of the temporary files of target for [os.CreateTemp].
func tempPattern(target string) string { return tempPrefix(target) + "*" + tempEnding }

// removeLeftovers removes the temporary files of target that killed processes have left. A file that a living process
// writes is locked by it and stays, and so do all where there are no locks. What cannot be removed does no harm.
func removeLeftovers(target string) {
	entries, err := os.ReadDir(filepath.Dir(target))
	if err != nil {
		return
	}
	prefix := tempPrefix(target)
	for _, entry := range entries {
		rest, found := strings.CutPrefix(entry.Name(), prefix)
		random, temp := strings.CutSuffix(rest, tempEnding)
		if !found || !temp || strings.Trim(random, "0123456789") != "" || random == "" || !entry.Type().IsRegular() {
			continue
		}
		path := filepath.Join(filepath.Dir(target), entry.Name())
		lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
		if free, err := lock.TryLock(); free && err == nil {
			_ = os.Remove(path)
		}
		_ = lock.Close()
	}
}
