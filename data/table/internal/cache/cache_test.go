package cache

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestDir(t *testing.T) {
	t.Setenv("SIAMESE_LAB_DIR", "/somewhere")
	if dir, err := Dir(); err != nil || dir != filepath.Join("/somewhere", "frames") {
		t.Errorf("%q %v", dir, err)
	}
	t.Setenv("SIAMESE_LAB_DIR", "")
	t.Setenv("XDG_CACHE_HOME", "/caches")
	t.Setenv("HOME", "/home/someone")
	if dir, err := Dir(); err != nil || !strings.HasSuffix(dir, filepath.Join("siamese-lab", "frames")) {
		t.Errorf("%q %v", dir, err)
	}
}
