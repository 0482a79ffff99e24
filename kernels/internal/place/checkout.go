package place

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Checkout is the directory of what belongs to this checkout alone: its kernelspecs and JupyterLab's settings. Several
// checkouts share a lab's directory, and a kernel builds cells with the code of its own.
func (l Lab) Checkout() string {
	sum := sha256.Sum256([]byte(l.Repo))
	return filepath.Join(l.Dir, "checkouts", Plain(filepath.Base(l.Repo))+"-"+hex.EncodeToString(sum[:6]))
}

// JupyterPath is what JUPYTER_PATH must contain for the checkout's kernels to be found.
func (l Lab) JupyterPath() string { return filepath.Join(l.Checkout(), "share", "jupyter") }

// Kernels is the directory of the checkout's kernelspecs.
func (l Lab) Kernels() string { return filepath.Join(l.JupyterPath(), "kernels") }

// Plain returns a name with what is not a letter of ASCII, a digit, "-", "_" or "." replaced by "-", and at most 32
// characters of it: Jupyter takes no other names of kernels, and lists of paths no colon.
func Plain(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune("-_.", r) || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, name)
	return name[:min(len(name), 32)]
}

// errSeparator is the error of a directory that no list of paths can hold.
var errSeparator = errors.New("lists of paths, such as PATH, cannot hold it: name another with --dir")

// checkDir returns an error if the lab's directory cannot be used because of its name.
func checkDir(dir string) error {
	if i := strings.IndexFunc(dir, func(r rune) bool { return r == os.PathListSeparator || r < ' ' }); i >= 0 {
		return fmt.Errorf("the lab's directory %q has a %q: %w", dir, dir[i], errSeparator)
	}
	return nil
}

// IsCheckout reports whether a directory is the root of a checkout of this module.
func IsCheckout(dir string) bool {
	content, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	return err == nil && declares(string(content))
}

// used is the file in a directory of the lab that says when it was used last, and is locked while it is in use.
const used = ".used"

// Unused is how long a directory that is named after a digest has to be unused before it may be removed.
const Unused = 30 * 24 * time.Hour

// LastUsed returns when a directory was used last; the zero time if that is not known.
func LastUsed(dir string) time.Time {
	info, err := os.Stat(filepath.Join(dir, used))
	if err != nil {
		if info, err = os.Stat(dir); err != nil {
			return time.Time{}
		}
	}
	return info.ModTime()
}
