package setup

import (
	"errors"
	"fmt"
	"strings"
)

// ErrTampered marks errors about something fetched that is not what is pinned. It is never installed, and never taken
// for a failure of the network.
var ErrTampered = errors.New("what was fetched is not what is pinned")

// mendPip returns the error of pip with what to do about it. pip says in words only what went wrong.
func mendPip(err error) error {
	switch text := err.Error(); {
	case strings.Contains(text, "DO NOT MATCH THE HASHES"), strings.Contains(text, "HashMismatch"):
		return fmt.Errorf("%w: pip's index, a folder of PIP_FIND_LINKS or pip's cache has another file\n  %w\n"+
			"  mend: PIP_NO_CACHE_DIR=1 PIP_FIND_LINKS= PIP_INDEX_URL=https://pypi.org/simple go run ./kernels install",
			ErrTampered, err)
	case strings.Contains(text, "No space left on device"):
		return fmt.Errorf("%w\n  mend: make room, or name a folder on another disk with --dir; then run this again", err)
	case strings.Contains(text, "No matching distribution"), strings.Contains(text, "no matching distribution"):
		return fmt.Errorf("%w\n  mend: check the network and pip's index (pip config list, PIP_INDEX_URL); where the index "+
			"can be reached it has no file for this Python and system: name another Python with --python", err)
	}
	return fmt.Errorf("%w\n  mend: check the network or pip's index and proxy settings, then run this again", err)
}

// mendModules returns the error of the go command for modules that it fetches, with what to do about it.
func mendModules(err error) error {
	switch text := err.Error(); {
	case strings.Contains(text, "checksum mismatch"), strings.Contains(text, "SECURITY ERROR"):
		return fmt.Errorf("%w: Go's proxy or its cache has another module\n  %w\n  mend: go clean -modcache; "+
			"GOPROXY=https://proxy.golang.org go run ./kernels install", ErrTampered, err)
	case strings.Contains(text, "no space left on device"):
		return fmt.Errorf("%w\n  mend: make room (go clean -cache), then run this again", err)
	}
	return fmt.Errorf("%w\n  mend: if the network failed, check it and GOPROXY, then run this again", err)
}

// goEnv is the part of the environment of the go command that says where modules come from.
func (in *Installer) goEnv() []string { return []string{"GOPROXY=" + in.Go.GOPROXY} }
