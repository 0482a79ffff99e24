package setup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/plugin"
)

// The plugin as PyPI carries it: package, version, and the digest of its only wheel.
const (
	wheelPackage  = "lammps-jax-pjrt-cpu"
	wheelVersion  = "0.11.2"
	wheelSHA256   = "1319390d948b39f69f7dade496b7c385149d9ca6097a6b62114da113216d9ad1"
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
	// What is there is used unless the user asks for another by its digest, or the pinned one has changed since.
	have := err == nil
	if have && in.Options.PluginSHA256 == "" && !outdated(had) {
		in.said("xla plugin", "already there: %s (%s)", had.Path, origin(had))
		return had, "", nil
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
		in.said("xla plugin", "failed: %v", failures[len(failures)-1])
	}
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
	wheel := source{name: wheelPackage, version: wheelVersion, sha256: wheelSHA256, open: openWheel}
	wheel.download = in.fetchWheel
	if wheel.download == nil {
		wheel.download = pipDownload
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
	sum, err := fileSHA256(archive)
	if err != nil {
		return plugin.Plugin{}, err
	}
	if sum != from.sha256 {
		return plugin.Plugin{}, fmt.Errorf("wrong checksum: the archive has sha256 %s, %s is pinned; it was not opened",
			sum, from.sha256)
	}
	library := filepath.Join(tmp, pluginFile)
	var size int64
	err = from.open(archive, in.maxSize(), func(r io.Reader) (err error) {
		size, err = copyTo(ctx, library, r)
		return err
	})
	if err != nil {
		return plugin.Plugin{}, err
	}
	// A library for another processor, or for a newer C library, has the right digest and is of no use.
	if _, err := ProbePlugin(ctx, python, library); err != nil {
		return plugin.Plugin{}, err
	}
	// What was written is hashed, rather than the stream: the record is of what lies on the disk.
	if sum, err = fileSHA256(library); err != nil {
		return plugin.Plugin{}, err
	}
	// The name carries the digest: a library that a running kernel has loaded is never written over.
	dir := filepath.Join(in.plugins(), from.version+"-"+sum[:12])
	// What plugin.Recorded and the doctor compare with later.
	p := plugin.Plugin{Path: filepath.Join(dir, pluginFile), Source: from.name, Version: from.version,
		Archive: from.sha256, SHA256: sum, Size: size}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return plugin.Plugin{}, err
	}
	if err := os.Rename(library, p.Path); err != nil {
		return plugin.Plugin{}, err
	}
	record, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return plugin.Plugin{}, err
	}
	if err := place.WriteFile(plugin.Record(in.Lab.Dir), append(record, '\n'), 0o644); err != nil {
		return plugin.Plugin{}, err
	}
	removeOthers(in.plugins(), "*-*", dir) // older plugins, and what a killed installer left
	return plugin.Recorded(in.Lab.Dir)
}
