//go:build !unix

package place

import "os"

// Use does nothing: nothing is known of processes here.
func Use(string) {}

// Remove removes a directory of the lab, and reports whether it did.
func Remove(dir string) bool { return os.RemoveAll(dir) == nil }
