package images

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestSeveralTold: whoever decodes the first of several pictures is told, with the number or the file, also where the
// picture is resized; one picture is none of several.
func TestSeveralTold(t *testing.T) {
	dir := t.TempDir()
	var want []string
	for name, frames := range map[string]int{"anim.gif": 3, "anim.png": 3, "lossless.webp": 3, "pages.tif": 2,
		"f.pfm": 0, "palette1.png": 0, "big.tif": 0} {
		file, err := os.ReadFile(filepath.Join("testdata/kinds", name))
		if err != nil {
			t.Fatal(err)
		}
		m, err := Decode(bytes.NewReader(file), DecodeOptions{})
		if err != nil || m.Frames != frames {
			t.Errorf("%s: %d pictures, want %d: %v", name, m.Frames, frames, err)
		}
		if frames > 0 {
			want = append(want, name)
		}
		if err := os.WriteFile(filepath.Join(dir, name), file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(want)
	for _, size := range []int{0, 8} {
		_, report, err := Open(t.Context(), dir, FolderOptions{Width: size, Height: size})
		if err != nil || !slices.Equal(report.Several, want) || !strings.Contains(report.String(), want[0]) {
			t.Errorf("width %d: %v, %v", size, report, err)
		}
	}
}
