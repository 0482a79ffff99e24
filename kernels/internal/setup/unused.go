package setup

import (
	"os"
	"path/filepath"
	"slices"
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

// earlier is how many older sets of tools a checkout keeps: its branches may differ in them, and take turns.
const earlier = 3

// removeEarlier removes tools that were built for earlier states of this checkout, but for the last few and those that
// are in use or that a kernel of any checkout names: whoever works on the kernel builds them many times a day.
func (in *Installer) removeEarlier(set toolset, dir string) {
	named := map[string]bool{dir: true}
	checkouts := filepath.Join(in.Lab.Dir, "checkouts")
	entries, err := os.ReadDir(checkouts)
	if err != nil {
		return
	}
	for _, e := range entries {
		kernels := []string{filepath.Join(checkouts, e.Name(), "share", "jupyter", "kernels", KernelGo)}
		for _, r := range readRegistrations(filepath.Join(checkouts, e.Name())) {
			kernels = append(kernels, r.dir(KernelGo))
		}
		for _, kernel := range kernels {
			if spec, err := readSpec(kernel); err == nil && len(spec.Argv) > 0 {
				named[filepath.Dir(spec.Argv[0])], named[filepath.Dir(spec.Gopls())] = true, true
			}
		}
	}
	if entries, err = os.ReadDir(in.Lab.Dir); err != nil {
		return
	}
	var old []string
	for _, e := range entries {
		path := filepath.Join(in.Lab.Dir, e.Name())
		if strings.HasPrefix(e.Name(), set.prefix) && !named[path] &&
			readMarker(filepath.Join(path, toolsMarker)).Repo == in.Lab.Repo {
			old = append(old, path)
		}
	}
	slices.SortFunc(old, func(a, b string) int { return place.LastUsed(b).Compare(place.LastUsed(a)) })
	for _, path := range old[min(len(old), earlier):] {
		if place.Remove(path) {
			in.said("removed", "%s, of an earlier state of the checkout", path)
		}
	}
}
