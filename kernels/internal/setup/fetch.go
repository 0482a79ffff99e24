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
)

// The plugin as PyPI carries it: package, version, and the digest of its only wheel.
const (
	wheelPackage  = "lammps-jax-pjrt-cpu"
	wheelVersion  = "0.11.2"
	wheelSHA256   = "1319390d948b39f69f7dade496b7c385149d9ca6097a6b62114da113216d9ad1"
	wheelPlatform = "linux/amd64"
	wheelEntry    = "lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so"
)

// officialURL is the address of the official release's archive for a platform such as linux_amd64.
const officialURL = "https://github.com/gomlx/pjrt-cpu-binaries/releases/download/%s/pjrt_cpu_%s.tar.gz"

// officialEntry matches the library in the official archive.
var officialEntry = regexp.MustCompile(`^(\./)?pjrt_c_api_cpu_[A-Za-z0-9._-]+_plugin\.(so|dylib)$`)

// maxPlugin is the largest library that is taken out of an archive, in bytes; the known ones have about 200 MB.
const maxPlugin = 1 << 30

// ensurePlugin puts the XLA plugin in place if none is there. When none can be had it returns the reason as a value
// (notUsed), not as an error: the pure-Go backend serves then. An error means that a source was tried and failed.
func (in *Installer) ensurePlugin(ctx context.Context, python string) (p Plugin, notUsed string, err error) {
	if in.Options.NoXLA {
		return Plugin{}, "left out by --no-xla", nil
	}
	if _, err := in.Go.Compiler(); err != nil {
		return Plugin{}, err.Error(), nil
	}
	dirs := in.pluginDirs
	if dirs == nil {
		dirs = defaultPluginDirs()
	}
	if p, ok := findPlugin(in.Lab, dirs); ok && in.Options.PluginSHA256 == "" && !p.outdated() {
		in.said("xla plugin", "already there: %s (%s)", p.Path, p.origin())
		return p, "", nil
	}
	var failures []error
	for _, source := range in.sources() {
		if source.pass != "" {
			in.said("xla plugin", "passing over %s %s: %s", source.name, source.version, source.pass)
			continue
		}
		var got Plugin
		err := in.timed("xla plugin", source.name+" "+source.version, func() error {
			got, err = in.install(ctx, python, source)
			return err
		})
		if err == nil {
			return got, "", nil
		}
		if ctx.Err() != nil {
			return Plugin{}, "", ctx.Err()
		}
		failures = append(failures, fmt.Errorf("%s: %w", source.name, err))
		in.said("xla plugin", "failed: %v", failures[len(failures)-1])
	}
	if p, ok := findPlugin(in.Lab, dirs); ok {
		in.said("xla plugin", "keeping the one that is there: %s (%s)", p.Path, p.origin())
		return p, "", errors.Join(failures...)
	}
	if len(failures) > 0 {
		return Plugin{}, "the plugin could not be installed: " + failures[len(failures)-1].Error(), errors.Join(failures...)
	}
	return Plugin{}, fmt.Sprintf("there is no pinned plugin for %s/%s; give the official release's digest with --plugin-sha256, "+
		"or name a plugin with GOMLX_BACKEND=xla:/path", in.Go.GOOS, in.Go.GOARCH), nil
}

// outdated tells whether our plugin comes from another wheel than the pinned one.
func (p Plugin) outdated() bool {
	return p.Ours && strings.HasPrefix(p.Source, wheelPackage) && p.Archive != wheelSHA256
}

// origin tells in a few words where a plugin came from.
func (p Plugin) origin() string { return strings.TrimSpace(p.Source + " " + p.Version) }

// source is one place to get the plugin from.
type source struct {
	name, version, sha256 string
	pass                  string // why it is passed over; empty: it is tried
	download              func(ctx context.Context, python, dir string) (archive string, err error)
	open                  func(archive string, limit int64, write func(io.Reader) error) error
}

// sources are the places to get the plugin from, best first. Each is pinned by version and digest; the official release
// publishes none, so it is tried only with the user's, and then alone.
func (in *Installer) sources() []source {
	platform := in.Go.GOOS + "_" + in.Go.GOARCH
	url := in.Options.PluginURL
	if url == "" {
		url = fmt.Sprintf(officialURL, officialVersion, platform)
	}
	official := source{name: "official release", version: officialVersion, sha256: strings.ToLower(in.Options.PluginSHA256), open: openTarGz}
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

// maxSize is the limit of a plugin's size in bytes.
func (in *Installer) maxSize() int64 {
	if in.limit > 0 {
		return in.limit
	}
	return maxPlugin
}

// install gets the plugin from a source, checks it at every step, and only then puts it where it is used from.
// Whatever fails, a plugin that is there stays as it is.
func (in *Installer) install(ctx context.Context, python string, from source) (Plugin, error) {
	if err := os.MkdirAll(in.Lab.Plugins(), 0o755); err != nil {
		return Plugin{}, err
	}
	tmp, err := os.MkdirTemp(in.Lab.Plugins(), ".new-*")
	if err != nil {
		return Plugin{}, err
	}
	defer os.RemoveAll(tmp)
	archive, err := from.download(ctx, python, tmp)
	if err != nil {
		return Plugin{}, err
	}
	sum, err := fileSHA256(archive)
	if err != nil {
		return Plugin{}, err
	}
	if sum != from.sha256 {
		return Plugin{}, fmt.Errorf("wrong checksum: the archive has sha256 %s, %s is pinned; it was not opened", sum, from.sha256)
	}
	library := filepath.Join(tmp, pluginFile)
	var size int64
	if err := from.open(archive, in.maxSize(), func(r io.Reader) error { size, err = copyTo(ctx, library, r); return err }); err != nil {
		return Plugin{}, err
	}
	if _, err := ProbePlugin(ctx, python, library); err != nil {
		return Plugin{}, err
	}
	if sum, err = fileSHA256(library); err != nil {
		return Plugin{}, err
	}
	// The name carries the digest: a library that a running kernel has loaded is never written over.
	dir := filepath.Join(in.Lab.Plugins(), from.version+"-"+sum[:12])
	p := Plugin{Path: filepath.Join(dir, pluginFile), Source: from.name, Version: from.version, Archive: from.sha256, SHA256: sum, Size: size, Ours: true}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Plugin{}, err
	}
	if err := os.Rename(library, p.Path); err != nil {
		return Plugin{}, err
	}
	record, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return Plugin{}, err
	}
	if err := place.WriteFile(pluginRecord(in.Lab), append(record, '\n'), 0o644); err != nil {
		return Plugin{}, err
	}
	removeOthers(in.Lab.Plugins(), "*-*", dir) // older plugins, and what a killed installer left
	return p, nil
}
