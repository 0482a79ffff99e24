package tensorboard

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestEvents(t *testing.T) {
	w, err := newWriter(t.TempDir(), "host.1.0", clock(100))
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		w.Scalar("loss", 3, 0.1), w.Scalar("loss", 4, math.NaN()), w.Scalar("loss", 5, 1e39),
		w.Histogram("one", 3, []float32{2, 2, 2}), w.Text("note", 0, "a\n*b*"), w.Text("note", 1, ""),
		w.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []readEvent{
		{100.25, 0, "", "version brain.Event:2"}, {100.5, 3, "", "start"},
		{100.75, 3, "loss", "0.1"}, {101, 4, "loss", "NaN"}, {101.25, 5, "loss", "+Inf"},
		{101.5, 3, "one", "min 2 max 2 num 3 sum 6 squares 12 limits 2 counts 3"},
		{101.75, 0, "note", "text a\n*b*"}, {102, 1, "note", "text "},
	}
	if diff := cmp.Diff(want, mustRead(t, w.Path())); diff != "" {
		t.Error(diff)
	}
	if filepath.Base(w.Path()) != "events.out.tfevents.0000000100.host.1.0" {
		t.Error(w.Path())
	}
}

// TestBinned holds a histogram of counts against numbers that stand in the middle of their bins.
func TestBinned(t *testing.T) {
	h := binned([]int{0, 2, 1, 0}, -1, 1) // twice -0.25, once 0.25
	want := &histogram{min: -0.5, max: 0.5, num: 3, sum: -0.25, sumSquares: 0.1875, limits: []float64{-0.5, 0, 0.5, 1},
		counts: []float64{0, 2, 1, 0}}
	if diff := cmp.Diff(want, h, cmp.AllowUnexported(histogram{})); diff != "" {
		t.Error(diff)
	}
	if h := binned(make([]int, 4), -1, 1); h != nil {
		t.Errorf("nothing was counted: %+v", h)
	}
}

// TestHistogram checks buckets against counting by their limits.
func TestHistogram(t *testing.T) {
	for _, values := range [][]float32{
		{0, 1}, {-1, 1, 1, 0.999999}, {math.MaxFloat32, -math.MaxFloat32, 0},
		{0, math.SmallestNonzeroFloat32}, {16777216, 16777218, 16777217}, {0.1, 0.2, 0.3, 0.4, 0.7, 0.7, -3},
	} {
		h, err := newHistogram(values)
		if err != nil {
			t.Fatal(err)
		}
		if len(h.limits) != buckets || h.limits[buckets-1] != h.max {
			t.Errorf("%v: limits %v", values, h.limits)
		}
		total, from := 0.0, h.min
		for i, count := range h.counts {
			// A value within rounding of a limit may stand on either side.
			slack := 1e-12 * (h.max - h.min)
			least, most := 0.0, 0.0
			for _, value := range values {
				v := float64(value)
				if last := i == buckets-1; v >= from+slack && v < h.limits[i]-slack || last && v == h.max {
					least++
				}
				if v >= from-slack && v <= h.limits[i]+slack {
					most++
				}
			}
			if count < least || count > most {
				t.Errorf("%v: bucket %d holds %v, want %v to %v", values, i, count, least, most)
			}
			total, from = total+count, h.limits[i]
		}
		if total != float64(len(values)) || h.num != total {
			t.Errorf("%v: %v values of %v counted", values, total, h.num)
		}
	}
}

func TestResume(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs", "one")
	var names []string
	var first []byte
	for run, at := range []int64{1000, 1000, 400} { // within a second, and after the clock was set back
		w, err := newWriter(dir, fmt.Sprintf("host.%d.0", 99-run), clock(at))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Scalar("loss", int64(7+run), 1), w.Close()); err != nil {
			t.Fatal(err)
		}
		if got := mustRead(t, w.Path())[1]; got.Has != "start" || got.Step != int64(7+run) {
			t.Errorf("run %d does not tell where it starts: %+v", run, got)
		}
		names = append(names, filepath.Base(w.Path()))
		if run == 0 {
			first, _ = os.ReadFile(w.Path())
		}
	}
	entries, err := os.ReadDir(dir) // in the order of their names, as TensorBoard reads them
	if err != nil {
		t.Fatal(err)
	}
	var sorted []string
	for _, e := range entries {
		sorted = append(sorted, e.Name())
	}
	if diff := cmp.Diff(names, sorted); diff != "" {
		t.Errorf("order of writing and of names differ:\n%s", diff)
	}
	if now, err := os.ReadFile(filepath.Join(dir, names[0])); err != nil || string(now) != string(first) {
		t.Errorf("the first file changed (%v)", err)
	}
}

// TestCutOff cuts a file anywhere, as a kill does: complete records stay, and a new writer continues.
func TestCutOff(t *testing.T) {
	dir := t.TempDir()
	writeGolden(t, dir)
	path := filepath.Join(dir, "events.out.tfevents.1700000001.golden.1.0")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all := mustRead(t, path)
	for cut := 0; cut < len(whole); cut += 7 {
		if err := os.WriteFile(path, whole[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		got, _ := readFile(path)
		if diff := cmp.Diff(all[:len(got)], append([]readEvent{}, got...)); diff != "" {
			t.Fatal(diff)
		}
	}
	w, err := NewWriter(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Scalar("train/loss", 6, 1), w.Close()); err != nil {
		t.Fatal(err)
	}
	if got := mustRead(t, w.Path()); len(got) != 3 {
		t.Errorf("%+v", got)
	}
}

func TestErrors(t *testing.T) {
	dir := t.TempDir()
	w, err := NewWriter(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{w.Scalar("", 4, 1), "step 4"},
		{w.Scalar("a\xff", 0, 1), `"a\xff"`},
		{w.Scalar("a", -1, 1), "-1"},
		{w.Text("a", 2, "\xff"), `"a", step 2`},
		{w.Histogram("h", 3, nil), `"h", step 3`},
		{w.Histogram("h", 3, []float32{0, float32(math.NaN())}), "NaN"},
		{w.Histogram("h", 3, []float32{float32(math.Inf(-1))}), "-Inf"},
		{errors.Join(w.Scalar("a", 0, 1), w.Histogram("a", 0, []float32{1})),
			`"a" holds a scalar`},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("error %v, want %s", c.err, c.want)
		}
	}
	if err := w.Close(); err != nil {
		t.Errorf("wrong input ended the writer: %v", err)
	}
	if got := mustRead(t, w.Path()); len(got) != 3 {
		t.Errorf("wrong input was written: %+v", got)
	}
	for _, err := range []error{w.Scalar("a", 1, 1), w.Flush(), w.Close()} {
		if !errors.Is(err, errClosed) {
			t.Errorf("after Close: %v", err)
		}
	}
	if _, err := NewWriter(w.Path()); err == nil || !strings.Contains(err.Error(), w.Path()) {
		t.Errorf("a file in place of the directory: %v", err)
	}
}

// TestWriteFails takes the file away under the writer: every call returns the first failure.
func TestWriteFails(t *testing.T) {
	w, err := NewWriter(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w.file.Close()
	if err := w.Scalar("a", 0, 1); err != nil {
		t.Fatal(err) // buffered
	}
	first := w.Flush()
	if first == nil || !strings.Contains(first.Error(), w.Path()) {
		t.Fatalf("flush: %v", first)
	}
	if err := w.Scalar("a", 1, 1); !errors.Is(err, first) {
		t.Errorf("next call: %v", err)
	}
	if err := w.Close(); !errors.Is(err, first) {
		t.Errorf("close: %v", err)
	}
}

func TestConcurrent(t *testing.T) {
	w, err := NewWriter(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for k := range 4 {
		group.Go(func() {
			for step := range 100 {
				if err := errors.Join(w.Scalar(fmt.Sprint("curve/", k), int64(step), 1), w.Flush()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := len(mustRead(t, w.Path())); got != 402 {
		t.Errorf("%d events, want 402", got)
	}
}

// FuzzWriter gives the writer anything: it answers with an error and writes nothing, or what it wrote is read back.
func FuzzWriter(f *testing.F) {
	f.Add("loss", int64(1), 0.5, float32(1), float32(2), "text")
	f.Add("", int64(-1), math.NaN(), float32(math.Inf(1)), float32(0), "\xff")
	f.Add("ä\n\x00", int64(math.MaxInt64), math.Inf(-1), float32(math.MaxFloat32), float32(-math.MaxFloat32), "")
	f.Fuzz(func(t *testing.T, tag string, step int64, value float64, a, b float32, text string) {
		w, err := NewWriter(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		valid := tag != "" && utf8.ValidString(tag) && step >= 0
		call := func(err error, ok bool, tag, has string) {
			if (err == nil) != ok {
				t.Errorf("%q: error %v, want one: %v", tag, err, !ok)
			}
			if err == nil {
				want = append(want, fmt.Sprint(tag, step, has))
			}
		}
		call(w.Scalar(tag, step, value), valid, tag, fmt.Sprint(float32(value)))
		call(w.Text(tag+"/t", step, text), utf8.ValidString(tag) && utf8.ValidString(text) && step >= 0, tag+"/t",
			"text "+text)
		finite := !math.IsNaN(float64(a)) && !math.IsNaN(float64(b)) && !math.IsInf(float64(a), 0) &&
			!math.IsInf(float64(b), 0)
		call(w.Histogram(tag+"/h", step, []float32{a, b, a}), finite && utf8.ValidString(tag) && step >= 0, tag+"/h",
			"min")
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range mustRead(t, w.Path()) {
			if e.Tag != "" {
				if strings.HasPrefix(e.Has, "min ") {
					e.Has = "min"
				}
				got = append(got, fmt.Sprint(e.Tag, e.Step, e.Has))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}
