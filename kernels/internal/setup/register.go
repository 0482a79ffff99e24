package setup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/place"
)

// defaultPrefix is what the names of kernels begin with, unless the user chooses another.
const defaultPrefix = "siamese"

// UserKernels returns the directory where the user's own Jupyter looks for kernels, which differs between systems.
func UserKernels() (string, error) {
	// Jupyter's own variable for it wins over the places that it uses by default.
	if dir := os.Getenv("JUPYTER_DATA_DIR"); dir != "" {
		return filepath.Join(dir, "kernels"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("the user's own kernels: %w", err)
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Jupyter", "kernels"), nil
	}
	return filepath.Join(home, ".local", "share", "jupyter", "kernels"), nil
}

// errNoPrefix is the error of [PrefixKernels] outside of an environment.
var errNoPrefix = errors.New("--sys-prefix: no environment of Python is active (neither VIRTUAL_ENV nor CONDA_PREFIX " +
	"is set): activate the one whose Jupyter is to have the kernels, or use --user")

// PrefixKernels returns the directory where Jupyter in the active environment of Python looks for kernels: a virtual
// one's, else conda's. It fails if none is active.
func PrefixKernels() (string, error) {
	for _, name := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if dir := os.Getenv(name); dir != "" {
			if info, err := os.Stat(dir); err != nil || !info.IsDir() {
				return "", fmt.Errorf("--sys-prefix: %s names %s, which is no folder", name, dir)
			}
			return filepath.Join(dir, "share", "jupyter", "kernels"), nil
		}
	}
	return "", errNoPrefix
}

// registration is a place outside of the lab's directory where kernels of this checkout are.
type registration struct {
	Dir    string `json:"dir"`    // where a Jupyter looks for kernels
	Prefix string `json:"prefix"` // what the kernels' names there begin with
}

// dir returns the directory of one of the kernels there.
func (r registration) dir(kernel string) string {
	return filepath.Join(r.Dir, r.Prefix+strings.TrimPrefix(kernel, defaultPrefix))
}

// registrations is the file that keeps them, so that an installation brings them up to date and uninstall removes them.
func registrations(checkout string) string { return filepath.Join(checkout, "registered.json") }

// readRegistrations returns the registrations of the checkout whose directory in the lab's that is; none if there are
// none, or the file cannot be read.
func readRegistrations(checkout string) []registration {
	var list []registration
	content, err := os.ReadFile(registrations(checkout))
	if err != nil || json.Unmarshal(content, &list) != nil {
		return nil
	}
	return list
}

// ErrNameTaken is the error of a name under which another checkout's kernels, or kernels of others, are registered.
var ErrNameTaken = errors.New("the name is taken: choose another with --name")

// register writes kernelspecs where the options say, and brings those up to date that were registered before. A kernel
// builds cells with the code of its own checkout, so that checkouts never take each other's kernels: where the usual
// name is taken, the checkout's is in it. Where kernels of several are, their names for people say which.
func (in *Installer) register(specs map[string]Spec) error {
	old := readRegistrations(in.Lab.Checkout())
	list := slices.DeleteFunc(slices.Clone(old), func(r registration) bool { // taken by another since, or removed
		owner, there := owner(r.dir(KernelGo))
		return !there || owner != in.Lab.Repo || slices.Contains(in.Options.Register, r.Dir)
	})
	for _, dir := range in.Options.Register {
		prefix, err := in.prefix(dir, old)
		if err != nil {
			return err
		}
		list = append(list, registration{Dir: dir, Prefix: prefix})
	}
	for _, r := range old { // under another name before
		if !slices.Contains(list, r) {
			in.unregister(r)
		}
	}
	for _, r := range list {
		if err := in.registerIn(r, specs); err != nil {
			return fmt.Errorf("kernels in %s: %w", r.Dir, err)
		}
	}
	if len(list) == 0 && len(old) == 0 {
		return nil
	}
	content, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return err
	}
	_, err = place.WriteIfOther(registrations(in.Lab.Checkout()), append(content, '\n'), 0o644)
	return err
}

// prefix returns what the names of the kernels in dir begin with: the user's choice, the one that they have already, or
// the first that is free.
func (in *Installer) prefix(dir string, old []registration) (string, error) {
	own := place.Plain(filepath.Base(in.Lab.Repo))
	candidates := []string{defaultPrefix, defaultPrefix + "-" + own,
		defaultPrefix + "-" + filepath.Base(in.Lab.Checkout())}
	for _, r := range old {
		if r.Dir == dir {
			candidates = append([]string{r.Prefix}, candidates...)
		}
	}
	if in.Options.Name != "" {
		candidates = []string{in.Options.Name}
	}
	var by string
	for _, prefix := range candidates {
		checkout, there := owner(registration{dir, prefix}.dir(KernelGo))
		if !there || checkout == in.Lab.Repo || checkout != "" && !place.IsCheckout(checkout) {
			return prefix, nil
		}
		by = checkout
	}
	return "", fmt.Errorf("kernels %s-* in %s are those of %q: %w", candidates[0], dir, by, ErrNameTaken)
}

// owner returns the checkout of the kernel in a directory, "" if it is no kernel of the lab, and whether there is one.
func owner(dir string) (checkout string, there bool) {
	spec, err := readSpec(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return "", false
	}
	return spec.Checkout(), true
}

// registerIn writes the kernelspecs of one registration. Those of its kernels that there are no more are removed.
func (in *Installer) registerIn(r registration, specs map[string]Spec) error {
	others := otherCheckouts(r.Dir, in.Lab.Repo)
	wrote := false
	var names []string
	for _, kernel := range kernelNames {
		spec, ok := specs[kernel]
		if !ok {
			if checkout, there := owner(r.dir(kernel)); there && (checkout == in.Lab.Repo || !place.IsCheckout(checkout)) {
				if err := os.RemoveAll(r.dir(kernel)); err != nil {
					return err
				}
			}
			continue
		}
		if len(others) > 0 {
			spec.DisplayName = displays[kernel] + " · " + label(in.Lab.Repo, others)
		}
		name := filepath.Base(r.dir(kernel))
		w, err := writeSpec(r.Dir, name, spec)
		if err != nil {
			return err
		}
		wrote, names = wrote || w, append(names, name)
	}
	for _, kernels := range others {
		for _, dir := range kernels {
			if err := in.tellApart(dir, others); err != nil {
				return err
			}
		}
	}
	state := "already there"
	if wrote {
		state = "written"
	}
	in.said("kernels", "%s: %s in %s", state, strings.Join(names, " and "), r.Dir)
	return nil
}

// otherCheckouts returns the directories of kernels of other checkouts among those in dir, by checkout.
func otherCheckouts(dir, repo string) map[string][]string {
	found := map[string][]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		kernel := filepath.Join(dir, e.Name())
		if checkout, _ := owner(kernel); checkout != "" && checkout != repo && place.IsCheckout(checkout) {
			found[checkout] = append(found[checkout], kernel)
		}
	}
	return found
}

// tellApart adds the checkout to the name for people of another checkout's kernel, if it is not in it.
func (in *Installer) tellApart(dir string, others map[string][]string) error {
	spec, err := readSpec(dir)
	if err != nil || strings.Contains(spec.DisplayName, " · ") {
		return err
	}
	all := map[string][]string{in.Lab.Repo: nil}
	for checkout := range others {
		if checkout != spec.Checkout() {
			all[checkout] = nil
		}
	}
	spec.DisplayName += " · " + label(spec.Checkout(), all)
	_, err = writeSpec(filepath.Dir(dir), filepath.Base(dir), spec)
	return err
}

// label returns what tells a checkout from others in the name of a kernel: the name of its folder, or all of its path
// where another folder has the same name.
func label(repo string, others map[string][]string) string {
	for other := range others {
		if filepath.Base(other) == filepath.Base(repo) {
			return repo
		}
	}
	return filepath.Base(repo)
}

// unregister removes the kernels of a registration that are still the checkout's, and returns their directories.
func (in *Installer) unregister(r registration) (removed []string) {
	for _, kernel := range kernelNames {
		if checkout, there := owner(r.dir(kernel)); there && checkout == in.Lab.Repo && os.RemoveAll(r.dir(kernel)) == nil {
			removed = append(removed, r.dir(kernel))
		}
	}
	return removed
}
