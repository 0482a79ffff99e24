package setup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/proc"
	"github.com/go-siamese/lab/kernels/internal/proof"
	"github.com/go-siamese/lab/kernels/plugin"
)

// bundleFile is the list of a bundle: what it is for, and its files. It is written last.
const bundleFile = "bundle.json"

// bundle is what a machine without a network needs to install: Python's packages and the plugin as wheels, and Go's
// modules as the folder of a proxy.
type bundle struct {
	Pins     string `json:"pins"`     // the digest of the checkout's pins
	System   string `json:"system"`   // the system and processor, such as linux/amd64
	Python   string `json:"python"`   // the version of Python that the packages are for, such as 3.12
	Checkout string `json:"checkout"` // the name of the checkout's folder, for people
	// Files are all others, by their path with slashes.
	Files map[string]proof.File `json:"files"`
}

// The folders of a bundle.
const (
	bundleWheels  = "wheels"
	bundleModules = "modules"
)

// ErrBundle marks errors about a bundle that does not fit the machine or the checkout.
var ErrBundle = errors.New("the bundle does not fit")

// pins returns the digest of all that says which packages, modules and plugin belong to the checkout.
func pins(lab place.Lab) (string, error) {
	parts := []string{plugin.Wheel}
	for _, path := range []string{lab.Requirements(), lab.ToolsMod(), strings.TrimSuffix(lab.ToolsMod(), ".mod") + ".sum",
		filepath.Join(lab.Repo, "go.mod"), filepath.Join(lab.Repo, "go.sum")} {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("the checkout's pins: %w", err)
		}
		parts = append(parts, string(text))
	}
	return digest(parts...), nil
}

// Bundle writes all that [Installer.Install] fetches into a directory, which must be new or empty or a bundle, for a
// machine of the same system and version of Python.
func (in *Installer) Bundle(ctx context.Context, dir string) (err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	if err := emptied(dir); err != nil {
		return err
	}
	b := bundle{System: in.Go.GOOS + "/" + in.Go.GOARCH, Checkout: filepath.Base(in.Lab.Repo), Files: map[string]proof.File{}}
	if b.Pins, err = pins(in.Lab); err != nil {
		return err
	}
	python, version, err := FindPython(ctx, in.Options.Python)
	if err != nil {
		return err
	}
	b.Python = version
	wheels := filepath.Join(dir, bundleWheels)
	if err := os.MkdirAll(wheels, 0o755); err != nil {
		return err
	}
	err = in.timed("python", "fetching the packages for Python "+version, func(*step) error {
		args := []string{"-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check", "--require-hashes",
			"--no-deps", "-r", in.Lab.Requirements(), "-d", wheels}
		if _, err := isolated(python, args...).Run(ctx); err != nil {
			return fmt.Errorf("fetching the Python packages: %w", in.mendPip(err))
		}
		return nil
	})
	if err == nil && b.System == wheelPlatform && !in.Options.NoXLA {
		err = in.timed("xla plugin", plugin.Package+" "+plugin.Version, func(*step) error {
			return in.bundlePlugin(ctx, python, wheels)
		})
	}
	if err == nil {
		err = in.timed("modules", "fetching the modules of cells and tools", func(*step) error {
			return in.bundleModules(ctx, filepath.Join(dir, bundleModules))
		})
	}
	if err != nil {
		return err
	}
	if err := b.list(dir); err != nil {
		return err
	}
	content, err := json.MarshalIndent(b, "", " ")
	if err != nil {
		return err
	}
	in.said("bundle", "%d files in %s", len(b.Files), dir)
	return place.WriteFile(filepath.Join(dir, bundleFile), append(content, '\n'), 0o644)
}

// emptied removes an older bundle from a directory. It fails if something else is there.
func emptied(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		switch e.Name() {
		case bundleFile, bundleWheels, bundleModules:
		default:
			return fmt.Errorf("%s holds %q, which is not of a bundle: name a new folder", dir, e.Name())
		}
	}
	// The list first: without it the rest is no bundle.
	for _, name := range []string{bundleFile, bundleWheels, bundleModules} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// bundlePlugin puts the plugin's wheel beside the others.
func (in *Installer) bundlePlugin(ctx context.Context, python, wheels string) error {
	tmp, err := os.MkdirTemp(wheels, ".plugin-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	fetch := in.fetchWheel
	if fetch == nil {
		fetch = in.pipDownload
	}
	wheel, err := fetch(ctx, python, tmp)
	if err != nil {
		return err
	}
	return os.Rename(wheel, filepath.Join(wheels, filepath.Base(wheel)))
}

// bundleModules has the go command fetch all modules that installing and running take into a cache of its own, and keeps
// of it what is a proxy's. What is in the user's cache is not fetched again.
func (in *Installer) bundleModules(ctx context.Context, to string) error {
	cache, err := os.MkdirTemp(filepath.Dir(to), ".modules-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(cache)
	env := []string{"GOMODCACHE=" + cache, "GOFLAGS=-modcacherw", "GOWORK=off", "GOSUMDB=" + in.goSum(),
		"GOPROXY=" + fileURL(filepath.Join(in.Go.GOMODCACHE, "cache", "download")) + "," + in.Go.GOPROXY}
	var tools []string
	for _, set := range []toolset{kernelTools, completionTools} {
		for _, t := range set.tools {
			tools = append(tools, t.pkg)
		}
	}
	lists := [][]string{{"list", "-deps", "./..."}, append([]string{"list", "-deps", "-modfile=" + in.Lab.ToolsMod(),
		"-mod=readonly"}, tools...)}
	for _, args := range lists {
		if _, err := (proc.Cmd{Name: in.Go.Go(), Dir: in.Lab.Repo, Env: env, Args: args}).Run(ctx); err != nil {
			return fmt.Errorf("fetching modules: %w", in.mendModules(err))
		}
	}
	for _, kernel := range []string{KernelXLA, KernelGo} {
		cmd, packages, remove, err := in.cellModule(ctx, kernel, env)
		if err != nil {
			return in.fetching(err)
		}
		defer remove()
		cmd.Args = append([]string{"list", "-deps"}, packages...)
		if _, err := cmd.Run(ctx); err != nil {
			return in.fetching(err)
		}
	}
	return os.Rename(filepath.Join(cache, "cache", "download"), to)
}

// list adds all files of the bundle to its list.
func (b bundle) list(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		b.Files[filepath.ToSlash(name)], err = proof.Of(path)
		return err
	})
}

// openBundle reads a bundle's list and proves all of its files. It fails if the bundle is not for this checkout and
// system, or if a file is not as it was bundled; the error says which.
func (in *Installer) openBundle(dir string) error {
	content, err := os.ReadFile(filepath.Join(dir, bundleFile))
	if err != nil {
		return fmt.Errorf("%s is no whole bundle: %w", dir, err)
	}
	var b bundle
	if err := json.Unmarshal(content, &b); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(dir, bundleFile), err)
	}
	want, err := pins(in.Lab)
	if err != nil {
		return err
	}
	switch system := in.Go.GOOS + "/" + in.Go.GOARCH; {
	case b.System != system:
		return fmt.Errorf("%w: it was made on %s, and this is %s", ErrBundle, b.System, system)
	case b.Pins != want:
		return fmt.Errorf("%w: it is of another state of the checkout (%s): make it from the one that is installed here",
			ErrBundle, b.Checkout)
	}
	for name, is := range b.Files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return fmt.Errorf("%w: its list names %q", ErrTampered, name)
		}
		if err := is.Read(path); err != nil {
			return fmt.Errorf("%w: of the bundle: %w", ErrTampered, err)
		}
	}
	in.bundlePython = b.Python
	return nil
}

// BundleProxy returns the address of the modules of a bundle, as GOPROXY has it.
func BundleProxy(dir string) string {
	if absolute, err := filepath.Abs(dir); err == nil {
		dir = absolute
	}
	return fileURL(filepath.Join(dir, bundleModules))
}

// fileURL returns the address of a folder as Go's proxies are named. Its commas would part it from others.
func fileURL(dir string) string {
	address := (&url.URL{Scheme: "file", Path: filepath.ToSlash(dir)}).String()
	return strings.NewReplacer(",", "%2C", "|", "%7C").Replace(address)
}
