//go:build unix

package data

import (
	"context"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Opening a pipe would wait for ever for somebody to write into it.
func TestOpenImagesIgnoresPipes(t *testing.T) {
	dir := folderOf(t, map[string][]byte{"a.png": somePNG(t, 1, 3, 3)})
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.png"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, report, err := OpenImages(context.Background(), dir, ImageFolderOptions{})
	if err != nil || got.N() != 1 || len(report.Ignored) != 1 || !strings.Contains(report.Ignored[0].Error(), "pipe.png: it is no regular file") {
		t.Errorf("%+v, %+v, %v", got, report, err)
	}
}
