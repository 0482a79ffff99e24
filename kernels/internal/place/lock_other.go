//go:build !unix

package place

import (
	"context"
	"fmt"
	"os"
	"runtime"
)

// Lock fails: the GoNB kernel talks to its cells through named pipes, which only Unix systems have in the form it
// needs.
func (l Lab) Lock(context.Context, func()) (func(), error) { return nil, errSystem() }

// errSystem says so.
func errSystem() error {
	return fmt.Errorf("the GoNB kernel does not run on %s: use Linux, macOS, or WSL on Windows", runtime.GOOS)
}

// Claim is a lock on a name that nobody else writes meanwhile.
type Claim struct {
	File     *os.File
	Unlocked error
}

// Take fails: see [Lab.Lock].
func Take(context.Context, string, func()) (*Claim, error) { return nil, errSystem() }

// Open fails: see [Lab.Lock].
func Open(string, int, os.FileMode) (*os.File, error) { return nil, errSystem() }

// Release does nothing.
func (c *Claim) Release() {}
