//go:build unix

package ondisk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
)

func frame(n, width int) *data.Frame {
	f := &data.Frame{Blocks: []data.Block{{Name: "b", End: width}}}
	for i := range n {
		f.IDs, f.Labels = append(f.IDs, fmt.Sprint("i", i)), append(f.Labels, fmt.Sprint(i%3))
		for j := range width {
			f.X = append(f.X, float32(i*width+j)/7)
		}
	}
	for j := range width {
		f.Columns = append(f.Columns, fmt.Sprint("c", j))
	}
	return f
}

func TestSelect(t *testing.T) {
	f, dir := frame(300, 7), t.TempDir()
	var items []int
	for k := range 250 {
		items = append(items, k*89%300)
	}
	var told []int
	got, release, err := Select(t.Context(), f, items, dir, func(k int) { told = append(told, k) })
	if err != nil {
		t.Fatal(err)
	}
	if !cmp.Equal(told, []int{0, 64, 128, 192}) {
		t.Errorf("progress %v", told)
	}
	want := f.Select(items)
	for range 2 {
		for i := range got.N() {
			Prefetch(got.Row(i))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		Trim() // pages that are given back are read again
	}
	Prefetch(f.Row(0)) // numbers in memory stay what they are
	Touched(resident)  // and so do others whose pages are given back
	row := make([]float32, f.F())
	for i := range got.N() {
		for _, from := range [][]float32{got.Row(i), want.Row(i)} {
			clear(row)
			if err := Copy(row, from); err != nil || !cmp.Equal(row, want.Row(i)) {
				t.Fatalf("row %d: %v, %v", i, row, err)
			}
		}
	}
	again, releaseAgain, err := Select(t.Context(), got, []int{3, 1}, dir, nil)
	if err != nil || !cmp.Equal(again, want.Select([]int{3, 1})) {
		t.Errorf("%v of a frame on disk, %v", again, err)
	}
	// What lies together is no copy.
	run, releaseRun, err := Select(t.Context(), got, []int{7, 8, 9}, dir, nil)
	if err != nil || !cmp.Equal(run, want.Select([]int{7, 8, 9})) || &run.X[0] != &got.Row(7)[0] {
		t.Errorf("%v, %v", run, err)
	}
	releaseRun()
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("files are left: %v", left)
	}
	release()
	release() // once is enough
	releaseAgain()
	if len(mappings.all) > 0 || mappings.stop != nil {
		t.Error("a mapping is left")
	}
}

func TestSelectErrors(t *testing.T) {
	f, dir := frame(300, 7), t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Select(ctx, f, []int{1}, dir, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("files are left: %v", left)
	}
	if _, _, err := Select(t.Context(), f, []int{1}, filepath.Join(dir, "none"), nil); err == nil {
		t.Error("there is no such folder")
	}
	if err := CheckDisk("a copy", dir, 1e18); err == nil || !strings.Contains(err.Error(), "EB of disk") {
		t.Errorf("%v", err)
	}
	if err := CheckDisk("a copy", dir, 1); err != nil {
		t.Error(err)
	}
}

// A file that is shorter than what is asked for is refused: reading past its end would end the process.
func TestMapOfFileCutOff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, make([]byte, 10), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, _, err := Map(file, 0, 3); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Error(err)
	}
	if x, release, err := Map(file, 0, 0); err != nil || len(x) > 0 {
		t.Error(err)
	} else {
		release()
	}
}
