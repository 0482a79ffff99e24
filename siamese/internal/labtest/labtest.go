package labtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/loss"
)

// OpenEnv, where it is set, makes the test binary open the backend of that name, print what came of it, and
// end: libraries that are loaded and variables that were read stay for the life of a process.
const OpenEnv = "SIAMESE_TEST_OPEN"

// DescribeEnv, where it is set as well, has it print how many devices and workers the backend has.
const DescribeEnv = "SIAMESE_TEST_DESCRIBE"

// Open returns what OpenBackend(name) says in a process of its own, with the variables of env.
func Open(t *testing.T, name string, env ...string) string {
	t.Helper()
	if _, child := os.LookupEnv(OpenEnv); child { // else every child would start the tests, and so children, again
		t.Fatalf("%s is set while tests run: TestMain of this package must call labdevice.Main", OpenEnv)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^$")
	for _, v := range os.Environ() {
		if key, _, _ := strings.Cut(v, "="); !strings.HasPrefix(key, "GOMLX_") && !strings.HasPrefix(key, "PJRT_") && key != "SIAMESE_LAB_DIR" && key != "GOCOVERDIR" {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, OpenEnv+"="+name, "PJRT_PLUGIN_LIBRARY_PATH="+t.TempDir())
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// Lab returns a lab's directory whose record of the plugin is the given text ("" = none).
func Lab(t *testing.T, record string) string {
	t.Helper()
	dir := t.TempDir()
	if record != "" {
		if err := os.MkdirAll(filepath.Join(dir, "plugin"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "plugin", "plugin.json"), []byte(record), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// BenchFrame is 4,096 items of 2,000 random features: the work on which other libraries are compared.
func BenchFrame() *data.Frame {
	const n, f = 4096, 2000
	rng := rand.New(rand.NewPCG(1, 1))
	frame := &data.Frame{X: make([]float32, n*f), Blocks: []data.Block{{Name: "f", Start: 0, End: f}}}
	for i := range frame.X {
		frame.X[i] = rng.Float32()
	}
	for i := range n {
		frame.IDs = append(frame.IDs, strconv.Itoa(i))
		frame.Labels = append(frame.Labels, strconv.Itoa(i%20))
	}
	for k := range f {
		frame.Columns = append(frame.Columns, "f"+strconv.Itoa(k))
	}
	return frame
}

// LossOf returns the usual numbers of a loss that is known.
func LossOf(name string) loss.Spec {
	spec, err := loss.Default(name)
	if err != nil {
		panic(err)
	}
	return spec
}

// PositiveToy is a toy frame without negative features.
func PositiveToy(prefix string, classes, perClass int, seed uint64) *data.Frame {
	f := Toy(prefix, classes, perClass, 6, 0.8, seed)
	for i, v := range f.X {
		f.X[i] = v*v + 0.01
	}
	return f
}

func MaxAbs(x []float64) float64 {
	var m float64
	for _, v := range x {
		m = max(m, math.Abs(v))
	}
	return m
}

// Matrix returns a tensor [rows, columns].
func Matrix(values []float32, rows, columns int) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(values, rows, columns)
}

func Vector(values []float32) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(values, len(values))
}

// Normals returns n numbers with mean 0 and deviation scale.
func Normals(rng *rand.Rand, n int, scale float64) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(scale * rng.NormFloat64())
	}
	return out
}

// Near reports whether got and want differ by at most tolerance, relative to 1 or to want if that is larger.
// NaN is near nothing.
func Near(got, want, tolerance float64) bool {
	return math.Abs(got-want) <= tolerance*max(1, math.Abs(want))
}

func WantNear(t *testing.T, what string, got []float32, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !Near(float64(got[i]), want[i], tolerance) {
			t.Errorf("%s[%d] is %v, want %v", what, i, got[i], want[i])
			return
		}
	}
}

// WantError fails unless err says all of parts.
func WantError(t *testing.T, err error, parts ...string) {
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

// FrameOf returns a frame of one block whose rows are given.
func FrameOf(prefix string, labels []string, rows ...[]float32) *data.Frame {
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

// Toy returns perClass items of each class: a class mean, which depends on the class only, and noise around
// it. Two of three features are noise alone. Domains alternate.
func Toy(prefix string, classes, perClass, features int, noise float64, seed uint64) *data.Frame {
	rng := rand.New(rand.NewPCG(seed, 1))
	var rows [][]float32
	var labels, domains []string
	for c := range classes {
		mean := Normals(rand.New(rand.NewPCG(uint64(c), 2)), features, 1)
		for i := range perClass {
			row := Normals(rng, features, noise)
			for k := 0; k < features; k += 3 {
				row[k] += mean[k]
			}
			rows, labels = append(rows, row), append(labels, fmt.Sprintf("class %d", c))
			domains = append(domains, []string{"photo", "scan"}[i%2])
		}
	}
	f := FrameOf(prefix, labels, rows...)
	f.Domains = domains
	return f
}

// Tagged returns n items of one or two of eight classes each, "a|c" for instance, the features of which are the sum of what
// those of its classes are and noise; two of three features are noise alone. Every tenth label is not known. Domains alternate.
func Tagged(prefix string, n, features int, noise float64, seed uint64) *data.Frame {
	rng := rand.New(rand.NewPCG(seed, 1))
	var rows [][]float32
	var labels, domains []string
	for i := range n {
		row, names := Normals(rng, features, noise), []string(nil)
		tags := rng.Perm(8)[:1+rng.IntN(2)]
		for _, c := range tags {
			mean := Normals(rand.New(rand.NewPCG(uint64(c), 2)), features, 1)
			for k := 0; k < features; k += 3 {
				row[k] += mean[k]
			}
			names = append(names, string(rune('a'+c)))
		}
		label := strings.Join(names, "|")
		if i%10 == 9 {
			label = ""
		}
		rows, labels = append(rows, row), append(labels, label)
		domains = append(domains, []string{"photo", "scan"}[i%2])
	}
	f := FrameOf(prefix, labels, rows...)
	f.Domains = domains
	return f
}

// RandomLabels returns a frame with lists of labels, some of them unknown.
func RandomLabels(rng *rand.Rand) *data.Frame {
	n, classes, most, places := 4+rng.IntN(40), 2+rng.IntN(6), 1+rng.IntN(4), 1+rng.IntN(3)
	labels, domains := make([]string, n), make([]string, n)
	for i := range n {
		var names []string
		for range rng.IntN(most + 1) {
			names = append(names, fmt.Sprint(rng.IntN(classes)))
		}
		labels[i], domains[i] = strings.Join(names, "|"), fmt.Sprint(rng.IntN(places))
	}
	return Labelled(labels, domains)
}

// ClassFrame is a frame with so many items of each class; names are a, b, c, …; "" is unknown.
func ClassFrame(counts map[string]int) *data.Frame {
	f := &data.Frame{Columns: []string{"f"}, Blocks: []data.Block{{Name: "f", Start: 0, End: 1}}}
	for name, n := range counts {
		for range n {
			f.X = append(f.X, float32(len(f.IDs)))
			f.IDs = append(f.IDs, string(rune('A'+len(f.IDs)%26))+strings.Repeat("x", len(f.IDs)/26))
			f.Labels = append(f.Labels, name)
		}
	}
	return f
}

// AsTheyAre returns the transforms of a model that takes features as they are, and whose standardisation happens
// to change nothing.
func AsTheyAre(columns []string) (transform, standard *preprocess.Transform) {
	blocks := []data.Block{{Name: "x", Start: 0, End: len(columns)}}
	transform = &preprocess.Transform{Spec: preprocess.Options{Scale: preprocess.ScaleNone}, Columns: columns, Blocks: blocks}
	standard = &preprocess.Transform{Spec: transform.Spec.Standard(), Columns: columns, Blocks: blocks, Centre: make([]float32, len(columns)), Factor: make([]float32, len(columns))}
	for k := range standard.Factor {
		standard.Factor[k] = 1
	}
	return transform, standard
}

// OracleLayer is a dense layer: w [in][out], b [out].
type OracleLayer struct {
	W [][]float64
	B []float64
}

func Widen(values []float32) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = float64(v)
	}
	return out
}

// OracleEncode returns the embedding of one scaled row. masks, where not nil, holds a factor for every unit of
// every layer: 0 where it is dropped.
func OracleEncode(x []float64, layers []OracleLayer, masks [][]float64) []float64 {
	for i, l := range layers {
		y := make([]float64, len(l.B))
		for o := range y {
			y[o] = l.B[o]
			for k, v := range x {
				y[o] += v * l.W[k][o]
			}
			y[o] = math.Max(0, y[o])
			if masks != nil {
				y[o] *= masks[i][o]
			}
		}
		x = y
	}
	return x
}

func OracleUnit(x []float64) []float64 {
	var squares float64
	for _, v := range x {
		squares += v * v
	}
	out := make([]float64, len(x))
	if squares == 0 {
		return out
	}
	for i, v := range x {
		out[i] = v / math.Sqrt(squares)
	}
	return out
}

func OracleCosine(a, b []float64) float64 {
	a, b = OracleUnit(a), OracleUnit(b)
	var sum float64
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// Labelled returns a frame of one feature with the given labels and domains (nil = none).
func Labelled(labels, domains []string) *data.Frame {
	rows := make([][]float32, len(labels))
	for i := range rows {
		rows[i] = []float32{float32(i)}
	}
	f := FrameOf("i", labels, rows...)
	f.Domains = domains
	return f
}

func RepeatLabel(name string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = name
	}
	return out
}

// WantShare fails when count of n lies more than five standard deviations from the share p.
func WantShare(t *testing.T, what string, count, n, p float64) {
	t.Helper()
	if math.Abs(count-n*p) > 5*math.Sqrt(n*p*(1-p)) {
		t.Errorf("%s: %v of %v, want about %.0f", what, count, n, n*p)
	}
}

// InBlocks returns a toy frame of nine features in two blocks, with more than one scale.
func InBlocks(prefix string, perClass int, seed uint64) *data.Frame {
	f := Toy(prefix, 4, perClass, 9, 0.5, seed)
	f.Blocks = []data.Block{{Name: "wide", Start: 0, End: 7}, {Name: "narrow", Start: 7, End: 9}}
	for i := range f.N() {
		f.Row(i)[2] *= 100
	}
	return f
}

func Flat(t *testing.T, x *tensors.Tensor) []float32 {
	t.Helper()
	values, err := tensors.CopyFlatData[float32](x)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func Seq(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
