package study

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// The files of a trial that are told are the same to the byte in every run; how long it took is in another one, without
// which the trial is kept all the same.
func TestTrialsAreTheSameFiles(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	trials := toyTrials()[:1]
	sweep := func(dir string) (*Sweep, []string) {
		t.Helper()
		var files []string
		restore := provenance.To(func(e provenance.Event) {
			if e.Kind == provenance.FileRead || e.Kind == provenance.FileWritten {
				files = append(files, string(e.Kind)+" "+filepath.Base(e.Text))
			}
		})
		defer restore()
		s, err := RunSweep(t.Context(), backend, trials, train, val, SweepOptions{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(files)
		return s, slices.Compact(files)
	}
	one, other := t.TempDir(), t.TempDir()
	first, wrote := sweep(one)
	_, wroteOther := sweep(other)
	if len(wrote) != 2 || !slices.Equal(wrote, wroteOther) {
		t.Fatalf("told %v and %v, want a model and a record", wrote, wroteOther)
	}
	for _, name := range wrote {
		name = name[len("written "):]
		a, errA := os.ReadFile(filepath.Join(one, name))
		b, errB := os.ReadFile(filepath.Join(other, name))
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs from run to run; errors %v, %v", name, errA, errB)
		}
	}
	kept, read := sweep(one)
	if r := kept.List[0]; !r.Kept || r.Seconds != first.List[0].Seconds || len(read) != 2 {
		t.Errorf("kept %v with %v s, want %v s; told %v", r.Kept, r.Seconds, first.List[0].Seconds, read)
	}
	times, err := filepath.Glob(filepath.Join(one, "*.times"))
	if err != nil || len(times) != 1 {
		t.Fatalf("times %v, error %v", times, err)
	}
	if err := os.WriteFile(times[0], []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	kept, _ = sweep(one)
	if r := kept.List[0]; !r.Kept || r.Seconds != 0 {
		t.Errorf("without times: kept %v, %v s", r.Kept, r.Seconds)
	}
}
