package siamese

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/data"
)

// goBackend and xlaBackend are opened once for all tests: opening XLA takes longer than most of them.
var (
	goBackend  = sync.OnceValues(func() (*Backend, error) { return OpenBackend("go") })
	xlaBackend = sync.OnceValues(func() (*Backend, error) {
		const name = "xla,devices=4" // some tests train on so many
		backend, err := OpenBackend(name)
		if err == nil {
			return backend, nil
		}
		if out, installErr := exec.Command("go", "run", "../kernels", "install").CombinedOutput(); installErr != nil {
			return nil, fmt.Errorf("%w; and `go run ./kernels install` failed, run it to see why: %w\n%s", err, installErr, out)
		}
		return OpenBackend(name)
	})
)

// testBackends returns the backends that every test of numbers runs on: the pure-Go one and, in builds with
// cgo, XLA. Where its plugin is missing it is installed; where it cannot be had the test fails.
func testBackends(t testing.TB) []*Backend {
	t.Helper()
	plain, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	if err := xlaAvailable(); err != nil {
		t.Logf("testing the Go backend only: %v", err)
		return []*Backend{plain}
	}
	xla, err := xlaBackend()
	if err != nil {
		t.Fatalf("XLA cannot be had: %v", err)
	}
	return []*Backend{plain, xla}
}

// onBackends runs a test on every backend.
func onBackends(t *testing.T, test func(t *testing.T, backend *Backend)) {
	t.Helper()
	for _, backend := range testBackends(t) {
		t.Run(backend.Name(), func(t *testing.T) { test(t, backend) })
	}
}

// severalBackends returns the backends of a test that compares them, which a build without XLA skips.
func severalBackends(t *testing.T) []*Backend {
	t.Helper()
	backends := testBackends(t)
	if len(backends) < 2 {
		t.Skipf("there is one backend, and none to compare it with: %v", xlaAvailable())
	}
	return backends
}

// onOneOfMany runs a case of many on the pure-Go backend, and the one with xla on every backend: on XLA every case would
// compile graphs of its own.
func onOneOfMany(t *testing.T, xla bool, test func(t *testing.T, backend *Backend)) {
	t.Helper()
	if xla {
		onBackends(t, test)
		return
	}
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	t.Run(backend.Name(), func(t *testing.T) { test(t, backend) })
}

// saveAndLoad returns what m is after a file.
func saveAndLoad(t *testing.T, m *Model) *Model {
	t.Helper()
	path := filepath.Join(t.TempDir(), "m")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// run1 runs a graph once on float32 tensors (and others as they come) and returns its outputs, flat.
func run1(t *testing.T, backend compute.Backend, graph func(in []*Node) []*Node, inputs ...*tensors.Tensor) [][]float32 {
	t.Helper()
	backend, err := plain(backend)
	if err != nil {
		t.Fatal(err)
	}
	exec, err := NewExec(backend, graph)
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	args := make([]any, len(inputs))
	for i, in := range inputs {
		args[i] = in
	}
	out, err := exec.Call(args...)
	if err != nil {
		t.Fatal(err)
	}
	flat := make([][]float32, len(out))
	for i, o := range out {
		if flat[i], err = tensors.CopyFlatData[float32](o); err != nil {
			t.Fatal(err)
		}
	}
	return flat
}

// matrix returns a tensor [rows, columns].
func matrix(values []float32, rows, columns int) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(values, rows, columns)
}

func vector(values []float32) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(values, len(values))
}

// normals returns n numbers with mean 0 and deviation scale.
func normals(rng *rand.Rand, n int, scale float64) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(scale * rng.NormFloat64())
	}
	return out
}

// near reports whether got and want differ by at most tolerance, relative to 1 or to want if that is larger.
// NaN is near nothing.
func near(got, want, tolerance float64) bool {
	return math.Abs(got-want) <= tolerance*max(1, math.Abs(want))
}

func wantNear(t *testing.T, what string, got []float32, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !near(float64(got[i]), want[i], tolerance) {
			t.Errorf("%s[%d] is %v, want %v", what, i, got[i], want[i])
			return
		}
	}
}

// wantError fails unless err says all of parts.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
}

// frameOf returns a frame of one block whose rows are given.
func frameOf(prefix string, labels []string, rows ...[]float32) *data.Frame {
	f := &data.Frame{Labels: labels}
	for i, row := range rows {
		f.IDs = append(f.IDs, fmt.Sprintf("%s%d", prefix, i))
		f.X = append(f.X, row...)
	}
	for c := range rows[0] {
		f.Columns = append(f.Columns, fmt.Sprintf("x/%d", c))
	}
	f.Blocks = []data.Block{{Name: "x", Start: 0, End: len(f.Columns)}}
	return f
}

// toy returns perClass items of each class: a class mean, which depends on the class only, and noise around
// it. Two of three features are noise alone. Domains alternate.
func toy(prefix string, classes, perClass, features int, noise float64, seed uint64) *data.Frame {
	rng := rand.New(rand.NewPCG(seed, 1))
	var rows [][]float32
	var labels, domains []string
	for c := range classes {
		mean := normals(rand.New(rand.NewPCG(uint64(c), 2)), features, 1)
		for i := range perClass {
			row := normals(rng, features, noise)
			for k := 0; k < features; k += 3 {
				row[k] += mean[k]
			}
			rows, labels = append(rows, row), append(labels, fmt.Sprintf("class %d", c))
			domains = append(domains, []string{"photo", "scan"}[i%2])
		}
	}
	f := frameOf(prefix, labels, rows...)
	f.Domains = domains
	return f
}

// toyConfig trains on a toy frame in well under a second on any backend.
func toyConfig() Config {
	cfg := DefaultConfig()
	cfg.Layers, cfg.Epochs, cfg.PairsPerEpoch, cfg.BatchPairs = []int{24, 8}, 4, 1024, 32
	cfg.LearningRate, cfg.ValPairs, cfg.Patience = 0.01, 400, 0
	return cfg
}

// trained returns a small trained model and its validation items.
func trained(t testing.TB) (m *Model, val *data.Frame) {
	t.Helper()
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := toy("t", 4, 20, 9, 0.5, 1), toy("v", 4, 10, 9, 0.5, 2)
	cfg := toyConfig()
	cfg.Layers, cfg.Epochs, cfg.PairsPerEpoch = []int{5, 3}, 1, 256
	result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return result.Model, val
}
