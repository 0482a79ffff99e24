package table

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// TestFormats: files of every format are recognised by their content, Save has a writer for each, and
// the fuzz targets cover them.
func TestFormats(t *testing.T) {
	var seen []string
	for _, r := range readers {
		content := r.seeds(t)[0]
		in := &reading.Input{Name: r.name, Size: int64(len(content)), ReaderAt: bytes.NewReader(content)}
		format := formatOf(in)
		seen = append(seen, format.Name)
		if len(format.Write) == 0 {
			t.Errorf("nothing writes %s", format.Name)
		}
		for _, ending := range r.endings {
			if format.Write[ending] == nil {
				t.Errorf("%s is read as %s, which writes %v", ending, format.Name, format.Write)
			}
		}
	}
	want := Formats()
	slices.Sort(seen)
	slices.Sort(want)
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("formats and fuzz targets differ: %s", diff)
	}
}

// TestFeatherVersion1 is refused in either way of reading, by its name.
func TestFeatherVersion1(t *testing.T) {
	in := &reading.Input{Name: "t.feather", Size: 16, ReaderAt: strings.NewReader("FEA1xxxxxxxxFEA1")}
	_, _, err := read(context.Background(), in, &Options{})
	scanErr := scanInput(context.Background(), in, &Options{}, func(*data.Frame) {},
		func(*data.Frame) error { return nil })
	for _, err := range []error{err, scanErr} {
		says("Feather version 1").check(t, "t.feather", err)
	}
}
