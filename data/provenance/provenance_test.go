package provenance

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Events are kept in their order, once each, with absolute paths; a cut line is left out.
func TestTell(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	path := filepath.Join(dir, "events")
	t.Setenv(Env, path)
	Read("a.csv")
	Read("a.csv")
	Wrote(filepath.Join(dir, "b.csv"))
	if text := Volatile("1.2 s"); text != "1.2 s" {
		t.Errorf("the text is %q", text)
	}
	Volatile("")
	Note("seed", "7")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := []Event{{FileRead, "", filepath.Join(dir, "a.csv")}, {FileWritten, "", filepath.Join(dir, "b.csv")},
		{Changes, "", "1.2 s"}, {Fact, "seed", "7"}}
	cut := append(content, `{"kind":"re`...)
	if got := Parse(cut); !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
	// What the next program tells is not lost with the line that was cut.
	if err := os.WriteFile(path, cut, 0o600); err != nil {
		t.Fatal(err)
	}
	Note("seed", "8")
	if content, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	want = append(want, Event{Fact, "seed", "8"})
	if got := Parse(content); !slices.Equal(got, want) {
		t.Errorf("after a line that was cut the events are %v, want %v", got, want)
	}
}

// Without the kernel's file nothing is written; a function takes the events in place of the file.
func TestTo(t *testing.T) {
	t.Setenv(Env, "")
	Note("seed", "1")
	var got []Event
	restore := To(func(e Event) { got = append(got, e) })
	Note("seed", "2")
	Note("seed", "2")
	restore()
	Note("seed", "3")
	if len(got) != 2 || got[0] != (Event{Fact, "seed", "2"}) {
		t.Errorf("taken %v", got)
	}
}

// Data are told as files that are read, and remembered once each, in their order; names in /dev are neither.
func TestData(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	before := len(DataFiles())
	var got []Event
	t.Cleanup(To(func(e Event) { got = append(got, e) }))
	Data("b.csv")
	Data("a.csv")
	Data(filepath.Join(dir, "b.csv"))
	Data("/dev/fd/7")
	Wrote("/dev/null")
	a, b := filepath.Join(dir, "a.csv"), filepath.Join(dir, "b.csv")
	if files := DataFiles()[before:]; !slices.Equal(files, []string{b, a}) {
		t.Errorf("data files %v", files)
	}
	if want := []Event{{FileRead, "", b}, {FileRead, "", a}, {FileRead, "", b}}; !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
}
