//go:build !unix

package run

import "os"

// terminate is the signal that asks a process to end; there is no gentler one here.
var terminate os.Signal = os.Kill
