package run

import (
	"bytes"
	"os"
	"path/filepath"
)

// opened reports whether a kernel of a Jupyter server runs for the notebook at path: the server says so in its
// environment. Those of other users are not seen.
func opened(path string) bool {
	abs, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return false
	}
	for _, dir := range dirs {
		name, err := os.ReadFile(filepath.Join(dir, "comm"))
		if err != nil || string(bytes.TrimSpace(name)) != "siamese-kernel" {
			continue
		}
		env, _ := os.ReadFile(filepath.Join(dir, "environ")) // it may have ended
		for v := range bytes.SplitSeq(env, []byte{0}) {
			session, ok := bytes.CutPrefix(v, []byte("JPY_SESSION_NAME="))
			if ok && (string(session) == abs || real(string(session)) == real(abs)) {
				return true
			}
		}
	}
	return false
}
