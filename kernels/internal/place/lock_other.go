//go:build !unix

package place

import (
	"context"
	"fmt"
	"runtime"
)

// Lock fails: the GoNB kernel talks to its cells through named pipes, which only Unix systems have in the form it
// needs.
func (l Lab) Lock(context.Context, func()) (func(), error) {
	return nil, fmt.Errorf("the GoNB kernel does not run on %s: use Linux, macOS, or WSL on Windows", runtime.GOOS)
}
