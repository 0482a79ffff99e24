package setup

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/plugin"
)

// ErrTampered marks errors about something fetched that is not what is pinned. It is never installed, and never taken
// for a failure of the network.
var ErrTampered = errors.New("what was fetched is not what is pinned")

// installLine is the line that installs into the lab's directory, with flags.
func installLine(lab place.Lab, flags string) string {
	line := mendInstall
	if dir, err := plugin.Dir(); err != nil || dir != lab.Dir {
		line += " --dir '" + quoted(lab.Dir) + "'"
	}
	return strings.TrimSpace(line + " " + flags)
}

// mendPip returns the error of pip with what to do about it. pip says in words only what went wrong.
func (in *Installer) mendPip(err error) error {
	switch text := err.Error(); {
	case strings.Contains(text, "DO NOT MATCH THE HASHES"), strings.Contains(text, "HashMismatch"):
		return fmt.Errorf("%w: pip's index, a folder of PIP_FIND_LINKS or pip's cache has another file\n  %w\n"+
			"  mend: PIP_NO_CACHE_DIR=1 PIP_FIND_LINKS= PIP_INDEX_URL=https://pypi.org/simple %s",
			ErrTampered, err, installLine(in.Lab, ""))
	case strings.Contains(text, "No space left on device"):
		return fmt.Errorf("%w\n  mend: make room, or name a folder on another disk with --dir; then run this again", err)
	case strings.Contains(text, "No matching distribution"), strings.Contains(text, "no matching distribution"):
		return fmt.Errorf("%w\n  mend: check the network and pip's index (pip config list, PIP_INDEX_URL); where the index "+
			"can be reached it has no file for this Python and system: name another Python with --python", err)
	}
	return fmt.Errorf("%w\n  mend: check the network or pip's index and proxy settings, then run this again", err)
}

// mendModules returns the error of the go command for modules that it fetches, with what to do about it.
func (in *Installer) mendModules(err error) error {
	switch text := err.Error(); {
	case strings.Contains(text, "checksum mismatch"), strings.Contains(text, "SECURITY ERROR"):
		return fmt.Errorf("%w: Go's proxy or its cache has another module\n  %w\n  mend: go clean -modcache; "+
			"GOPROXY=https://proxy.golang.org %s", ErrTampered, err, installLine(in.Lab, ""))
	case strings.Contains(text, "no space left on device"):
		return fmt.Errorf("%w\n  mend: make room (go clean -cache), then run this again", err)
	}
	return fmt.Errorf("%w\n  mend: if the network failed, check it and GOPROXY, then run this again", err)
}

// goEnv is the part of the environment of the go command that says where modules come from: from the bundle, whose
// files have been compared with its list, or from where the user's settings say.
func (in *Installer) goEnv() []string {
	if in.Options.Offline == "" {
		return []string{"GOPROXY=" + in.Go.GOPROXY}
	}
	return []string{"GOPROXY=" + BundleProxy(in.Options.Offline), "GOSUMDB=off", "GOPRIVATE=",
		"GONOPROXY=none"}
}

// goSum is the user's choice of a database of checksums.
func (in *Installer) goSum() string {
	if in.Go.GOSUMDB == "" {
		return "sum.golang.org"
	}
	return in.Go.GOSUMDB
}

// pipSource are the options of pip that say where packages come from: from the bundle, or none, where the user's
// settings say.
func (in *Installer) pipSource() []string {
	if in.Options.Offline == "" {
		return nil
	}
	return []string{"--no-index", "--find-links", filepath.Join(in.Options.Offline, bundleWheels)}
}
