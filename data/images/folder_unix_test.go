package images_test

import (
	"context"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/internal/labtest"
	"github.com/go-siamese/lab/data/internal/labtest/imagestest"
)

// Opening a pipe would wait for ever for somebody to write into it.
func TestOpenIgnoresPipes(t *testing.T) {
	dir := labtest.FolderOf(t, map[string][]byte{"a.png": imagestest.SomePNG(t, 1, 3, 3)})
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.png"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, report, err := images.Open(context.Background(), dir, images.FolderOptions{})
	if err != nil || got.N() != 1 || len(report.Ignored) != 1 ||
		!strings.Contains(report.Ignored[0].Error(), "pipe.png: it is not a regular file") {
		t.Errorf("%+v, %+v, %v", got, report, err)
	}
}
