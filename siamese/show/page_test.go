package show

import (
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// detail returns made-up details with every part; by is added to metrics, so that both methods differ.
func detail(name string, by float64) *report.Detail {
	d := &report.Detail{
		Name: name, AveragePrecision: .5 + by, RPrecision: .51 + by, MRR: .52 + by,
		Clusters:  &report.Clusters{Items: 4, K: 2, AMI: .31 + by, NMI: .32 + by},
		Histogram: &metric.Histogram{Low: -.5, High: .9, Positives: []float64{0, 1, 2}, Negatives: []float64{30, 2, 0}},
		Classes: []report.ClassDetail{
			{Class: nasty, Items: 3, New: true, ROCAUC: .9 + by, EER: .1, MAPAtR: .71 + by, RecallAt1: .66, Right: 2,
				Change: &stats.Interval{Low: -.011, High: .111, Confidence: .95, Method: "subsamples"}},
			{Class: "one", Items: 1},
		},
		Confusions: []report.Confusion{{Class: nasty, Nearest: "one", Items: 1}, {Class: "one", Nearest: "", Items: 1}},
		Domains: []report.DomainDetail{
			{Query: nasty, Reference: nasty, Queries: 2, References: 2, MAPAtR: .41 + by},
			{Query: nasty, Reference: "d", Queries: 2, References: 2, Lone: 2},
		},
		Same:      []report.HardPair{{Left: nasty, Right: "b", LeftClass: nasty, RightClass: nasty, Cosine: -.125}},
		Different: []report.HardPair{{Left: "b", Right: "c", LeftClass: nasty, RightClass: "", Cosine: .875}},
		Map:       &report.Map{X: []float64{-1, 1, 2, 0}, Y: []float64{0, 1, 0, 3}, Share: [2]float64{.5, .25}},
	}
	for _, f := range metric.DefaultFPRs() {
		d.FNRAtFPR = append(d.FNRAtFPR, metric.OperatingPoint{Want: f, FPR: f, FNR: .6 + by})
	}
	for _, k := range []int{1, 5, 10} {
		d.RecallAt, d.NDCGAt, d.KNNAt = append(d.RecallAt, metric.AtK{K: k, Value: .61}),
			append(d.NDCGAt, metric.AtK{K: k, Value: .62}), append(d.KNNAt, metric.AtK{K: k, Value: .63})
	}
	d.Thresholds = []report.ThresholdDetail{{Name: "best F1 " + nasty, Threshold: .3456,
		Validation: report.AtThreshold{Accuracy: .91, FPR: .05, FNR: .13},
		Test:       report.AtThreshold{Accuracy: .81, FPR: .15 + by, FNR: .23}}}
	macro := metric.Macro{VerificationGroups: 1, RetrievalGroups: 1, ROCAUC: .77 + by, EER: .22, MAPAtR: .55 + by,
		RecallAt: []metric.AtK{{K: 1, Value: .66}}}
	d.MacroPairs = &macro
	ends := func(by float64) *report.Detail {
		end := &report.Detail{AveragePrecision: d.AveragePrecision + by, RPrecision: d.RPrecision + by, MRR: d.MRR + by,
			Clusters: &report.Clusters{AMI: d.Clusters.AMI + by, NMI: d.Clusters.NMI + by}}
		end.Classes, end.Domains = slices.Clone(d.Classes), slices.Clone(d.Domains)
		end.Classes[0].MAPAtR += by
		end.Domains[0].MAPAtR += by
		end.FNRAtFPR, end.RecallAt, end.NDCGAt, end.KNNAt = slices.Clone(d.FNRAtFPR), slices.Clone(d.RecallAt),
			slices.Clone(d.NDCGAt), slices.Clone(d.KNNAt)
		end.FNRAtFPR[1].FNR += by
		of := macro
		of.MAPAtR += by
		end.MacroPairs = &of
		end.Thresholds = slices.Clone(d.Thresholds)
		end.Thresholds[0].Test.FPR += by
		end.Thresholds[0].Validation.FNR += by
		return end
	}
	d.Low, d.High = ends(-.012), ends(.013)
	for k := range 11 {
		d.Curve = append(d.Curve, metric.CurvePoint{Threshold: 1 - float64(k)/10, FPR: float64(k) / 10,
			FNR: (1 - float64(k)/10) * (1 - float64(k)/10)})
	}
	return d
}

// full returns a made-up report with every part.
func full() *report.Report {
	interval := func(v float64) stats.Estimate {
		return stats.Estimate{Interval: stats.Interval{Value: v, Low: v - .011, High: v + .012, Confidence: .95,
			Method: "delta"}}
	}
	metrics := func(name string, by float64) report.Metrics {
		f := report.Metrics{Name: name, Values: map[string]float64{stats.ROCAUC: .9123 + by, stats.EER: .1234,
			stats.MAPAtR: .7345 + by, stats.RecallAt1: .8456, stats.Accuracy: .8678, stats.FPR: .0789,
			stats.FNR: .0891}, Threshold: .4567}
		f.Intervals = &stats.Metrics{Estimates: map[string]stats.Estimate{}}
		for _, key := range []string{stats.ROCAUC, stats.EER, stats.MAPAtR, stats.RecallAt1, stats.Accuracy} {
			f.Intervals.Estimates[key] = interval(f.Values[key])
		}
		return f
	}
	r := &report.Report{
		Name: "items " + nasty, Model: "model " + nasty, ItemsHash: "sha256:00ff", Items: 4, Classes: 2, Pairs: 6,
		Positive: .5,
		Trained:  metrics("trained encoder", .01), Baseline: metrics("standardised features, no training", 0),
		Warnings: []string{"warning " + nasty},
		Details: &report.Details{
			Of: []*report.Detail{detail("trained encoder", .05), detail("standardised features, no training", 0)},
			Shown: []report.ShownItem{{ID: nasty, Class: nasty}, {ID: "b", Class: nasty}, {ID: "c"},
				{ID: "d", Class: "one"}},
			Config: siamese.DefaultConfig(), Facts: []report.Fact{{Name: "split " + nasty, Value: "value " + nasty}},
		},
	}
	r.Probabilities = &stats.Reliability{Pairs: 6, Prevalence: .5, Brier: .2, Uncertainty: .25, ECE: .1,
		EqualWidth: []stats.Bin{{Low: 0, High: .1, Pairs: 3, Weight: 3, Mean: .05, Share: stats.Wilson(.1, 3, .95)},
			{Low: .9, High: 1, Pairs: 3, Weight: 3, Mean: .95, Share: stats.Wilson(.8, 3, .95)}}}
	r.Evidence = evidenceOf()
	return r
}

// titles are what stands in the headings of a page.
func titles(content string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`<h[123]>([^<]*)</h[123]>`).FindAllStringSubmatch(content, -1) {
		out = append(out, m[1])
	}
	return out
}

func TestPage(t *testing.T) {
	r := full()
	asked := map[string]bool{}
	content, err := PageHTML(PageOptions{Title: "Title " + nasty, Image: func(id string) image.Image {
		asked[id] = true
		if id == "c" {
			return nil
		}
		return picture()
	}}, r)
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, content)
	selfContained(t, content)
	if strings.Contains(content, "<script") || strings.Contains(content, "alert(\"") {
		t.Error("a name is not escaped")
	}
	if n := strings.Count(content, "&lt;script&gt;"); n < 18 {
		t.Errorf("the nasty name stands in %d places", n)
	}
	want := []string{"ROC and DET", "Scores of same and of different pairs", "Probabilities of the trained encoder",
		"Strength of the evidence", "Thresholds of the trained encoder, chosen on validation items",
		"Further metrics", "By class", "Confusion between classes: class of the nearest other item, trained encoder", "By pair of domains",
		"Map of the embeddings", "Hardest pairs of the trained encoder", "What this was computed on"}
	if got := titles(content); !slices.Equal(got[len(got)-len(want):], want) {
		t.Errorf("sections %q", got)
	}
	// Every number of the report in the terminal stands in the page as it does there.
	table := strings.Join(strings.Split(r.String(), "\n")[2:6], " ")
	numbers := regexp.MustCompile(`\d\.\d+(-\d\.\d+)?`).FindAllString(table, -1)
	if len(numbers) != 20 {
		t.Errorf("%d values and intervals in the text: %q", len(numbers), numbers)
	}
	for _, n := range append(numbers, r.Verdict(), r.GeneralisationGap()) {
		has(t, strings.NewReplacer("&#43;", "+", "&#39;", "'").Replace(content), n)
	}
	if strings.Index(content, r.Verdict()[:14]) > strings.Index(content, "<table") {
		t.Error("the verdict does not come first")
	}
	has(t, content, ">trained\nMAP@R<", ">0.7600<", ">new<", ">&#43;0.0500<", "(new)", "-0.125", "0.875", "(no label)",
		"&#34;batch_pairs&#34;", "sha256:00ff", "no label", ">0.4600<", "value &lt;",
		">0.748-0.773<", ">-0.011 to &#43;0.111<", ">0.638-0.663<", ">0.346<", ">0.0500<", ">0.2000<", ">0.188-0.213<",
		">mean of pairs<", ">0.588-0.613<", ">0.448-0.473<", ">0.118-0.143<", "its interval, for other items")
	if strings.Contains(content, ">0.910-0.910<") {
		t.Error("a value of an older file has an interval without a width")
	}
	if n := strings.Count(content, "data:image/png;base64,"); n != 3 {
		t.Errorf("%d pictures, want 3", n)
	}
	if got := slices.Sorted(maps.Keys(asked)); !slices.Equal(got, []string{nasty, "b", "c"}) {
		t.Errorf("pictures of %q were asked for", got)
	}
	again, err := PageHTML(PageOptions{Title: "Title " + nasty}, r)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(again, "<img") {
		t.Error("there are pictures although none can be found")
	}
	has(t, again, ">-0.125<", ">0.875<")
}

// What a report does not have is left out, and what is not defined is no number.
func TestPageOfLess(t *testing.T) {
	bare := &report.Report{Name: "few", Items: 2, Classes: 1, Pairs: 1, Positive: 1,
		Trained: report.Metrics{Name: "trained encoder"}, Baseline: report.Metrics{Name: "b"}}
	content, err := PageHTML(PageOptions{}, bare)
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, content)
	has(t, content, "<title>Evaluation: few</title>", "all items are of one class")
	if got := titles(content); !slices.Equal(got, []string{"Evaluation: few", "few", "What this was computed on"}) {
		t.Errorf("sections %q", got)
	}
	empty := full()
	empty.Probabilities, empty.Evidence = nil, nil
	for _, one := range empty.Details.Of {
		*one = report.Detail{Name: one.Name}
	}
	content, err = PageHTML(PageOptions{}, empty, bare)
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, content)
	if got := titles(content); !slices.Equal(got[2:],
		[]string{"Further metrics", "What this was computed on", "few", "What this was computed on"}) {
		t.Errorf("sections %q", got)
	}
	one := full() // all pairs score the same
	for _, d := range one.Details.Of {
		d.Histogram.Low, d.Histogram.High = 1, 1
		d.Map.X, d.Map.Y = make([]float64, 4), make([]float64, 4)
	}
	if content, err = PageHTML(PageOptions{}, one); err != nil {
		t.Fatal(err)
	}
	wellFormed(t, content)
	if strings.Contains(content, "NaN") || strings.Contains(content, "Inf") {
		t.Error("a number is none")
	}
}

func TestPageOfManyClasses(t *testing.T) {
	r := full()
	for k := range 30 {
		name := fmt.Sprintf("class %02d", k)
		for _, one := range r.Details.Of {
			one.Low, one.High = nil, nil
			one.Classes = append(one.Classes,
				report.ClassDetail{Class: name, Items: 5, Right: 4, MAPAtR: float64(k) / 40})
		}
		r.Details.Of[0].Confusions = append(r.Details.Of[0].Confusions,
			report.Confusion{Class: name, Nearest: "one", Items: 1})
		r.Details.Shown = append(r.Details.Shown, report.ShownItem{ID: name, Class: name},
			report.ShownItem{ID: name + "b", Class: name})
		for _, one := range r.Details.Of {
			one.Map.X, one.Map.Y = append(one.Map.X, 1, 2), append(one.Map.Y, float64(k), 2)
		}
	}
	r.Details.ClassesLeftOut = 7
	content, err := PageHTML(PageOptions{}, r)
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, content)
	has(t, content, "12 other classes, and items without a label", "The most frequent confusions.",
		"7 others are left out", ">class 29<")
}

// difference returns the made-up difference of a model from full's.
func difference(name string) *stats.Comparison {
	d := stats.Difference{Interval: stats.Interval{Value: .0667, Low: .0123, High: .1211, Confidence: .95,
		Method: "delta"}, A: .7444, B: .8111, Adjusted: .016}
	return &stats.Comparison{A: nasty, B: name, By: stats.ByItem,
		Differences: map[string]stats.Difference{stats.ROCAUC: d, stats.EER: d, stats.AveragePrecision: d,
			stats.Accuracy: d, stats.MAPAtR: d, stats.RecallAt1: d}}
}

func TestComparisonPage(t *testing.T) {
	a, b := full(), full()
	b.Model, b.Trained.Values[stats.MAPAtR] = "other", .8111
	c, err := report.Compare(a, b)
	if err != nil {
		t.Fatal(err)
	}
	content, err := comparisonHTML(PageOptions{Title: "Two"}, c)
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, content)
	selfContained(t, content)
	has(t, content, "other (items &lt;script&gt;", "no interval", ">0.8111<", "Trained encoders on the same items")
	if n := strings.Count(strings.Join(titles(content), "\n"), "ROC and DET"); n != 3 {
		t.Errorf("%d plots of ROC and DET, want one of both and one of each", n)
	}
	c.Differences = []*stats.Comparison{difference("other")}
	if content, err = comparisonHTML(PageOptions{}, c); err != nil {
		t.Fatal(err)
	}
	wellFormed(t, content)
	has(t, content, "is better than", ">&#43;0.012 to &#43;0.121<", ">0.016<", "intervals for other items", ">0.7444<")
}

func TestPageRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.html")
	bad := full()
	bad.Details.Of[0].Curve[3].FPR = 7
	for want, write := range map[string]func() error{
		"no report":        func() error { return SavePage(path, PageOptions{}) },
		"report 1: ":       func() error { return SavePage(path, PageOptions{}, nil) },
		"report 2: report": func() error { return SavePage(path, PageOptions{}, full(), bad) },
		"is no report":     func() error { return SaveComparison(path, PageOptions{}, nil) },
		"point 4 of the curve": func() error {
			return SaveComparison(path, PageOptions{}, &report.Compared{Reports: []*report.Report{bad}})
		},
		"no such file or directory": func() error {
			return SavePage(filepath.Join(path, "x", "y.html"), PageOptions{},
				full())
		},
	} {
		if err := write(); err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), "the page") {
			t.Errorf("%v, want %q", err, want)
		}
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("%s: there is a file: %v", want, err)
		}
	}
	if err := SavePage(path, PageOptions{}, full()); err != nil {
		t.Fatal(err)
	}
	if err := SavePage(path, PageOptions{}, bad); err == nil {
		t.Error("a bad report is written")
	}
	content, err := os.ReadFile(path)
	if list, _ := os.ReadDir(filepath.Dir(path)); err != nil || len(list) != 1 ||
		!strings.HasSuffix(string(content), "</html>\n") {
		t.Errorf("%v, %v", list, err)
	}
}

// Reports of files may hold anything: a page or an error, but no panic.
func TestPageOfSpoiltFiles(t *testing.T) {
	text, err := json.Marshal(full())
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	pages := 0
	for range 60 {
		var tree any
		if err := json.Unmarshal(text, &tree); err != nil {
			t.Fatal(err)
		}
		for range 1 + rng.IntN(3) {
			spoil(tree, rng)
		}
		spoilt, err := json.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		var r report.Report
		if json.Unmarshal(spoilt, &r) != nil {
			continue
		}
		if content, err := PageHTML(PageOptions{}, &r); err == nil {
			pages++
			wellFormed(t, content)
		}
		if c, err := report.Compare(&r, full()); err == nil {
			if content, err := comparisonHTML(PageOptions{}, c); err == nil {
				wellFormed(t, content)
			}
		}
	}
	if pages < 8 {
		t.Errorf("%d pages were made", pages)
	}
}

// spoil changes or removes something somewhere.
func spoil(tree any, rng *rand.Rand) {
	values := []any{nil, -1.0, 0.0, 1e300, "x", []any{}, map[string]any{}}
	change := rng.IntN(4) == 0
	switch node := tree.(type) {
	case map[string]any:
		keys := slices.Sorted(maps.Keys(node))
		if len(keys) == 0 {
			return
		}
		key := keys[rng.IntN(len(keys))]
		switch {
		case change && rng.IntN(2) == 0:
			delete(node, key)
		case change:
			node[key] = values[rng.IntN(len(values))]
		default:
			spoil(node[key], rng)
		}
	case []any:
		if len(node) == 0 {
			return
		}
		if k := rng.IntN(len(node)); change {
			node[k] = values[rng.IntN(len(values))]
		} else {
			spoil(node[k], rng)
		}
	}
}

// Large pictures are embedded small.
func TestPicturesAreShrunk(t *testing.T) {
	large := (&images.Image{W: 900, H: 300, C: 1, Pix: make([]uint8, 900*300)}).Std()
	content, err := pictureHTML(func(string) image.Image { return large }, nasty)
	if err != nil || len(content) > 2000 {
		t.Errorf("%d bytes, %v", len(content), err)
	}
	wellFormed(t, content)
	if content, err = pictureHTML(func(string) image.Image { return image.NewGray(image.Rectangle{}) },
		"x"); content != "" || err != nil {
		t.Errorf("%q, %v", content, err)
	}
}

// One file to send to whoever asks how good the model is.
func ExampleSavePage() {
	dir, err := os.MkdirTemp("", "page")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	// as evaluate.Items returns it, with Details
	report := &report.Report{Name: "new items", Items: 2, Classes: 1, Pairs: 1, Positive: 1}
	page := filepath.Join(dir, "report.html")
	if err := SavePage(page, PageOptions{Title: "Sneakers and bags"}, report); err != nil {
		fmt.Println(err)
		return
	}
	content, err := os.ReadFile(page)
	fmt.Println(strings.Contains(string(content), "<h1>Sneakers and bags</h1>"), err)
	// Output: true <nil>
}
