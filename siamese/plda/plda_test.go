package plda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/mat"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/safetensors"
)

// symOf returns a symmetric matrix of rows.
func symOf(rows [][]float64) *mat.SymDense {
	out := mat.NewSymDense(len(rows), nil)
	for i := range rows {
		for j := range rows {
			out.SetSym(i, j, rows[i][j])
		}
	}
	return out
}

// embeddingsOf returns rows as embeddings.
func embeddingsOf(rows [][]float64) *embedding.Embeddings {
	z := &embedding.Embeddings{N: len(rows), E: len(rows[0])}
	for _, row := range rows {
		for _, v := range row {
			z.Values = append(z.Values, float32(v))
		}
	}
	return z
}

// logDensity returns the logarithm of a Gaussian density of x with mean 0.
func logDensity(t *testing.T, x []float64, covariance *mat.SymDense) float64 {
	t.Helper()
	var chol mat.Cholesky
	if !chol.Factorize(covariance) {
		t.Fatal("the covariance is not positive definite")
	}
	var solved mat.VecDense
	v := mat.NewVecDense(len(x), x)
	if err := chol.SolveVecTo(&solved, v); err != nil {
		t.Fatal(err)
	}
	return -(mat.Dot(v, &solved) + chol.LogDet() + float64(len(x))*math.Log(2*math.Pi)) / 2
}

// joint returns the covariance [nK, nK] of n items of one class.
func joint(between, within mat.Symmetric, n int) *mat.SymDense {
	k := between.SymmetricDim()
	out := mat.NewSymDense(n*k, nil)
	for i := range n * k {
		for j := range i + 1 {
			v := between.At(i%k, j%k)
			if i/k == j/k {
				v += within.At(i%k, j%k)
			}
			out.SetSym(i, j, v)
		}
	}
	return out
}

// testdata/golden.py wrote the golden values.
func TestGolden(t *testing.T) {
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Scores []struct {
			Mean                                 []float64
			Between, Within, Left, Right, Scores [][]float64
		}
		Shrinkages []struct {
			Rows      [][]float64
			Shrinkage float64
		}
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Scores) != 4 || len(golden.Shrinkages) != 4 {
		t.Fatalf("%d and %d cases", len(golden.Scores), len(golden.Shrinkages))
	}
	for n, c := range golden.Scores {
		m, err := New(c.Mean, symOf(c.Between), symOf(c.Within))
		if err != nil {
			t.Fatal(err)
		}
		left, right := embeddingsOf(c.Left), embeddingsOf(c.Right)
		scores, err := m.Scores(left, right)
		if err != nil {
			t.Fatal(err)
		}
		queries, gallery := labtest.Must(m.Queries(left)), labtest.Must(m.Gallery(right))
		for i, row := range c.Scores {
			for j, want := range row {
				var product float64
				for d := range m.Width() {
					product += queries[i*m.Width()+d] * gallery[j*m.Width()+d]
				}
				// The distribution's own oracle, beside SpeechBrain.
				var pair, x, y []float64
				for d, mean := range c.Mean {
					x, y = append(x, c.Left[i][d]-mean), append(y, c.Right[j][d]-mean)
				}
				pair = slices.Concat(x, y)
				between, within := symOf(c.Between), symOf(c.Within)
				same := logDensity(t, pair, joint(between, within, 2))
				apart := logDensity(t, x, joint(between, within, 1)) + logDensity(t, y, joint(between, within, 1))
				for what, got := range map[string]float64{"scores": scores[i*right.N+j], "inner product": product,
					"score": m.Score(left.Row(i), right.Row(j)), "reversed": m.Score(right.Row(j), left.Row(i))} {
					if math.Abs(got-want) > 1e-10*max(1, math.Abs(want)) {
						t.Errorf("case %d, %s of %d and %d: %v, SpeechBrain has %v", n, what, i, j, got, want)
					}
					if !labtest.Near(got, same-apart, 1e-6*max(1, math.Abs(want))) {
						t.Errorf("case %d, %s of %d and %d: %v, densities have %v", n, what, i, j, got, same-apart)
					}
				}
			}
		}
	}
	for n, c := range golden.Shrinkages {
		k := len(c.Rows[0])
		s := mat.NewSymDense(k, nil)
		for _, row := range c.Rows {
			s.SymRankOne(s, 1/float64(len(c.Rows)), mat.NewVecDense(k, row))
		}
		if got := ledoitWolf(slices.Concat(c.Rows...), s); math.Abs(got-c.Shrinkage) > 1e-12 {
			t.Errorf("case %d: shrinkage %v, scikit-learn has %v", n, got, c.Shrinkage)
		}
	}
}

// drawn returns items of a two-covariance model in k dimensions: deviations between classes fall along the axes as
// 2/(1+d) down to least, and those within are 1.
func drawn(seed uint64, k, classes, items int, least float64) (*embedding.Embeddings, []string) {
	rng := rand.New(rand.NewPCG(seed, 1))
	z := &embedding.Embeddings{E: k}
	var labels []string
	for c := range classes {
		centre := make([]float64, k)
		for d := range centre {
			centre[d] = 3 + max(least, 2/float64(1+d))*rng.NormFloat64()
		}
		for range items {
			for _, v := range centre {
				z.Values = append(z.Values, float32(v+rng.NormFloat64()))
			}
			labels = append(labels, fmt.Sprint("c", c))
		}
	}
	z.N = len(labels)
	return z, labels
}

// covariances returns those of a model: with the inverse back of its axes, W = back back' and B = back diag(ψ) back'.
func covariances(t *testing.T, m *Model) (between, within *mat.SymDense) {
	t.Helper()
	k := m.K()
	var back, w, b, half mat.Dense
	if err := back.Inverse(mat.NewDense(k, k, m.Axes).T()); err != nil {
		t.Fatal(err)
	}
	w.Mul(&back, back.T())
	half.Mul(&back, mat.NewDiagDense(k, m.Between))
	b.Mul(&half, back.T())
	return symmetric(&b), symmetric(&w)
}

// The closed form, written out as its definition.
func TestFitAgainstDefinition(t *testing.T) {
	z, labels := drawn(1, 4, 5, 6, 0)
	z, labels = z.Select(labtest.Seq(27)), labels[:27] // the last class has three
	labels[4], labels[9] = "", ""
	share := 0.3
	m, err := Fit(t.Context(), z, labels, Options{Isotropic: &share})
	if err != nil {
		t.Fatal(err)
	}
	const n, k = 25, 4
	mean, count, means := make([]float64, k), map[string]float64{}, map[string][]float64{}
	for i, l := range labels {
		if l == "" {
			continue
		}
		if means[l] == nil {
			means[l] = make([]float64, k)
		}
		count[l]++
		for d, v := range z.Row(i) {
			mean[d] += float64(v) / n
			means[l][d] += float64(v)
		}
	}
	between, within := mat.NewSymDense(k, nil), mat.NewSymDense(k, nil)
	for i, l := range labels {
		if l == "" {
			continue
		}
		apart, rest := mat.NewVecDense(k, nil), mat.NewVecDense(k, nil)
		for d, v := range z.Row(i) {
			apart.SetVec(d, means[l][d]/count[l]-mean[d])
			rest.SetVec(d, float64(v)-means[l][d]/count[l])
		}
		between.SymRankOne(between, 1./n, apart)
		within.SymRankOne(within, 1./n, rest)
	}
	if m.Items != n || m.Classes != 5 || m.Isotropic != share || m.Tried != nil || !(m.Shrinkage > 0 && m.Shrinkage < 1) {
		t.Errorf("%+v", m)
	}
	gotBetween, gotWithin := covariances(t, m)
	for i := range k {
		if math.Abs(m.Mean[i]-mean[i]) > 1e-9 {
			t.Errorf("mean %v, want %v", m.Mean, mean)
		}
		for j := range k {
			b, w := (1-share)*between.At(i, j), (1-m.Shrinkage)*within.At(i, j)
			if i == j {
				b += share * mat.Trace(between) / k
				w += m.Shrinkage * mat.Trace(within) / k
			}
			if math.Abs(gotBetween.At(i, j)-b) > 1e-9 || math.Abs(gotWithin.At(i, j)-w) > 1e-9 {
				t.Errorf("B and W at %d, %d: %v and %v, want %v and %v", i, j, gotBetween.At(i, j), gotWithin.At(i, j), b, w)
			}
		}
	}
}

// With many classes the estimates are near what the items were drawn from; few items a class need EM for B.
func TestFitRecovers(t *testing.T) {
	z, labels := drawn(2, 3, 2000, 3, 0)
	none := 0.
	for rounds, tolerance := range map[int]float64{0: 2, 20: 0.15} {
		m, err := Fit(t.Context(), z, labels, Options{Isotropic: &none, Rounds: rounds})
		if err != nil {
			t.Fatal(err)
		}
		between, within := covariances(t, m)
		worst := 0.
		for i := range 3 {
			for j := range 3 {
				wantB, wantW := 0., 0.
				if i == j {
					wantB, wantW = 4/float64((1+i)*(1+i)), 1
				}
				worst = max(worst, math.Abs(between.At(i, j)-wantB), math.Abs(within.At(i, j)-wantW))
			}
		}
		if worst > tolerance || rounds == 0 && worst < 0.2 { // W/3 is in the closed form's B, and W lacks a third
			t.Errorf("%d rounds: B %v, W %v", rounds, mat.Formatted(between), mat.Formatted(within))
		}
	}
}

// No round of EM lowers the likelihood of the items, which is computed from the joint Gaussian of each class.
func TestRoundsRaiseLikelihood(t *testing.T) {
	z, labels := drawn(3, 3, 6, 4, 0)
	z.Values[5] += 4
	z, labels = z.Select(labtest.Seq(21)), labels[:21]
	s, err := samplesOf(z, labels)
	if err != nil {
		t.Fatal(err)
	}
	last := math.Inf(-1)
	for rounds := range 12 {
		e, err := s.estimate(t.Context(), rounds)
		if err != nil {
			t.Fatal(err)
		}
		var sum float64
		for c, rows := range s.class {
			centred := slices.Clone(rows)
			for i := range centred {
				centred[i] -= e.mean[i%s.k]
			}
			sum += logDensity(t, centred, joint(e.between, e.within, s.size(c)))
		}
		if sum < last-1e-9 || rounds == 1 && sum < last+0.01 {
			t.Errorf("round %d: log-likelihood %v after %v", rounds, sum, last)
		}
		last = sum
	}
}

// The share is what does best on held-out classes: much where classes differ in all directions alike and are few, and
// none where there are many and they differ in two directions only.
func TestChooses(t *testing.T) {
	few, fewLabels := drawn(4, 20, 6, 30, 1)
	many, manyLabels := drawn(5, 20, 60, 10, 0)
	for _, c := range []struct {
		z        *embedding.Embeddings
		labels   []string
		from, to float64
	}{{few, fewLabels, .2, 1}, {many, manyLabels, 0, .2}} {
		m, err := Fit(t.Context(), c.z, c.labels, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Tried) != 8 || m.Isotropic != chosen(m.Tried) || m.Isotropic < c.from || m.Isotropic > c.to {
			t.Errorf("%v of %v, want one from %v to %v", m.Isotropic, m.Tried, c.from, c.to)
		}
		again, err := Fit(t.Context(), c.z, c.labels, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(m, again); d != "" {
			t.Error("another fit is another model", d)
		}
		labtest.WantText(t, m.String(), "20 components", fmt.Sprint(c.z.N), "chosen on held-out classes")
	}
	// Three classes are too few, and so are four of which each fold has one item a class.
	z, labels := drawn(6, 3, 3, 4, 0)
	m, err := Fit(t.Context(), z, labels, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if m.Tried != nil || m.Isotropic != DefaultIsotropic {
		t.Errorf("%v of %v", m.Isotropic, m.Tried)
	}
}

func TestChosen(t *testing.T) {
	for want, tried := range map[float64][]Tried{
		.2: nil,
		.7: {{0, .5}, {.2, .6}, {.7, .7}},
		.3: {{.05, .72}, {.1, .70}, {.3, .715}},
		.1: {{.1, .5}, {.3, .5}},
		.5: {{.2, .48}, {.5, .495}, {1, .5}},
	} {
		if got := chosen(tried); got != want {
			t.Errorf("%v of %v, want %v", got, tried, want)
		}
	}
}

// precision is MAP@R by hand: of item 0 the others of its class are at places 1 and 3 of 2: (1/1)/2; and so on.
func TestPrecision(t *testing.T) {
	class := []int{0, 0, 0, 1, 2}
	scores := []float64{
		9, 5, 3, 4, 1, // 1, 3, 2, 4: (1)/2
		5, 9, 4, 3, 1, // 0, 2, 3, 4: (1 + 1)/2
		2, 3, 9, 3, 1, // 1, 3, 0, 4, a tie by number: (1)/2
		4, 3, 3, 9, 1, // alone in its class
		1, 1, 1, 1, 9,
	}
	if got, want := precision(scores, class), (0.5+1+0.5)/3; math.Abs(got-want) > 1e-12 {
		t.Errorf("%v, want %v", got, want)
	}
	if got := precision([]float64{1, 2, 3, 4}, []int{0, 1}); got != 0 {
		t.Errorf("of classes of one item: %v", got)
	}
}

// The cosine of unit vectors is that of (√p u, r), and its order is close to that of scores.
func TestEmbed(t *testing.T) {
	z, labels := drawn(7, 5, 8, 10, 0)
	m, err := Fit(t.Context(), z, labels, Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := m.Embed(z)
	if err != nil {
		t.Fatal(err)
	}
	var r float64
	for _, v := range m.Between {
		r += 4 * v / (1 + 2*v) * (1 + v)
	}
	side := labtest.Must(m.Queries(z))
	row := func(i int) []float64 {
		return append(slices.Clone(side[i*m.Width():i*m.Width()+m.K()]), math.Sqrt(r))
	}
	for i := range z.N {
		for j := range z.N {
			if want := labtest.OracleCosine(row(i), row(j)); !labtest.Near(e.Cosine(i, j), want, 1e-6) {
				t.Fatalf("cosine of %d and %d is %v, want %v", i, j, e.Cosine(i, j), want)
			}
		}
	}
	if e.E != 6 || e.Zero != nil {
		t.Errorf("%v", e)
	}
	// Without any variance between classes there is nothing to compare: zero vectors, and a score of 0.
	m.Between = make([]float64, 5)
	if e, err = m.Embed(z); err != nil || len(e.Zero) != z.N || m.Score(z.Row(0), z.Row(1)) != 0 {
		t.Errorf("%v, %v", e, err)
	}
}

// The cosine of unit vectors is that of (√p u, r) for items moved to one g, of which a score is a constant minus half a
// squared distance.
func TestProject(t *testing.T) {
	z, labels := drawn(7, 5, 8, 10, 0)
	m, err := Fit(t.Context(), z, labels, Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := m.Project(z)
	if err != nil {
		t.Fatal(err)
	}
	var sum, r float64
	for _, v := range m.Between {
		sum += v / (1 + 2*v)
		r += v / (1 + 2*v) * (1 + v)
	}
	side := labtest.Must(m.Queries(z))
	rows := make([][]float64, z.N) // (√p u, r), moved
	for i := range rows {
		rows[i] = slices.Clone(side[i*m.Width() : i*m.Width()+m.K()])
		var g float64
		for d, v := range m.Between {
			g += rows[i][d] * rows[i][d] / (2 * (1 + v))
		}
		for d := range rows[i] {
			rows[i][d] *= math.Sqrt(sum / 2 / g)
		}
		rows[i] = append(rows[i], math.Sqrt(r))
	}
	// The same items in a model whose coordinates are the rows themselves.
	plain := &Model{Mean: make([]float64, 5), Axes: make([]float64, 25), Between: m.Between}
	for d := range 5 {
		plain.Axes[d*5+d] = 1
	}
	at := func(i int) []float32 {
		x := make([]float32, 5)
		for d, v := range m.Between {
			x[d] = float32(rows[i][d] / math.Sqrt(v/(1+2*v)))
		}
		return x
	}
	constant := plain.Score(at(0), at(0))
	for i := range z.N {
		for j := range z.N {
			if want := labtest.OracleCosine(rows[i], rows[j]); !labtest.Near(e.Cosine(i, j), want, 1e-6) {
				t.Fatalf("cosine of %d and %d is %v, want %v", i, j, e.Cosine(i, j), want)
			}
			var square float64
			for d := range 5 {
				square += (rows[i][d] - rows[j][d]) * (rows[i][d] - rows[j][d])
			}
			if got := plain.Score(at(i), at(j)); !labtest.Near(got, constant-square/2, 1e-4) {
				t.Fatalf("score of %d and %d is %v, want %v", i, j, got, constant-square/2)
			}
		}
	}
	if e.E != 6 || e.Zero != nil {
		t.Errorf("%v", e)
	}
	projected(t, m, z, e)
	// A zero row says nothing.
	clear(z.Row(3))
	if e, err = m.Project(z); err != nil || !slices.Equal(e.Zero, []int{3}) || embedding.Magnitude(e.Row(3)) != 0 {
		t.Errorf("%v, %v", e, err)
	}
	// An item at the mean is the most typical one, and a vector all the same.
	for d, v := range m.Mean {
		m.Mean[d] = float64(float32(v))
		z.Row(3)[d] = float32(v)
	}
	if e, err = m.Project(z); err != nil || e.Zero != nil || e.Row(3)[5] != 1 {
		t.Errorf("%v, %v", e, err)
	}
	// Without any variance between classes there is nothing to compare: zero vectors, and a score of 0.
	m.Between = make([]float64, 5)
	if e, err = m.Project(z); err != nil || len(e.Zero) != z.N || m.Score(z.Row(0), z.Row(1)) != 0 {
		t.Errorf("%v, %v", e, err)
	}
}

// projected checks that the numbers of Projection make the vectors of Project.
func projected(t *testing.T, m *Model, z, e *embedding.Embeddings) {
	t.Helper()
	p, k := m.Projection(), m.K()
	for i := range z.N {
		v := make([]float64, k)
		for j, x := range z.Row(i) {
			for d := range v {
				v[d] += (float64(x) - p.Mean[j]) * p.Turn[j*k+d]
			}
		}
		var length float64
		for d := range v {
			length += p.Length[d] * v[d] * v[d]
		}
		square := p.Radius * p.Radius
		for d := range v {
			v[d] /= math.Sqrt(length)
			square += v[d] * v[d]
		}
		for d, want := range append(v, p.Radius) {
			if got := float64(e.Row(i)[d]); !labtest.Near(got, want/math.Sqrt(square), 1e-6) {
				t.Fatalf("number %d of item %d is %v, want %v", d, i, got, want/math.Sqrt(square))
			}
		}
	}
}

func TestSaveAndLoad(t *testing.T) {
	z, labels := drawn(8, 5, 8, 10, 0)
	m, err := Fit(t.Context(), z, labels, Options{Rounds: 2})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(m, got); d != "" {
		t.Error(d)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	flipped := slices.Clone(whole)
	flipped[len(flipped)-16] ^= 1 // the last bit of the last variance but one
	var damaged *safetensors.TensorError
	for name, c := range map[string]struct {
		bytes []byte
		is    func(error) bool
	}{
		"truncated": {whole[:len(whole)-1], func(err error) bool { return errors.Is(err, safetensors.ErrTruncated) }},
		"empty":     {nil, func(err error) bool { return errors.Is(err, safetensors.ErrTruncated) }},
		"flipped":   {flipped, func(err error) bool { return errors.Is(err, safetensors.ErrChecksum) }},
		"of another size": {[]byte(string(whole[:8]) + replaced(t, string(whole[8:]), `\"k\":5`, `\"k\":4`)),
			func(err error) bool { return errors.As(err, &damaged) && damaged.Tensor == "mean" }},
		"of another version": {[]byte(string(whole[:8]) + replaced(t, string(whole[8:]), `\"version\":1`, `\"version\":2`)),
			func(err error) bool { return err != nil }},
	} {
		if err := os.WriteFile(path, c.bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); !c.is(err) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	m.Between[0] = math.NaN()
	if err := m.Save(path); err == nil {
		t.Error("a model that is not finite was saved")
	}
}

// replaced returns text with one part replaced by another of the same length.
func replaced(t *testing.T, text, from, to string) string {
	t.Helper()
	i := strings.Index(text, from)
	if i < 0 || len(from) != len(to) {
		t.Fatalf("no %s in the file", from)
	}
	return text[:i] + to + text[i+len(to):]
}

func TestRefuses(t *testing.T) {
	z, labels := drawn(9, 2, 4, 4, 0)
	bad := func(change func(z *embedding.Embeddings, labels []string)) (*embedding.Embeddings, []string) {
		copied, l := z.Select(labtest.Seq(z.N)), slices.Clone(labels)
		change(copied, l)
		return copied, l
	}
	for name, c := range map[string]struct {
		change func(z *embedding.Embeddings, labels []string)
		parts  []string
	}{
		"not finite": {func(z *embedding.Embeddings, _ []string) { z.Values[5] = float32(math.NaN()) },
			[]string{"number 1 of item 2"}},
		"one class": {func(_ *embedding.Embeddings, l []string) {
			for i := range l {
				l[i] = "a"
			}
		}, []string{"1 class"}},
		"no two of a class": {func(_ *embedding.Embeddings, l []string) {
			for i := range l {
				l[i] = fmt.Sprint(i)
			}
		}, []string{"no class has two items"}},
		"all equal": {func(z *embedding.Embeddings, _ []string) { clear(z.Values) }, []string{"do not differ"}},
	} {
		changed, l := bad(c.change)
		_, err := Fit(t.Context(), changed, l, Options{})
		t.Log(name)
		labtest.WantError(t, err, c.parts...)
	}
	if _, err := Fit(t.Context(), z, labels[1:], Options{}); err == nil {
		t.Error("too few labels are no error")
	}
	wrong := math.NaN()
	_, err := Fit(t.Context(), z, labels, Options{Isotropic: &wrong, Rounds: -1})
	labtest.WantOptions(t, err, "Isotropic", "Rounds")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Fit(ctx, z, labels, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	m, err := Fit(t.Context(), z, labels, Options{})
	if err != nil {
		t.Fatal(err)
	}
	narrow := &embedding.Embeddings{Values: []float32{1}, N: 1, E: 1}
	if _, err := m.Scores(narrow, z); err == nil {
		t.Error("narrow queries are no error")
	}
	if _, err := m.Scores(z, narrow); err == nil {
		t.Error("a narrow gallery is no error")
	}
	if _, err := m.Embed(narrow); err == nil {
		t.Error("narrow rows are no error")
	}
	infinite, _ := bad(func(z *embedding.Embeddings, _ []string) { z.Values[3] = float32(math.Inf(1)) })
	_, err = m.Scores(infinite, z)
	labtest.WantError(t, err, "number 1 of item 1")
	one := symOf([][]float64{{1, 0}, {0, 1}})
	for name, err := range map[string]error{
		"indefinite B": second(New([]float64{0, 0}, symOf([][]float64{{1, 0}, {0, -1}}), one)),
		"singular W":   second(New([]float64{0, 0}, one, symOf([][]float64{{1, 1}, {1, 1}}))),
		"sizes":        second(New([]float64{0}, one, one)),
		"mean":         second(New([]float64{0, math.NaN()}, one, one)),
		"infinite B":   second(New([]float64{0, 0}, symOf([][]float64{{math.Inf(1), 0}, {0, 1}}), one)),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// BenchmarkFit measures a fit with the choice of the share, on 6,000 items of 20 classes and 128 components.
func BenchmarkFit(b *testing.B) {
	b.Run("N=6000/K=128", func(b *testing.B) {
		z, labels := drawn(1, 128, 20, 300, .5)
		for b.Loop() {
			if _, err := Fit(b.Context(), z, labels, Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
