package setup

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/plugin"
)

// digested begins the names of the folders in the lab's directory whose names end in the digest of what they hold.
var digested = []string{"venv-", kernelTools.prefix, completionTools.prefix, shimsPrefix}

// removeUnused removes environments, tools and plugins that no process uses and none has used for [place.Unused], and
// what belongs to checkouts that are gone as long. It says what it removes.
func (in *Installer) removeUnused(now time.Time) {
	var old []string
	add := func(dir string, wanted func(name string) bool) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return
		}
		for _, e := range entries {
			path := filepath.Join(dir, e.Name())
			if e.IsDir() && wanted(e.Name()) && now.Sub(place.LastUsed(path)) > place.Unused {
				old = append(old, path)
			}
		}
	}
	add(in.Lab.Dir, func(name string) bool {
		for _, prefix := range digested {
			if strings.HasPrefix(name, prefix) {
				return true
			}
		}
		return false
	})
	last, err := plugin.Recorded(in.Lab.Dir)
	add(in.plugins(), func(name string) bool {
		return err == nil && filepath.Join(in.plugins(), name) != filepath.Dir(last.Path)
	})
	checkouts := filepath.Join(in.Lab.Dir, "checkouts")
	add(checkouts, func(name string) bool {
		repo := readText(filepath.Join(checkouts, name, ownerFile))
		return repo != "" && !place.IsCheckout(repo)
	})
	for _, path := range old {
		since := place.LastUsed(path).Format(time.DateOnly)
		if place.Remove(path) {
			in.said("removed", "%s, which nothing has used since %s", path, since)
		}
	}
}

// ownerFile is the file in a checkout's folder that names the checkout.
const ownerFile = "checkout"
