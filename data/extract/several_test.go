package extract

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

// TestFolderTellsSeveral: animations of which the first picture is used are in the report, also of a run that an
// earlier one was stopped in.
func TestFolderTellsSeveral(t *testing.T) {
	dir := makeImages(t, 2*partImages, fixed(24, 20))
	name := "d0/l0/00000.gif"
	write(t, filepath.Join(dir, name), read(t, "../images/testdata/kinds/anim.gif"))
	opt := small()
	out := filepath.Join(t.TempDir(), "out.parquet")
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	ctx, cancel := context.WithCancel(t.Context())
	opt.Progress = func(p Progress) {
		if p.Kept >= partImages {
			cancel()
		}
	}
	if _, err := Folder(ctx, dir, out, opt); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	opt.Progress = nil
	report, err := Folder(t.Context(), dir, out, opt)
	if err != nil || report.Resumed < partImages || !slices.Equal(report.Several, []string{name}) {
		t.Errorf("%+v, %v", report, err)
	}
}
