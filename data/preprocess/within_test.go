package preprocess

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/selection"
	"github.com/go-siamese/lab/data/option"
)

// inClasses returns n items of three classes, a few of them without a label, 6 features in two blocks, one of them
// constant within every class.
func inClasses(n int, seed uint64) *data.Frame {
	rng := rand.New(rand.NewPCG(seed, 1))
	f := &data.Frame{Columns: []string{"a0", "a1", "a2", "a3", "b0", "b1"},
		Blocks: []data.Block{{Name: "a", Start: 0, End: 4}, {Name: "b", Start: 4, End: 6}}}
	for i := range n {
		class := i % 3
		label := []string{"x", "y", "z"}[class]
		if i%10 == 9 {
			label = ""
		}
		f.IDs, f.Labels = append(f.IDs, "i"+string(rune('a'+i/26))+string(rune('a'+i%26))), append(f.Labels, label)
		common := rng.NormFloat64()
		for j := range 5 {
			f.X = append(f.X, float32(float64(class*(j+1))+common*float64(j)+rng.NormFloat64()*float64(j+1)+100))
		}
		f.X = append(f.X, float32(class*class))
	}
	return f
}

// covarianceOf is the naive covariance [width, width] of rows about the mean of their class, over labelled items.
func covarianceOf(rows *data.Frame) [][]float64 {
	width := rows.F()
	means, counts, labelled := map[string][]float64{}, map[string]float64{}, 0.0
	for i, label := range rows.Labels {
		if label == "" {
			continue
		}
		if means[label] == nil {
			means[label] = make([]float64, width)
		}
		for j, v := range rows.Row(i) {
			means[label][j] += float64(v)
		}
		counts[label]++
		labelled++
	}
	out := make([][]float64, width)
	for j := range out {
		out[j] = make([]float64, width)
		for k := range width {
			for i, label := range rows.Labels {
				if label != "" {
					n := counts[label]
					out[j][k] += (float64(rows.Row(i)[j]) - means[label][j]/n) *
						(float64(rows.Row(i)[k]) - means[label][k]/n) / labelled
				}
			}
		}
	}
	return out
}

// Scaled within classes every column has deviation 1 there, but for one that its class decides.
func TestScaleWithin(t *testing.T) {
	f := inClasses(200, 1)
	out := transformed(t, fit(t, f, selection.All(200), Options{Scale: ScaleWithin}), f)
	covariance := covarianceOf(out)
	for j := range 5 {
		if v := covariance[j][j]; math.Abs(v-1) > 1e-5 {
			t.Errorf("column %d has variance %g within classes", j, v)
		}
	}
	var mean, square float64
	for i := range out.N() {
		v := float64(out.Row(i)[5])
		mean += v / 200
		square += v * v / 200
	}
	if v := (square - mean*mean) * leastWithin * leastWithin; math.Abs(mean) > 1e-4 || math.Abs(v-1) > 1e-4 {
		t.Errorf("the column that is constant within classes has mean %g and %g times the variance that it may have",
			mean, v)
	}
}

// Without shrinkage whitened components are uncorrelated within classes, with variance 1; with shrinkage s the
// variances are those of a naive computation, and with all of it the components differ from plain ones by a rotation
// and one factor.
func TestWhitenWithin(t *testing.T) {
	f := inClasses(200, 2)
	spec := Options{Components: 4, Whiten: true, WithinClass: true}
	tr := fit(t, f, selection.All(200), spec)
	covariance := covarianceOf(transformed(t, tr, f))
	for j, row := range covariance {
		for k, v := range row {
			want := 0.0
			if j == k {
				want = 1
			}
			if math.Abs(v-want) > 1e-4 {
				t.Errorf("covariance of components %d and %d within classes: %g, want %g", j, k, v, want)
			}
		}
	}
	if err := tr.Validate(); err != nil {
		t.Error(err)
	}

	spec.Shrinkage = 0.4
	half := fit(t, f, selection.All(200), spec)
	var mean float64
	for _, v := range tr.Variance {
		mean += float64(v) / 4
	}
	for k, v := range half.Variance {
		closeTo(t, "variance", float64(v), 0.6*float64(tr.Variance[k])+0.4*mean, mean)
	}

	spec.Shrinkage = 1
	whole := transformed(t, fit(t, f, selection.All(200), spec), f)
	plain := transformed(t, fit(t, f, selection.All(200), Options{Components: 4}), f)
	for i := range f.N() {
		var a, b float64
		for k := range 4 {
			a += float64(whole.Row(i)[k]) * float64(whole.Row(i)[k]) * mean
			b += float64(plain.Row(i)[k]) * float64(plain.Row(i)[k])
		}
		if math.Abs(a-b) > 1e-3*(1+b) {
			t.Fatalf("item %d has squared length %g, want %g", i, a, b)
		}
	}
}

// Items without a label have no part in what is within classes, and too few labels are an error that says so.
func TestWithinNeedsClasses(t *testing.T) {
	f := inClasses(60, 3)
	spec := Options{Components: 2, Scale: ScaleWithin, Whiten: true, WithinClass: true}
	for name, labels := range map[string][]string{"none": nil, "empty": make([]string, 60), "each its own": f.IDs} {
		g := *f
		g.Labels = labels
		t.Run(name, func(t *testing.T) {
			_, err := Fit(t.Context(), &g, selection.All(60), spec)
			wantError(t, err, "", "no class", "labels")
		})
	}
	still := *f
	still.X = make([]float32, len(f.X))
	for i := range f.N() {
		for j := range f.F() {
			still.X[i*f.F()+j] = float32((i%3 + 1) * (j*j + (i%3)*j + 1)) // nothing within a class
		}
	}
	spec.Scale = ScaleStandard
	_, err := Fit(t.Context(), &still, selection.All(60), spec)
	wantError(t, err, "within_class", "shrinkage")
}

// Components that are whitened within classes afterwards are those that Fit returns at once, to the bit.
func TestWithinAfterwards(t *testing.T) {
	f := inClasses(120, 5)
	plain := Options{Components: 3, Whiten: true}
	fitted, err := Fit(t.Context(), f, selection.All(f.N()), plain)
	if err != nil {
		t.Fatal(err)
	}
	got, err := fitted.Within(t.Context(), f, selection.All(f.N()), 0.2)
	if err != nil {
		t.Fatal(err)
	}
	plain.WithinClass, plain.Shrinkage = true, 0.2
	want, err := Fit(t.Context(), f, selection.All(f.N()), plain)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if _, err := got.Within(t.Context(), f, selection.All(f.N()), 0.2); !slices.Equal(option.Names(err),
		[]string{"within_class"}) {
		t.Errorf("twice: %v", err)
	}
	if _, err := fitted.Within(t.Context(), f, selection.All(f.N()), 2); !slices.Equal(option.Names(err),
		[]string{"shrinkage"}) {
		t.Errorf("shrinkage 2: %v", err)
	}
	f.Labels = nil
	if _, err := fitted.Within(t.Context(), f, selection.All(f.N()), 0.2); err == nil {
		t.Error("no labels are no error")
	}
}
