package show

import (
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// pairs returns a made-up report on pairs with every part.
func pairs() *report.Report {
	interval := func(v float64) stats.Estimate {
		return stats.Estimate{Interval: stats.Interval{Value: v, Low: v - .011, High: v + .012, Confidence: .95,
			Method: "delta"}}
	}
	metrics := func(name string, by float64) report.Metrics {
		f := report.Metrics{Name: name, Values: map[string]float64{stats.ROCAUC: .9123 + by, stats.EER: .1234,
			stats.AveragePrecision: .7345 + by, stats.Accuracy: .8678, stats.FPR: .0789, stats.FNR: .0891},
			Threshold: .4567}
		f.Intervals = &stats.Metrics{By: "item of pairs",
			Estimates: map[string]stats.Estimate{stats.ROCAUC: interval(f.Values[stats.ROCAUC]),
				stats.EER:              interval(f.Values[stats.EER]),
				stats.AveragePrecision: interval(f.Values[stats.AveragePrecision]),
				stats.Accuracy:         interval(f.Values[stats.Accuracy]), stats.FPR: interval(f.Values[stats.FPR]),
				stats.FNR: interval(f.Values[stats.FNR])}}
		return f
	}
	other := metrics("other "+nasty, -.3)
	r := &report.Report{GivenPairs: true, Name: "pairs " + nasty, Items: 5, Pairs: 6, Positive: .5,
		Trained: metrics("trained encoder", .01), Baseline: metrics("standardised features, no training", 0),
		Others: []*report.Metrics{&other}, Warnings: []string{"warning " + nasty}, Probabilities: full().Probabilities}
	r.Details = &report.Details{Config: siamese.DefaultConfig(),
		Facts: []report.Fact{{Name: "split " + nasty, Value: "value " + nasty}}}
	for _, name := range []string{"trained encoder", "standardised features, no training"} {
		d := detail(name, 0)
		hard := func(list []report.HardPair) []report.HardPair {
			list[0].LeftClass, list[0].RightClass = "", ""
			return list
		}
		r.Details.Of = append(r.Details.Of, &report.Detail{Name: name, Curve: d.Curve, Histogram: d.Histogram,
			Same: hard(d.Same), Different: hard(d.Different)})
	}
	return r
}

func TestPairsPage(t *testing.T) {
	for _, opt := range []PageOptions{{}, {Title: "Title", Image: func(string) image.Image { return picture() }}} {
		content, err := PageHTML(opt, pairs())
		if err != nil {
			t.Fatal(err)
		}
		wellFormed(t, content)
		selfContained(t, content)
		if strings.Contains(content, "<script") || strings.Contains(content, "(no label)") {
			t.Error("a name is not escaped, or pairs have classes")
		}
		has(t, content, "6 pairs of 5 items", "training helps", ">0.068-0.091<", ">0.0891<", "best\">0.9223<",
			"ROC and DET", "Scores of same and of different pairs", "Reliability",
			"Labelled the same, and least similar", "Labelled different, and most similar", "-0.125", "value &lt;",
			"&#34;batch_pairs&#34;")
		if pictures := strings.Count(content, "<img"); opt.Image != nil && pictures != 4 || opt.Image == nil &&
			pictures != 0 {
			t.Errorf("%d pictures", pictures)
		}
	}
	path := filepath.Join(t.TempDir(), "p.html")
	bare := pairs()
	bare.Details, bare.Probabilities, bare.Trained.Intervals, bare.Baseline.Intervals, bare.Others = nil, nil, nil, nil,
		nil
	if err := SavePage(path, PageOptions{}, bare); err != nil {
		t.Error(err)
	}
	bad := pairs()
	bad.Trained.Values[stats.EER] = 2
	for want, r := range map[string]*report.Report{"report 1": nil, "eer is 2": bad} {
		if err := SavePage(path, PageOptions{}, r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestPairComparisonPage(t *testing.T) {
	a, b := pairs(), pairs()
	a.Model, a.PairsHash, b.Model, b.PairsHash, b.Trained.Values[stats.AveragePrecision] = nasty, "sha256:7", "other",
		"sha256:7", .8111
	c, err := report.Compare(a, b)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "p.html")
	page := func(want ...string) {
		t.Helper()
		if err := SaveComparison(path, PageOptions{}, c); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		wellFormed(t, string(content))
		selfContained(t, string(content))
		has(t, string(content), append(want, "Trained encoders on the same pairs", ">0.8111<", "sha256:7")...)
		if n := strings.Count(strings.Join(titles(string(content)), "\n"), "ROC and DET"); n != 3 {
			t.Errorf("%d plots of ROC and DET, want one of both and one of each", n)
		}
	}
	page("other (pairs &lt;script&gt;", "no interval")
	d := difference("other").Differences[stats.ROCAUC]
	c.Differences = []*stats.Comparison{{A: nasty, B: "other", By: "item of pairs",
		Differences: map[string]stats.Difference{stats.ROCAUC: d, stats.EER: d, stats.AveragePrecision: d,
			stats.Accuracy: d, stats.FPR: d, stats.FNR: d}}}
	page("is better than", ">&#43;0.012 to &#43;0.121<", ">0.016<", "intervals for pairs of other items", ">0.7444<")
	c.Differences = append(c.Differences, nil)
	for want, c := range map[string]*report.Compared{"there is no report": nil, "2 differences of 2 reports": c} {
		if err := SaveComparison(path, PageOptions{}, c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
