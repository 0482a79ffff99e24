package setup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/proof"
	"github.com/go-siamese/lab/kernels/plugin"
)

// Where the pinned plugin runs, and the library in its wheel.
const (
	wheelPlatform = "linux/amd64"
	wheelEntry    = "lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so"
)

// officialURL is the address of the official release's archive, for a release and a platform such as linux_amd64.
const officialURL = "https://github.com/gomlx/pjrt-cpu-binaries/releases/download/%s/pjrt_cpu_%s.tar.gz"

// officialEntry matches the library in the official archive, whose name has the release in it.
var officialEntry = regexp.MustCompile(`^(\./)?pjrt_c_api_cpu_[A-Za-z0-9._-]+_plugin\.(so|dylib)$`)

// maxPlugin is the largest library that is taken out of an archive, in bytes; the known ones have about 200 MB. It
// bounds what a damaged or forged archive can write.
const maxPlugin = 1 << 30

// ensurePlugin puts the XLA plugin in place if none is there, and returns it. When none can be had it returns the
// reason as a value (notUsed), not as an error: the pure-Go backend serves then. An error means that a source was tried
// and failed (with notUsed or, where an older plugin serves, with that), or, where it matches [ErrPrerequisite], that
// the user named a plugin that is not there. python is the interpreter of the virtual environment.
func (in *Installer) ensurePlugin(ctx context.Context, python string) (p plugin.Plugin, notUsed string, err error) {
	if in.Options.NoXLA {
		return plugin.Plugin{}, "left out by --no-xla", nil
	}
	// Without a C compiler a plugin could not be used, and it is large.
	if _, err := in.Go.Compiler(); err != nil {
		return plugin.Plugin{}, err.Error(), nil
	}
	// Only that none is there is no error: a path that GOMLX_BACKEND names and that is wrong is the user's to mend.
	had, err := in.findPlugin()
	if err != nil && !errors.Is(err, plugin.ErrNone) {
		return plugin.Plugin{}, "", fmt.Errorf("%w: %w\n  mend: name a plugin that is there, or unset %s",
			ErrPrerequisite, err, plugin.BackendEnv)
	}
	// What is there is used unless the user asks for another by its digest, the pinned one has changed since, or it is
	// damaged.
	have := err == nil
	if have {
		err = in.proven(had)
	}
	switch {
	case err != nil && (had.Path != "" || errors.Is(err, proof.ErrDamaged)):
		in.said("xla plugin", "to be replaced: %v", err)
		have = false
	case have && in.Options.PluginSHA256 == "" && !had.Outdated():
		in.said("xla plugin", "already there: %s (%s)", had.Path, origin(had))
		return had, "", nil
	}
	if why := in.missing(); why != "" {
		if have {
			in.said("xla plugin", "keeping the one that is there: %s (%s)", had.Path, origin(had))
			return had, "", nil
		}
		in.said("xla plugin", "not there: %s", why)
		return plugin.Plugin{}, why, nil
	}
	var failures []error
	// The first that works. What the others said is kept for the error, where none does.
	for _, source := range in.sources() {
		if source.pass != "" {
			in.said("xla plugin", "skipping %s %s: %s", source.name, source.version, source.pass)
			continue
		}
		var got plugin.Plugin
		err := in.timed("xla plugin", source.name+" "+source.version, func(*step) error {
			got, err = in.install(ctx, python, source)
			return err
		})
		if err == nil {
			return got, "", nil
		}
		// The user stopped the installation: no other source is tried.
		if ctx.Err() != nil {
			return plugin.Plugin{}, "", ctx.Err()
		}
		failures = append(failures, fmt.Errorf("%s: %w", source.name, err))
		if errors.Is(err, ErrTampered) { // that is no failure of the network, and is never passed over
			return plugin.Plugin{}, "the plugin could not be installed: " + err.Error(), errors.Join(failures...)
		}
		in.said("xla plugin", "failed: %v", failures[len(failures)-1])
	}
	in.noteMissing(failures)
	// A plugin that works is better than none, whatever happened to the new one.
	if have {
		in.said("xla plugin", "keeping the one that is there: %s (%s)", had.Path, origin(had))
		return had, "", errors.Join(failures...)
	}
	if len(failures) > 0 {
		why := "the plugin could not be installed: " + failures[len(failures)-1].Error()
		return plugin.Plugin{}, why, errors.Join(failures...)
	}
	return plugin.Plugin{}, fmt.Sprintf("there is no pinned plugin for %s/%s; give the official release's digest with "+
		"--plugin-sha256, or name a plugin with GOMLX_BACKEND=xla:/path", in.Go.GOOS, in.Go.GOARCH), nil
}

// findPlugin is [plugin.Find], with other directories for go-xla's in tests: those of the machine may hold a plugin.
func (in *Installer) findPlugin() (plugin.Plugin, error) {
	if in.goxla != nil {
		return plugin.FindIn(in.Lab.Dir, in.goxla)
	}
	return plugin.Find(in.Lab.Dir)
}

// source is one place to get the plugin from.
type source struct {
	// sha256 is the digest of the archive, which is not opened unless it has it.
	name, version, sha256 string
	// library is the digest of the library in the archive; "" = it is not known.
	library string
	// pass is why it is passed over; "" = it is tried.
	pass string
	// download fetches the archive into dir and returns its path.
	download func(ctx context.Context, python, dir string) (archive string, err error)
	// open hands the library in the archive to write, and fails if it has more than limit bytes.
	open func(archive string, limit int64, write func(io.Reader) error) error
}

// sources returns the places to get the plugin from, best first. Each is pinned by version and digest; the official
// release publishes none, so it is tried only with the user's, and then alone.
func (in *Installer) sources() []source {
	platform := in.Go.GOOS + "_" + in.Go.GOARCH
	url := in.Options.PluginURL
	if url == "" {
		url = fmt.Sprintf(officialURL, plugin.Release, platform)
	}
	official := source{name: "official release", version: plugin.Release, open: openTarGz,
		sha256: strings.ToLower(in.Options.PluginSHA256)}
	official.download = func(ctx context.Context, _, dir string) (string, error) {
		return downloadFile(ctx, url, filepath.Join(dir, "plugin.tar.gz"), in.maxSize())
	}
	if official.sha256 != "" {
		return []source{official} // asked for by name: no other will do
	}
	official.pass = "it publishes no digest to pin; give the one you trust with --plugin-sha256"
	wheel := source{name: plugin.Package, version: plugin.Version, sha256: plugin.Wheel, library: plugin.Library,
		open: openWheel}
	wheel.download = in.fetchWheel
	if wheel.download == nil {
		wheel.download = in.pipDownload
	}
	if in.Go.GOOS+"/"+in.Go.GOARCH != wheelPlatform {
		wheel.pass = "it is for " + wheelPlatform + " only"
	}
	return []source{official, wheel}
}

// plugins returns the directory that holds our plugins.
func (in *Installer) plugins() string { return plugin.Folder(in.Lab.Dir) }

// maxSize returns the limit of a plugin's size in bytes.
func (in *Installer) maxSize() int64 {
	if in.limit > 0 {
		return in.limit
	}
	return maxPlugin
}

// install gets the plugin from a source and checks it at every step: the archive's digest before it is opened, the size
// while it is unpacked, and that the library loads on this machine. Only then it is put where it is used from, and
// recorded, in this order: a record always names a whole library. Whatever fails, a plugin that is there stays as it
// is.
func (in *Installer) install(ctx context.Context, python string, from source) (plugin.Plugin, error) {
	if err := os.MkdirAll(in.plugins(), 0o755); err != nil {
		return plugin.Plugin{}, err
	}
	// In the directory of plugins, so that the rename below is atomic.
	tmp, err := os.MkdirTemp(in.plugins(), ".new-*")
	if err != nil {
		return plugin.Plugin{}, err
	}
	defer os.RemoveAll(tmp)
	archive, err := from.download(ctx, python, tmp)
	if err != nil {
		return plugin.Plugin{}, err
	}
	got, err := proof.Of(archive)
	if err != nil {
		return plugin.Plugin{}, err
	}
	if got.SHA256 != from.sha256 {
		return plugin.Plugin{}, fmt.Errorf("%w: wrong checksum: the archive has sha256 %s, %s is pinned; it was not opened",
			ErrTampered, got.SHA256, from.sha256)
	}
	library := filepath.Join(tmp, pluginFile)
	err = from.open(archive, in.maxSize(), func(r io.Reader) error {
		_, err := copyTo(ctx, library, r)
		return err
	})
	if err != nil {
		return plugin.Plugin{}, err
	}
	// What was written is hashed, rather than the stream: the record is of what lies on the disk.
	is, err := proof.Of(library)
	if err != nil {
		return plugin.Plugin{}, err
	}
	if from.library != "" && is.SHA256 != from.library {
		return plugin.Plugin{}, fmt.Errorf("%w: the library has sha256 %s, %s is pinned", ErrTampered, is.SHA256, from.library)
	}
	// A library for another processor, or for a newer C library, has the right digest and is of no use.
	if _, err := ProbePlugin(ctx, python, library); err != nil {
		return plugin.Plugin{}, err
	}
	// The name carries the digest: a library that a running kernel has loaded is never written over, and those of
	// checkouts that pin others lie beside it.
	dir := filepath.Join(in.plugins(), from.version+"-"+is.SHA256[:12])
	p := plugin.Plugin{Path: filepath.Join(dir, pluginFile), Source: from.name, Version: from.version,
		Archive: from.sha256, SHA256: is.SHA256, Size: is.Size}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return plugin.Plugin{}, err
	}
	if err := os.Rename(library, p.Path); err != nil {
		return plugin.Plugin{}, err
	}
	for _, record := range []string{plugin.Beside(p.Path), plugin.Record(in.Lab.Dir)} {
		if err := writeRecord(record, p); err != nil {
			return plugin.Plugin{}, err
		}
	}
	os.Remove(in.missingNote())
	return plugin.Recorded(in.Lab.Dir)
}

// writeRecord writes a plugin's record, with the library's path as seen from there.
func writeRecord(record string, p plugin.Plugin) (err error) {
	if p.Path, err = filepath.Rel(filepath.Dir(record), p.Path); err != nil {
		return err
	}
	content, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	return place.WriteFile(record, append(content, '\n'), 0o644)
}

// proven returns an error if a plugin that we installed is not as it was installed; with Verify its bytes are read
// whatever is known of them.
func (in *Installer) proven(p plugin.Plugin) error {
	if !p.Installed() {
		return nil
	}
	place.Use(filepath.Dir(p.Path))
	// The model looks beside the library before it loads it.
	if _, err := os.Stat(plugin.Beside(p.Path)); errors.Is(err, fs.ErrNotExist) {
		if err := writeRecord(plugin.Beside(p.Path), p); err != nil {
			return err
		}
	}
	if in.Options.Verify {
		if err := (proof.File{Size: p.Size, SHA256: p.SHA256}).Read(p.Path); err != nil {
			return err
		}
	}
	return plugin.Check(p.Path)
}
