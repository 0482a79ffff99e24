package onnx

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/gate"
)

// models are what the file must say as the lab does: every stage of preprocessing, with and without features beside the
// encoder, PLDA, and a gate.
func models(t *testing.T) map[string]*siamese.Model {
	out := map[string]*siamese.Model{}
	for name, set := range map[string]func(c *siamese.Config){
		"plain":    func(*siamese.Config) {},
		"unscaled": func(c *siamese.Config) { c.Preprocess.Scale = preprocess.ScaleNone },
		"features": func(c *siamese.Config) { c.FeatureShare = 0.3 },
		"filled":   func(c *siamese.Config) { c.Preprocess.Impute = preprocess.ImputeMedian },
		"all": func(c *siamese.Config) {
			c.Preprocess = preprocess.Options{Impute: preprocess.ImputeMean, SignedSqrt: true,
				Scale: preprocess.ScaleRobust, EqualBlocks: true, BlockWeights: map[string]float64{"a": 2},
				Components: 5, Whiten: true, WithinClass: true, Shrinkage: 0.3}
			c.FeatureShare = 0.5
		},
		"ensemble":   func(c *siamese.Config) { c.Ensemble, c.FeatureShare = [][]int{{6}, {5, 4, 3}}, 0.3 },
		"components": func(c *siamese.Config) { c.Preprocess.Variance = 0.9 },
	} {
		c := siamese.DefaultConfig()
		c.Layers = []int{16, 6}
		set(&c)
		f := frame(c.Preprocess.Imputing() != preprocess.ImputeNone)
		all := make([]int, f.N())
		for i := range all {
			all[i] = i
		}
		fitted, err := preprocess.Fit(t.Context(), f, all, c.Preprocess)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		standard, err := preprocess.Fit(t.Context(), f, all, c.Preprocess.Standard())
		if err != nil {
			t.Fatal(err)
		}
		m := &siamese.Model{Config: c, Transform: fitted, Standard: standard, Threshold: 0.25, Lab: "0.1.0",
			Layers: encoder.Init(fitted.Width(), c.Layers, 3)}
		m.Ensemble = encoder.InitAll(fitted.Width(), c.Encoders(), 3)[1:]
		for _, layer := range slices.Concat(m.Encoders()...) { // biases of 0 would hide a missing one
			for k := range layer.Biases {
				layer.Biases[k] = float32(k%3) / 10
			}
		}
		out[name] = m
	}
	backend := goBackend(t)
	for _, of := range []string{"features", "ensemble"} {
		for _, part := range []string{config.PLDAEncoder, config.PLDABoth} {
			m, err := out[of].WithPLDA(t.Context(), backend, frame(false), part)
			if err != nil {
				t.Fatal(err)
			}
			out[of+", PLDA of "+part] = m
		}
	}
	for _, of := range []string{"features", "ensemble, PLDA of both"} {
		m, err := out[of].WithPLDA(t.Context(), backend, nil, out[of].Config.PLDA) // a copy
		if err != nil {
			t.Fatal(err)
		}
		alone := m.EncoderAlone()
		alone.Config.PLDA, alone.EncoderPLDA = "", nil
		z, err := alone.Embed(t.Context(), backend, frame(false))
		if err != nil {
			t.Fatal(err)
		}
		x, err := embedding.UnitRows(t.Context(), m.Transform, frame(false))
		if err != nil {
			t.Fatal(err)
		}
		parts := gate.Items{Encoder: z, Features: x}
		if m.Gate, err = gate.Fit(t.Context(), parts, frame(false).Labels, parts); err != nil {
			t.Fatal(err)
		}
		m.Config.UnknownShare = 0.8
		out[of+", with a gate"] = m
	}
	return out
}

// frame returns 40 items of 9 features in two blocks, with missing values if asked for.
func frame(missing bool) *data.Frame {
	rng := rand.New(rand.NewPCG(1, 2))
	f := &data.Frame{Blocks: []data.Block{{Name: "a", Start: 0, End: 4}, {Name: "b", Start: 4, End: 9}}}
	for j := range 9 {
		f.Columns = append(f.Columns, fmt.Sprintf("c/%d", j))
	}
	for i := range 40 {
		f.IDs = append(f.IDs, fmt.Sprint("i", i))
		f.Labels = append(f.Labels, fmt.Sprint(i%4))
		for j := range 9 {
			v := float32(10*rng.NormFloat64()) + float32(i%4*j)
			if missing && rng.IntN(20) == 0 {
				v = float32(math.NaN())
			}
			f.X = append(f.X, v)
		}
	}
	return f
}

// goBackend opens the backend in pure Go.
func goBackend(t *testing.T) compute.Backend {
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(backend.Finalize)
	return backend
}

// TestAgainstModel evaluates the written graph by a reader and operators of its own and compares the embeddings with
// those of the model.
func TestAgainstModel(t *testing.T) {
	backend := goBackend(t)
	for name, m := range models(t) {
		f := frame(m.Transform.Spec.Imputing() != preprocess.ImputeNone)
		want, err := m.Embed(t.Context(), backend, f)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var file bytes.Buffer
		if err := Write(&file, m); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		g := read(t, file.Bytes())
		got := g.run(t, matrix{f.N(), f.F(), widen(f.X)})
		if got.rows != want.N || got.columns != want.E {
			t.Fatalf("%s: %d by %d, want %d by %d", name, got.rows, got.columns, want.N, want.E)
		}
		if at, by := furthest(got.values, widen(want.Values)); by > 1e-5 {
			t.Errorf("%s: number %d differs by %g", name, at, by)
		}
		if g.inputs[0] != fmt.Sprintf("features 1 [N %d]", m.F()) ||
			g.outputs[0] != fmt.Sprintf("embedding 1 [N %d]", m.E()) {
			t.Errorf("%s: inputs %q, outputs %q", name, g.inputs, g.outputs)
		}
	}
}

// TestZeros has an item without any signal: it stays zero in the file too, and is not NaN.
func TestZeros(t *testing.T) {
	for name, m := range models(t) {
		if !strings.HasPrefix(name, "features") && !strings.HasPrefix(name, "ensemble") {
			continue
		}
		for _, layer := range slices.Concat(m.Encoders()...) {
			clear(layer.Biases)
		}
		var file bytes.Buffer
		if err := Write(&file, m); err != nil {
			t.Fatal(err)
		}
		got := read(t, file.Bytes()).run(t, matrix{1, 9, widen(m.Transform.Centre)})
		if i := slices.IndexFunc(got.values, func(v float64) bool { return v != 0 }); i >= 0 {
			t.Errorf("%s: number %d of the item of means is %v", name, i, got.values[i])
		}
	}
}

func TestMetadata(t *testing.T) {
	m := models(t)["plain"]
	m.Notes = []string{"a <b> note"}
	m.Transform.Columns[1] = "c/\"<1>\""
	m.Standard.Columns[1] = m.Transform.Columns[1]
	var file bytes.Buffer
	if err := Write(&file, m); err != nil {
		t.Fatal(err)
	}
	about := read(t, file.Bytes()).about
	var columns, notes []string
	var threshold float64
	for key, to := range map[string]any{"columns": &columns, "notes": &notes, "threshold": &threshold,
		"config": &siamese.Config{}} {
		if err := json.Unmarshal([]byte(about[key]), to); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
	if !slices.Equal(columns, m.Transform.Columns) || !slices.Equal(notes, m.Notes) || threshold != 0.25 ||
		about["lab"] != "0.1.0" {
		t.Errorf("the metadata is %q", about)
	}
	for _, absent := range []string{"calibration", "settings"} {
		if v, ok := about[absent]; ok {
			t.Errorf("%s is %q", absent, v)
		}
	}
}

func TestSave(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.onnx")
	if err := Save(path, &siamese.Model{}); err == nil {
		t.Error("an empty model was saved")
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Error("a file was left behind: ", err)
	}
	m := models(t)["plain"]
	for range 2 { // the second replaces the first
		if err := Save(path, m); err != nil {
			t.Fatal(err)
		}
	}
	var same bytes.Buffer
	if err := Write(&same, m); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, same.Bytes()) {
		t.Errorf("the file is another: %v", err)
	}
}

// TestRuntime has onnx's checker and onnxruntime read the files, and compares their embeddings with the model's. It runs
// where SIAMESE_ONNX names a Python that has both, and NumPy: continuous integration sets it.
func TestRuntime(t *testing.T) {
	python := os.Getenv("SIAMESE_ONNX")
	if python == "" {
		t.Skip("SIAMESE_ONNX names no Python with onnx and onnxruntime")
	}
	backend, dir := goBackend(t), t.TempDir()
	var args []string
	for name, m := range models(t) {
		f := frame(m.Transform.Spec.Imputing() != preprocess.ImputeNone)
		z, err := m.Embed(context.Background(), backend, f)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		want := &data.Frame{X: z.Values, IDs: f.IDs, Blocks: []data.Block{{Name: "z", Start: 0, End: z.E}}}
		for k := range z.E {
			want.Columns = append(want.Columns, fmt.Sprint("z/", k))
		}
		for ending, one := range map[string]*data.Frame{".x.npy": f, ".z.npy": want} {
			if err := table.Save(path+ending, one); err != nil {
				t.Fatal(err)
			}
		}
		if err := Save(path+".onnx", m); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	out, err := exec.CommandContext(t.Context(), python, append([]string{"-I", "testdata/check.py"}, args...)...).
		CombinedOutput()
	if err != nil || strings.Count(string(out), " agrees ") != len(args) {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

func widen(values []float32) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = float64(v)
	}
	return out
}

// furthest returns where got and want differ most, and by how much; NaN counts as infinitely far.
func furthest(got, want []float64) (at int, by float64) {
	for i := range want {
		d := math.Abs(got[i] - want[i])
		if d != d {
			return i, math.Inf(1)
		}
		if d > by {
			at, by = i, d
		}
	}
	return at, by
}
