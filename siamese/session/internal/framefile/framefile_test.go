package framefile

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-siamese/lab/data"
)

// frames are frames with and without what a frame may have.
func frames() map[string]*data.Frame {
	nan := float32(math.NaN())
	return map[string]*data.Frame{
		"all": {X: []float32{1, -2.5, nan, 4, 5, 6}, Columns: []string{"a/1", "a/2", "ü"},
			Blocks: []data.Block{{Name: "a", End: 2}, {Name: "ü\"", Start: 2, End: 3}}, IDs: []string{"x", "ÿ\n"},
			Labels: []string{"", "l"}, Domains: []string{"d", "d"}, Settings: `{"Width":64}`},
		"numbered": {X: []float32{1, 2}, Columns: []string{"c"}, Blocks: []data.Block{{Name: "c", End: 1}},
			IDs: []string{"1", "2"}, Numbered: true},
		"no items": {Columns: []string{"c"}, Blocks: []data.Block{{Name: "c", End: 1}}},
	}
}

// open writes bytes to a file and maps it.
func open(t *testing.T, b []byte) (*Mapped, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "frame")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	return Open(file)
}

// TestRoundTrip writes frames and maps them: they are the same, bit for bit, and may be written to.
func TestRoundTrip(t *testing.T) {
	for name, f := range frames() {
		var b bytes.Buffer
		if err := Write(&b, f); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		m, err := open(t, b.Bytes())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if m.Hash() != f.Hash() || m.Numbered != f.Numbered || m.Settings != f.Settings ||
			(m.Labels == nil) != (f.Labels == nil) || (m.Domains == nil) != (f.Domains == nil) {
			t.Errorf("%s: %+v becomes %+v", name, f, m.Frame)
		}
		for i := range m.X {
			m.X[i] = 7
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestManyBlocks needs more room for the description than one of few blocks does.
func TestManyBlocks(t *testing.T) {
	f := &data.Frame{IDs: []string{"x"}}
	for i := range 3000 {
		name := "block \x01\x02 " + string(rune('a'+i%26)) + string(rune(0x4e00+i))
		f.Columns, f.X = append(f.Columns, name), append(f.X, float32(i))
		f.Blocks = append(f.Blocks, data.Block{Name: name, Start: i, End: i + 1})
	}
	var b bytes.Buffer
	if err := Write(&b, f); err != nil {
		t.Fatal(err)
	}
	m, err := open(t, b.Bytes())
	if err != nil || m.Hash() != f.Hash() {
		t.Fatalf("error %v", err)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}

// TestWriteFails passes on what the writer says.
func TestWriteFails(t *testing.T) {
	full := errors.New("full")
	r, w := io.Pipe()
	_ = r.CloseWithError(full)
	if err := Write(w, frames()["all"]); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
}

// FuzzOpen sees that no file makes a reader panic, and that a file that is cut is an error.
func FuzzOpen(f *testing.F) {
	for _, frame := range frames() {
		var b bytes.Buffer
		if err := Write(&b, frame); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
		f.Add(b.Bytes()[:b.Len()-1])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := parse(b)
		if err == nil && (len(frame.X) != len(frame.IDs)*len(frame.Columns)) {
			t.Errorf("%d values of %d items and %d columns", len(frame.X), len(frame.IDs), len(frame.Columns))
		}
	})
}
