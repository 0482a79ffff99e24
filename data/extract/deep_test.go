package extract

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/internal/labtest"
	"github.com/go-siamese/lab/data/table"
)

// deepFolder writes pictures of 12 bits in 16, two of them constant, and one that is partly transparent.
func deepFolder(t *testing.T) string {
	t.Helper()
	dir, rng := t.TempDir(), rand.New(rand.NewPCG(8, 1))
	for i := range 12 {
		m := image.NewGray16(image.Rect(0, 0, 20, 20))
		for k := range 400 {
			v := uint16(700)
			if i != 3 && i != 7 {
				v = uint16(rng.UintN(4096))
			}
			m.SetGray16(k%20, k/20, color.Gray16{Y: v})
		}
		write(t, filepath.Join(dir, fmt.Sprintf("l%d", i%2), fmt.Sprintf("%02d.png", i)), labtest.PngOf(t, m))
	}
	icon := image.NewNRGBA(image.Rect(0, 0, 20, 20))
	for k := range 90 {
		icon.SetNRGBA(k%20, k/20, color.NRGBA{A: 255})
	}
	write(t, filepath.Join(dir, "l0", "icon.png"), labtest.PngOf(t, icon))
	return dir
}

// Deep pictures, transparency and flat pictures come out as by the way through the memory, also when the work is
// resumed; the settings in the table make the same features again.
func TestFolderDeep(t *testing.T) {
	dir := deepFolder(t)
	opt := DefaultOptions()
	opt.Features.Background = "#102030"
	set, seen, err := images.Open(t.Context(), dir, images.FolderOptions{LabelDepth: 1,
		DecodeOptions: images.DecodeOptions{Background: "#102030"}})
	if err != nil {
		t.Fatal(err)
	}
	want, err := features.Extract(t.Context(), set, opt.Features, nil)
	if err != nil {
		t.Fatal(err)
	}
	flat := []string{"l1/03.png", "l1/07.png"}
	if !slices.Equal(seen.Constant, flat) {
		t.Errorf("constant: %q, want %q", seen.Constant, flat)
	}
	out := filepath.Join(t.TempDir(), "out.parquet")
	found := 0
	var with features.Config
	opt.Found = func(about *images.Inventory, c features.Config) error {
		found++
		with = c
		if about.Files != 13 || about.Alpha != 1 || len(about.Deep()) != 12 {
			t.Errorf("found %v", about)
		}
		return nil
	}
	report, err := Folder(t.Context(), dir, out, opt)
	if err != nil {
		t.Fatal(err)
	}
	if found != 1 || with.Scale != features.ScaleData || !(with.Range[0] >= 0 && with.Range[1] > 3900 &&
		with.Range[1] < 4096) || !slices.Equal(report.Constant, flat) {
		t.Errorf("told %d times, %+v, report %+v", found, with, report)
	}
	notes := report.With.Notes(report.About) // of transparency and of depth
	if len(notes) != 2 || report.About.Alpha != 1 || !strings.Contains(report.String(), notes[1]) {
		t.Errorf("the report says %v: %v", report, notes)
	}
	got, _, err := table.Open(t.Context(), out, table.Options{NoCache: true})
	if err != nil || got.Hash() != want.Hash() || got.Settings != want.Settings {
		t.Fatalf("another table than through the memory: %v\n%s\n%s", err, got.Settings, want.Settings)
	}
	again, err := features.ParseSettings(got.Settings)
	if err != nil {
		t.Fatal(err)
	}
	opt.Features = again
	same := filepath.Join(t.TempDir(), "same.parquet")
	if _, err := Folder(t.Context(), dir, same, opt); err != nil || !bytes.Equal(read(t, out), read(t, same)) {
		t.Errorf("the settings make another table, %v", err)
	}
	narrow := opt
	narrow.Features.Range = [2]float64{100, 3000}
	report, err = Folder(t.Context(), dir, filepath.Join(t.TempDir(), "narrow.parquet"), narrow)
	if err != nil || len(report.Beyond) != 10 || slices.Contains(report.Beyond, flat[0]) ||
		!strings.Contains(report.String(), report.Beyond[0]) {
		t.Errorf("cut to a range: %+v, %v", report, err)
	}
	opt.Features.Background = "black"
	other := filepath.Join(t.TempDir(), "other.parquet")
	if _, err := Folder(t.Context(), dir, other, opt); err != nil || bytes.Equal(read(t, out), read(t, other)) {
		t.Errorf("the background changes nothing, %v", err)
	}
	set.Background = "white"
	opt.Features.Background = "black"
	if _, err := features.Extract(t.Context(), set, opt.Features, nil); err == nil {
		t.Error("pictures read with another background are accepted")
	}
}
