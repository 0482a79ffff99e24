package loss_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	_ "github.com/gomlx/compute/gobackend"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/loss"
)

var openGo = sync.OnceValues(func() (compute.Backend, error) { return compute.NewWithConfig("go") })

// openUsual opens the backend a user of this machine gets: XLA where it can be had.
var openUsual = sync.OnceValues(func() (*device.Backend, error) { return device.Open("") })

// onBackends runs a test on the Go backend, and on XLA too where [device.Open] gives it.
func onBackends(t *testing.T, test func(t *testing.T, backend compute.Backend)) {
	t.Helper()
	backend, err := openGo()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("go", func(t *testing.T) { test(t, backend) })
	usual, err := openUsual()
	if err != nil {
		t.Fatal(err)
	}
	if usual.Name() == backend.Name() {
		t.Log("on the Go backend only: ", usual.Why)
		return
	}
	t.Run("xla", func(t *testing.T) { test(t, usual.Backend) })
}

// beside runs the test of a loss in parallel with others on backends that take long to compile. Parallel tests need
// executors of their own.
func beside(t *testing.T, backend compute.Backend, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		if backend.Name() != "go" {
			t.Parallel()
		}
		test(t)
	})
}

// task is a loss with its input: rel of len(left) values is on listed pairs, of more on all pairs.
type task struct {
	spec        loss.Spec
	left, right [][]float64 // right nil: the batch with itself
	p, q        []float64   // weights of pairs as positives and as negatives, row by row
	listed      bool
}

func (k task) refs() [][]float64 {
	if k.right == nil {
		return k.left
	}
	return k.right
}

// result is a loss with its gradients; right is nil when the batch is its own reference.
type result struct {
	value       float64
	left, right [][]float64
}

// evaluate builds the graph of the task with embeddings of the type T, and runs it.
func evaluate[T float32 | float64](t testing.TB, backend compute.Backend, k task) result {
	t.Helper()
	n, m := len(k.left), len(k.refs())
	dims := []int{n, m}
	if k.listed {
		dims = []int{n}
	}
	args := []any{tensorOf[T](k.left), tensors.FromFlatDataAndDimensions(convert[T](k.p), dims...),
		tensors.FromFlatDataAndDimensions(convert[T](k.q), dims...)}
	if k.right != nil {
		args = append(args, tensorOf[T](k.right))
	}
	out := runExec(t, compiled[T](t, backend, k), args...)
	r := result{value: flat(t, out[0])[0], left: rowsOf(flat(t, out[1]), n)}
	if k.right != nil {
		r.right = rowsOf(flat(t, out[2]), m)
	}
	return r
}

// compiled returns the executor of the task's graph. Tests share them: XLA takes longer to compile a loss
// than to run it a hundred times, and recompiles only for new shapes.
func compiled[T float32 | float64](t testing.TB, backend compute.Backend, k task) *Exec {
	t.Helper()
	type key struct {
		backend     string
		spec        loss.Spec
		own, listed bool
		dtype       dtypes.DType
	}
	at := key{backend: backend.Name(), spec: k.spec, own: k.right == nil, listed: k.listed,
		dtype: dtypes.FromGenericsType[T]()}
	if exec, ok := executors.Load(at); ok {
		return exec.(*Exec)
	}
	exec, err := NewExec(backend, func(in []*Node) []*Node {
		left, right := in[0], in[0]
		sides := []*Node{left}
		if len(in) == 4 {
			right = in[3]
			sides = append(sides, right)
		}
		value := loss.Build(k.spec, left, right, loss.Relation{Positive: in[1], Negative: in[2]})
		value.AssertDims()
		return append([]*Node{value}, Gradient(value, sides...)...)
	})
	if err != nil {
		t.Fatal(err)
	}
	executors.Store(at, exec)
	return exec
}

var executors sync.Map

func run(t testing.TB, backend compute.Backend, graph func([]*Node) []*Node, args ...any) []*tensors.Tensor {
	t.Helper()
	exec, err := NewExec(backend, graph)
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	return runExec(t, exec, args...)
}

func runExec(t testing.TB, exec *Exec, args ...any) []*tensors.Tensor {
	t.Helper()
	out, err := exec.Call(args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func tensorOf[T float32 | float64](rows [][]float64) *tensors.Tensor {
	var all []float64
	for _, row := range rows {
		all = append(all, row...)
	}
	return tensors.FromFlatDataAndDimensions(convert[T](all), len(rows), len(rows[0]))
}

func convert[T float32 | float64](x []float64) []T {
	out := make([]T, len(x))
	for i, v := range x {
		out[i] = T(v)
	}
	return out
}

// flat returns the numbers of a float or bool tensor.
func flat(t testing.TB, x *tensors.Tensor) []float64 {
	t.Helper()
	var out []float64
	var err error
	switch x.DType() {
	case dtypes.Float64:
		out, err = tensors.CopyFlatData[float64](x)
	case dtypes.Float32:
		var single []float32
		single, err = tensors.CopyFlatData[float32](x)
		for _, v := range single {
			out = append(out, float64(v))
		}
	case dtypes.Bool:
		var truth []bool
		truth, err = tensors.CopyFlatData[bool](x)
		for _, v := range truth {
			out = append(out, indicator(v))
		}
	default:
		t.Fatalf("no numbers in %s", x.Shape())
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func rowsOf(x []float64, n int) [][]float64 {
	out := make([][]float64, n)
	for i := range out {
		out[i] = x[i*len(x)/n : (i+1)*len(x)/n]
	}
	return out
}

func indicator(x bool) float64 {
	if x {
		return 1
	}
	return 0
}

// near returns an error unless got and want agree within tolerance times the larger of 1 and the largest
// number of want. NaN agrees with nothing.
func near(what string, got, want []float64, tolerance float64) error {
	if len(got) != len(want) {
		return fmt.Errorf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	size := 1.0
	for _, w := range want {
		size = max(size, math.Abs(w))
	}
	for i, w := range want {
		if !(math.Abs(got[i]-w) <= tolerance*size) {
			return fmt.Errorf("%s: number %d is %v, want %v (tolerance %v of %v)", what, i, got[i], w, tolerance, size)
		}
	}
	return nil
}

func nearRows(what string, got, want [][]float64, tolerance float64) error {
	if len(got) != len(want) {
		return fmt.Errorf("%s: %d rows, want %d", what, len(got), len(want))
	}
	join := func(rows [][]float64) (all []float64) {
		for _, row := range rows {
			all = append(all, row...)
		}
		return all
	}
	return near(what, join(got), join(want), tolerance)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func randomRows(rng *rand.Rand, n, e int) [][]float64 {
	out := make([][]float64, n)
	for i := range out {
		out[i] = make([]float64, e)
		for j := range out[i] {
			out[i][j] = rng.NormFloat64()
		}
	}
	return out
}

func mustDefault(t testing.TB, name string) loss.Spec {
	t.Helper()
	spec, err := loss.Default(name)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// ofClasses returns the weights of all pairs of a batch with these classes; negative = unknown.
func ofClasses(class []int) (p, q []float64) {
	for i, a := range class {
		for j, b := range class {
			known := i != j && a >= 0 && b >= 0
			p = append(p, indicator(known && a == b))
			q = append(q, indicator(known && a != b))
		}
	}
	return p, q
}

// ofCentres returns the weights of all pairs of items with c class centres; negative = unknown.
func ofCentres(class []int, c int) (p, q []float64) {
	for _, a := range class {
		for b := range c {
			p = append(p, indicator(a >= 0 && a == b))
			q = append(q, indicator(a >= 0 && a != b))
		}
	}
	return p, q
}
