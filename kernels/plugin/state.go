package plugin

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
)

// State returns where things are kept that come to be while cells run, for the lab's directory dir: that directory or,
// where it is there and only for reading, one of the user's own in the user's cache or the temporary directory. It makes
// that one, for the user alone; where none can be made it returns dir.
func State(dir string) string {
	if writable(dir) {
		return dir
	}
	sum := sha256.Sum256([]byte(dir))
	name := fmt.Sprintf("siamese-lab-%d-%s", os.Getuid(), hex.EncodeToString(sum[:6]))
	bases := []string{os.TempDir()}
	if cache, err := os.UserCacheDir(); err == nil {
		bases = append([]string{cache}, bases...)
	}
	for _, base := range bases {
		own := filepath.Join(base, name)
		if os.MkdirAll(own, 0o700) == nil && private(own) && writable(own) {
			return own
		}
	}
	return dir
}

// StateDir is [State] for the lab's directory of [Dir].
func StateDir() (string, error) {
	dir, err := Dir()
	if err != nil {
		return "", err
	}
	return State(dir), nil
}
