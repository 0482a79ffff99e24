package protocol

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/origin"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// protocolOf returns a protocol of folds whose reports have these metrics by fold and seed: of the trained encoder, and
// of two kinds of features, which every seed has alike. The EER is 1 - MAP@R, other metrics are 0.5.
func protocolOf(trained [][]float64, one, two []float64) *Protocol {
	p := &Protocol{Name: Classes, Planned: len(trained)}
	metrics := func(name string, v float64) report.Metrics {
		return report.Metrics{Name: name, Values: map[string]float64{stats.MAPAtR: v, stats.EER: 1 - v,
			stats.ROCAUC: 0.5, stats.RecallAt1: 0.5, stats.Accuracy: 0.5},
			Validation: report.AtThreshold{Accuracy: 0.25}}
	}
	for k, bySeed := range trained {
		fold := &Fold{Number: k + 1, Train: 40, Test: 10}
		for seed, v := range bySeed {
			other := metrics(report.RawName, two[k])
			fold.Seeds = append(fold.Seeds, uint64(seed))
			fold.Reports = append(fold.Reports,
				&report.Report{Positive: 0.1, Trained: metrics(report.TrainedName, v),
					Baseline: metrics(report.StandardisedName, one[k]), Others: []*report.Metrics{&other}})
		}
		p.Folds = append(p.Folds, fold)
	}
	return p
}

// By hand: means, the method that is best on average, differences within folds, and which interval decides.
func TestProtocolSums(t *testing.T) {
	const t3 = 3.182446 // .975 quantile of Student's t with 3 degrees of freedom
	p := protocolOf([][]float64{{.5, .7}, {.6, .6}, {.7, .9}, {.4, .6}}, []float64{.3, .4, .5, .5},
		[]float64{.5, .3, .4, .4})
	p.SumUp([]uint64{0, 1}, 0)
	if p.Complete != 4 || len(p.Methods) != 3 || p.Methods[2].Name != report.TrainedName {
		t.Fatalf("%+v", p)
	}
	f := p.Methods[2].Metrics[0] // folds .6, .6, .8, .5; seeds .55, .7
	sd := math.Sqrt((2*.025*.025 + .175*.175 + .125*.125) / 3)
	if !labtest.Near(f.Value, .625, 1e-12) || !labtest.Near(f.Folds.SD, sd, 1e-9) ||
		!labtest.Near(f.Seeds.Mean.Value, .625, 1e-12) || !labtest.Near(f.Seeds.Values[0], .55, 1e-12) {
		t.Errorf("%+v", f)
	}
	if half := t3 * sd * math.Sqrt(1./4+10./40); !labtest.Near(f.Folds.Mean.High-f.Folds.Mean.Low, 2*half, 1e-5) {
		t.Errorf("interval over folds %v, want +-%v", f.Folds, half)
	}
	if b := p.Methods[0].Metrics[0]; b.Seeds != nil || !labtest.Near(b.Value, .425, 1e-12) {
		t.Errorf("what has no seed: %+v", b)
	}
	for _, k := range []int{0, 3} { // MAP@R and, turned, EER: .3, .2, .3, .0 above the first kind
		g := p.Gains[k]
		if g.Against != report.StandardisedName || g.Better != 3 || g.Of != 4 || !labtest.Near(g.Value, .2, 1e-12) ||
			!labtest.Near(g.ByFold[2], .3, 1e-12) || g.Outcome != GainUnclear {
			t.Errorf("%+v", g)
		}
	}
	if !strings.Contains(p.String(), "MAP@R: it is unclear whether training helps, +0.2000") ||
		!strings.Contains(p.String(), "come from 4 folds") {
		t.Error(p)
	}
	for _, c := range []struct {
		trained [][]float64
		want    string
		says    string
	}{
		{[][]float64{{.8, .81}, {.9, .91}, {.8, .82}}, GainBetter, "MAP@R: training is better, by +0.4"},
		{[][]float64{{.1, .11}, {.2, .21}, {.1, .12}}, GainWorse, "MAP@R: training is worse, by -0.2"},
		{[][]float64{{.8, .81}}, GainBetter, "interval for other seeds, on these items"},
		{[][]float64{{.8}}, GainUnclear, "no interval: one fold, one seed"},
		{[][]float64{{.8}, {.9}, {.8}, {.9}, {.8}}, GainBetter, "interval for other folds)"},
	} {
		n := len(c.trained)
		p := protocolOf(c.trained, []float64{.4, .5, .4, .5, .4}[:n], []float64{.1, .1, .1, .1, .1}[:n])
		p.SumUp(make([]uint64, len(c.trained[0])), 0)
		if g := p.Gains[0]; g.Outcome != c.want || p.Gains[3].Outcome != c.want ||
			!strings.Contains(p.String(), c.says) {
			t.Errorf("%v: %+v\n%s", c.trained, g, p)
		}
		if d := p.GeneralisationGap; !labtest.Near(d.Value, .25, 1e-12) ||
			!strings.Contains(p.String(), "from validation to test items: accuracy +0.2500") || n > 1 &&
			d.Folds == nil {
			t.Errorf("gap %+v\n%s", d, p)
		}
		if g := p.Gains[1]; g.Outcome != GainUnclear || g.Value != 0 || g.Better != 0 {
			t.Errorf("no difference: %+v", g)
		}
	}
	// Folds that are not finished are left out, and so is a method that one fold lacks.
	p = protocolOf([][]float64{{.5, .7}, {.6, .6}, {.7}}, []float64{.3, .4, .5}, []float64{.5, .5, .5})
	p.Folds[1].Reports[0].Others = nil
	p.SumUp([]uint64{0, 1}, 0)
	if p.Complete != 2 || len(p.Methods) != 2 || p.Gains[0].Against != report.StandardisedName ||
		!strings.Contains(strings.Join(p.Warnings, ""), report.RawName+" is left out: 1 of 2 folds") {
		t.Errorf("%+v", p)
	}
}

// The metrics of a protocol come from the registry: those of narrow tables, retrieval first.
func TestProtocolMetrics(t *testing.T) {
	want := []string{"MAP@R", "Recall@1", "ROC-AUC", "EER", "accuracy"}
	if got := Metrics(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Origins are lines, each once in the order of the run, whatever the seeds of the trainings.
func TestOrigins(t *testing.T) {
	p := protocolOf([][]float64{{.5, .7, .6}, {.6, .6, .6}}, []float64{.3, .4}, []float64{.5, .3})
	one := origin.Origin{Go: "go1.26.8", System: "linux/amd64", Processor: "A", Backend: "go"}
	file := []origin.File{{Name: "items.csv"}}
	for _, f := range p.Folds {
		for k, r := range f.Reports {
			r.Origin = one.With(f.Seeds[k], file)
		}
	}
	p.Folds[0].Reports[2].Origin = nil // as older versions left it
	other := one
	other.Backend = "xla:cpu"
	p.Folds[1].Reports[2].Origin = other.With(2, file)
	r := &Report{Seeds: []uint64{0, 1, 2}, Protocols: []*Protocol{p}}
	want := []string{"computed by go1.26.8 on linux/amd64, A; backend go", "from items.csv",
		"computed by go1.26.8 on linux/amd64, A; backend xla:cpu"}
	if got := r.Origins(); !slices.Equal(got, want) {
		t.Errorf("origins %q, want %q", got, want)
	}
}
