package receipt_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-siamese/lab/kernels/internal/receipt"
)

// TestSettled: a text that comes in pieces has the digest of what a terminal shows in the end.
func TestSettled(t *testing.T) {
	for _, test := range []struct{ text, shown string }{
		{"a\nb", "a\nb"}, {"10 %\r20 %\r\ndone", "20 %\ndone"}, {"long line\rnew", "new" + "g line"}, {"abc\b\bx\n", "axc\n"},
		{"\b\ba\r\r", "a"}, {"é\rü", "ü"}, {"a\n\rb", "a\nb"}, {"", ""},
	} {
		var want receipt.Outputs
		want.Stream("stdout", test.shown)
		for _, size := range []int{1, 3, 100} {
			var got receipt.Outputs
			for piece := range slices.Chunk([]rune(test.text), size) {
				got.Stream("stdout", string(piece))
				got.Digest() // it may be asked at any time
			}
			if got.Digest() != want.Digest() {
				t.Errorf("%q by %d: not as %q", test.text, size, test.shown)
			}
		}
	}
}

// TestAmong: of marked texts those count that the outputs have in the end.
func TestAmong(t *testing.T) {
	var o receipt.Outputs
	o.Stream("stdout", "step 1: 0.5s\rstep 2: 0.7s\nall: 1.2")
	o.Show("display_data", map[string]any{"text/html": []any{"<b>3</b>\n", "4 s"}, "image/png": "AAAA"}, nil, "")
	marked := []string{"0.5s", "0.7s", "1.2", "3</b>\n4", "AAAA", "9"}
	if got := o.Among(marked); !slices.Equal(got, []string{"0.7s", "1.2", "3</b>\n4"}) {
		t.Errorf("%q", got)
	}
	// More text than is kept: all may be.
	o.Stream("stdout", strings.Repeat(strings.Repeat("x", 1023)+"\n", 9<<10))
	if got := o.Among(marked); !slices.Equal(got, marked) {
		t.Errorf("%q of much text", got)
	}
}

// TestHash: the digest of a file is kept as long as the file is the same, that of a large one on the disk too.
func TestHash(t *testing.T) {
	dir := t.TempDir()
	path, cache := filepath.Join(dir, "f"), filepath.Join(dir, "cache.json")
	old := time.Now().Add(-time.Hour)
	fill := func(content string, at time.Time) {
		t.Helper()
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	files := receipt.NewFiles(cache)
	hash := func() string {
		t.Helper()
		f, err := files.Hash(t.Context(), path)
		if err != nil || f.Name != "f" {
			t.Fatalf("%+v %v", f, err)
		}
		return f.SHA
	}
	restore := receipt.Ripe()
	large := strings.Repeat("x", 9<<20)
	fill(large, old)
	was := receipt.Digest([]byte(large))
	if got := hash(); got != was {
		t.Errorf("digest %s", got)
	}
	text, err := os.ReadFile(cache)
	if err != nil || !bytes.Contains(text, []byte(was)) {
		t.Fatalf("the digest was not kept: %s %v", text, err)
	}
	told := receipt.Digest([]byte("told")) // who is told another one has not read the file
	if err := os.WriteFile(cache, bytes.ReplaceAll(text, []byte(was), []byte(told)), 0o600); err != nil {
		t.Fatal(err)
	}
	files = receipt.NewFiles(cache)
	if got := hash(); got != told {
		t.Error("the cache is not used")
	}
	restore()
	fill("y"+large[1:], old) // its size and its time are what they were
	if got := hash(); runtime.GOOS == "linux" && got != receipt.Digest([]byte("y"+large[1:])) {
		t.Error("a file that changed, and whose time was put back, has its old digest")
	}
	fill("z"+large[1:], old.Add(time.Second))
	if got := hash(); got != receipt.Digest([]byte("z"+large[1:])) {
		t.Error("a file that changed has its old digest")
	}
	// A file that has just been written may change within the same tick of the clock.
	young := time.Now().Add(time.Hour) // however slow this test is
	fill("a", young)
	hash()
	fill("b", young)
	if got := hash(); got != receipt.Digest([]byte("b")) {
		t.Error("a young file has its old digest")
	}
	fill("c", old)
	for _, damaged := range []string{"{", "null", ""} {
		if err := os.WriteFile(cache, []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		files = receipt.NewFiles(cache)
		if got := hash(); got != receipt.Digest([]byte("c")) {
			t.Errorf("with the cache %q the digest is %s", damaged, got)
		}
	}
}

// TestNames: names are relative to the notebook's folder, else to the checkout, and lead back to what is there.
func TestNames(t *testing.T) {
	repo := t.TempDir()
	folder := filepath.Join(repo, "notebooks")
	write(t, repo, map[string]string{"notebooks/runs/m": "", "data/x.csv": "", "go.mod": ""})
	for path, want := range map[string]string{filepath.Join(folder, "runs", "m"): "runs/m", filepath.Join(repo, "data", "x.csv"): "data/x.csv",
		folder: ".", filepath.Join(t.TempDir(), "far", "z.csv"): "z.csv"} {
		name := receipt.Name(path, folder, repo)
		if name != want {
			t.Errorf("%s is named %s, want %s", path, name, want)
		}
		found, ok := receipt.Find(name, folder, repo)
		if ok != (want != "z.csv") || ok && found != path {
			t.Errorf("%s is found at %s, %t", name, found, ok)
		}
	}
	for _, name := range []string{"../notebooks/runs/m", "/etc/passwd"} {
		if found, ok := receipt.Find(name, folder, repo); ok {
			t.Errorf("%s leads to %s", name, found)
		}
	}
}

// TestJournalTrimmed: what a kernel adds while another trims the journal stays.
func TestJournalTrimmed(t *testing.T) {
	for range 5 {
		dir := t.TempDir()
		large := receipt.Entry{ID: "large", Cell: receipt.Cell{Outputs: strings.Repeat("x", 5<<20)}}
		if err := receipt.NewJournal(dir, "n").Add(large); err != nil {
			t.Fatal(err)
		}
		lost := map[string]bool{}
		var kernels sync.WaitGroup
		for k := range 4 {
			for i := range 20 {
				lost[fmt.Sprint(k, " ", i)] = true
			}
			kernels.Go(func() {
				j := receipt.NewJournal(dir, "n")
				for i := range 20 {
					if err := j.Add(receipt.Entry{ID: fmt.Sprint(k, " ", i)}); err != nil {
						t.Error(err)
					}
					if err := j.Trim(); err != nil {
						t.Error(err)
					}
				}
			})
		}
		kernels.Wait()
		entries, err := receipt.NewJournal(dir, "n").Entries()
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			delete(lost, e.ID)
		}
		if len(lost) > 0 {
			t.Errorf("%d executions are lost, such as %v", len(lost), slices.Sorted(maps.Keys(lost))[0])
		}
	}
}

// TestJournal: executions are kept in their order, a later line of one takes its place, and a journal does not grow for
// ever.
func TestJournal(t *testing.T) {
	dir := t.TempDir()
	j := receipt.NewJournal(dir, "n.ipynb")
	add := func(id, outputs string) {
		t.Helper()
		if err := j.Add(receipt.Entry{ID: id, Cell: receipt.Cell{Outputs: outputs}}); err != nil {
			t.Fatal(err)
		}
	}
	ids := func() (s string) {
		t.Helper()
		entries, err := receipt.NewJournal(dir, "n.ipynb").Entries()
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries[max(0, len(entries)-3):] {
			s += e.ID + e.Cell.Outputs[:1] + " "
		}
		return s
	}
	if got := ids(); got != "" {
		t.Errorf("nothing was executed: %s", got)
	}
	add("a", "1")
	add("b", "1")
	add("a", "2")
	if got := ids(); got != "a2 b1 " {
		t.Errorf("kept: %s", got)
	}
	if other, err := receipt.NewJournal(dir, "m.ipynb").Entries(); err != nil || len(other) > 0 {
		t.Errorf("another notebook has %v, %v", other, err)
	}
	for range 50 {
		add("c", strings.Repeat("3", 100<<10))
	}
	add("d", "4")
	if err := j.Trim(); err != nil {
		t.Fatal(err)
	}
	if got := ids(); got != "b1 c3 d4 " {
		t.Errorf("kept: %s", got)
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(paths) != 1 {
		t.Fatalf("%v %v", paths, err)
	}
	if info, err := os.Stat(paths[0]); err != nil || info.Size() > 300<<10 || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	// A line that was cut is left out.
	f, err := os.OpenFile(paths[0], os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"id":"e","ce`); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got := ids(); got != "b1 c3 d4 " {
		t.Errorf("kept: %s", got)
	}
	// The next one is not lost with it.
	add("f", "6")
	if got := ids(); got != "c3 d4 f6 " {
		t.Errorf("kept: %s", got)
	}
}
