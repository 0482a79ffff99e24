package advise

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/go-siamese/lab/data"
)

// population draws classes of items of one kind: class means vary in 5 of 16 directions, items in all of them, and a
// turn hides which are which.
func population(rng *rand.Rand, classes, each int) *data.Frame {
	const width = 16
	turn := rand.New(rand.NewPCG(1, 1)) // the same for all draws
	var to [width][width]float64
	for i := range width {
		for j := range width {
			to[i][j] = turn.NormFloat64() / 4
		}
	}
	f := clouds(1, 1, 1)
	f = &data.Frame{Blocks: []data.Block{{Name: "x", Start: 0, End: width}}, Columns: append(f.Columns, "y0", "y1", "y2",
		"y3")}
	for c := range classes {
		var mean [width]float64
		for j := range 5 {
			mean[j] = 1.6 * rng.NormFloat64()
		}
		for i := range each {
			var x [width]float64
			for j := range x {
				e := mean[j] + (.5+float64(j)/width)*rng.NormFloat64()
				for k := range x {
					x[k] += e * to[j][k]
				}
			}
			for _, v := range x {
				f.X = append(f.X, float32(v))
			}
			name := string(rune('a'+c/26)) + string(rune('a'+c%26))
			f.IDs = append(f.IDs, name+string(rune('A'+i)))
			f.Labels = append(f.Labels, name)
		}
	}
	return f
}

// On items whose population is known the forecasts of most tables hold what twice the classes, drawn from it, really
// give: the mean gain of 400 draws of other classes.
func TestForecastOfPopulation(t *testing.T) {
	t.Parallel()
	const (
		classes, each = 15, 12
		tables        = 15
	)
	rng := rand.New(rand.NewPCG(11, 12))
	// What a number of classes gives on three new ones, those that a fold has of 15.
	truth, squares := 0., 0.
	const draws = 150
	for range draws {
		f := population(rng, 2*classes+3, each)
		var test []int
		for i := 2 * classes * each; i < f.N(); i++ {
			test = append(test, i)
		}
		gain := 0.
		for sign, n := range map[float64]int{-1: classes, 1: 2 * classes} {
			var train []int
			for i := range n * each {
				train = append(train, i)
			}
			g, err := directions(t.Context(), f, train)
			if err != nil {
				t.Fatal(err)
			}
			m, err := fit(t.Context(), g, train)
			if err != nil {
				t.Fatal(err)
			}
			_, z, err := m.rows(t.Context(), g.Select(test))
			if err != nil {
				t.Fatal(err)
			}
			found, err := newTester(f).test(t.Context(), z, test, mapAtR)
			if err != nil {
				t.Fatal(err)
			}
			gain += sign * found.value
		}
		truth += gain / draws
		squares += gain * gain / draws
	}
	held, failed, width, mean := 0, 0, 0., 0.
	for range tables {
		a, err := Run(t.Context(), population(rng, classes, each), Options{NoLabels: true})
		if err != nil {
			t.Fatal(err)
		}
		c := a.ByClasses
		if c.Forecast.From != classes || c.Forecast.To != 2*classes || c.Metric != mapAtR {
			t.Fatalf("%v", c)
		}
		if c.Forecast.Gain.Holds(truth) {
			held++
		}
		if c.Check.Outcome == Fails {
			failed++
		}
		width += (c.Forecast.Gain.High - c.Forecast.Gain.Low) / tables
		mean += c.Forecast.Gain.Value / tables
	}
	t.Logf("gain %.4f (error %.4f), mean forecast %.4f, held %d of %d, mean width %.3f, checks failed %d", truth,
		math.Sqrt((squares-truth*truth)/draws), mean, held, tables, width, failed)
	if held < tables*9/10 || failed > tables/10 {
		t.Errorf("held %d of %d, checks failed %d", held, tables, failed)
	}
}
