package origin

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-siamese/lab/data/provenance"
)

// An origin reads back from JSON as it was, prints in two lines, and has what this machine and program are.
func TestOrigin(t *testing.T) {
	o := &Origin{Go: "go1.26.8", System: "linux/amd64", Processor: "AMD <EPYC>", Sets: []string{"avx2", "fma3"},
		Threads: 2, Backend: "xla:cpu", Plugin: &File{"p.so", 201_600_336, strings.Repeat("ab", 32)}, Seed: 42,
		Data: []File{{"items.csv", 1_500, strings.Repeat("0f", 32)}, {"pictures", 0, ""}, {"large.csv", 99 << 20, ""}}}
	want := "computed by go1.26.8 on linux/amd64, AMD <EPYC> (avx2 fma3), 2 threads; backend xla:cpu, plugin p.so " +
		"(202 MB, sha256 abababababab); seed 42\nfrom items.csv (1.5 kB, sha256 0f0f0f0f0f0f), pictures, large.csv (104 MB)"
	if got := o.String(); got != want {
		t.Errorf("it prints\n%s\nwant\n%s", got, want)
	}
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	back := &Origin{}
	if err := json.Unmarshal(text, back); err != nil || !reflect.DeepEqual(back, o) {
		t.Errorf("it reads back as %+v, error %v", back, err)
	}
	here := Here()
	if here.Go != runtime.Version() || here.System != runtime.GOOS+"/"+runtime.GOARCH || here.Processor == "" ||
		here.Threads != runtime.GOMAXPROCS(0) || !slices.IsSorted(here.Sets) {
		t.Errorf("here it is %+v", here)
	}
	host, err := os.Hostname()
	if text, jsonErr := json.Marshal(here); err == nil && len(host) > 3 && (jsonErr != nil ||
		strings.Contains(string(text), host)) {
		t.Errorf("it names the machine: %s", text)
	}
}

// What a file of somebody else says is text: a terminal obeys nothing in it.
func TestHostile(t *testing.T) {
	const evil = "\x1b[2J\nverified"
	o := &Origin{Go: evil, System: evil, Processor: evil, Sets: []string{evil}, Backend: evil,
		Plugin: &File{evil, 1, evil}, Data: []File{{evil, 1, evil}}}
	if text := o.String(); strings.Contains(text, "\x1b") || strings.Count(text, "\n") != 1 {
		t.Errorf("it prints %q", text)
	}
}

// Files have their names without folders; a hash where they are small, and another one when they change. Data are what
// the program was told to have opened.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "items.csv")
	write := func(text string) File {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte(text))
		return File{"items.csv", int64(len(text)), hex.EncodeToString(sum[:])}
	}
	for _, text := range []string{"id,a\n", "id,a\n1,2\n", "id,b\n3,4\n"} {
		want := write(text)
		// The same size within a tick of the clock would look the same.
		if err := os.Chtimes(path, time.Time{}, time.Unix(int64(len(text)), int64(text[3]))); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got, ok := Of(path); !ok || got != want {
				t.Errorf("%q is %v, %v; want %v", text, got, ok, want)
			}
		}
	}
	large := filepath.Join(dir, "large")
	file, err := os.Create(large)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Truncate(largest + 1); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if got, ok := Of(large); !ok || got != (File{"large", largest + 1, ""}) {
		t.Errorf("a large file is %v, %v", got, ok)
	}
	if got, ok := Of(dir); !ok || got != (File{Name: filepath.Base(dir)}) {
		t.Errorf("a folder is %v, %v", got, ok)
	}
	if _, ok := Of(filepath.Join(dir, "none")); ok {
		t.Error("a file that is not there has an origin")
	}
	before := opened()
	for _, p := range []string{path, filepath.Join(dir, "none"), dir, path} {
		provenance.Data(p)
	}
	items, _ := Of(path)
	if got := opened()[len(before):]; !slices.Equal(got, []File{items, {Name: filepath.Base(dir)}}) {
		t.Errorf("data %v", got)
	}
	if o := (Origin{Backend: "go"}).With(7, []File{}); o.Seed != 7 || o.Backend != "go" || len(o.Data) != 0 {
		t.Errorf("without files it is %+v", o)
	}
}
