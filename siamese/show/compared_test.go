package show

import (
	"image"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/signtest"
	"github.com/go-siamese/lab/siamese/stats"
)

func TestCompared(t *testing.T) {
	a, b := full(), full()
	b.Model, b.Trained.Values[stats.MAPAtR] = "other", .8111
	c := &report.Compared{Reports: []*report.Report{a, b}, Differences: []*stats.Comparison{difference("other")}}
	content, err := contentOf(ComparedOutputs(c))
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, content)
	selfContained(t, content)
	has(t, content, "other (items &lt;script&gt;", "is better than", "other beside what needs no training: training ",
		"4 items of 2 classes; in brackets: 95 % intervals",
		">other: trained encoder<", `>0.811 <span`, ">+0.012 to +0.121<", ">ROC and DET<", "<path d=",
		`>other</text>`)
	if n := strings.Count(content, ">standardised features, no training<"); n != 1 {
		t.Errorf("what both reports have stands %d times", n)
	}
	b.Baseline.Values[stats.MAPAtR] = .5
	if content, err = contentOf(ComparedOutputs(c)); err != nil {
		t.Fatal(err)
	}
	has(t, content, ">other: standardised features, no training<", ": standardised features, no training<")
	// On new classes both verdicts of a report stand; without details there are no curves.
	for _, r := range c.Reports {
		r.NewClasses, r.Comparison, r.Details = true, difference(r.Model), nil
		r.ClassChanges = &report.ClassChanges{Confidence: .95, MAPAtR: signtest.Signs{P: 1},
			ROCAUC: signtest.Signs{P: 1}}
	}
	if content, err = contentOf(ComparedOutputs(c)); err != nil {
		t.Fatal(err)
	}
	has(t, content, "nothing can be said for other classes, with 2 in the test",
		"; for other items of these classes: training helps")
	if strings.Contains(content, "<path d=") {
		t.Error("curves of reports without details")
	}
	if err := Compared(c); err != nil { // outside of a notebook it shows nothing
		t.Error(err)
	}
	a.Trained.Values[stats.EER] = 7
	for _, bad := range []*report.Compared{nil, {}, {Reports: []*report.Report{nil}}, {Reports: []*report.Report{a}}} {
		if _, err := ComparedOutputs(bad); err == nil || Compared(bad) == nil {
			t.Errorf("%+v: no error", bad)
		}
	}
}

func TestSectionsOfAReport(t *testing.T) {
	r := full()
	for name, section := range map[string]struct {
		outputs func(*report.Report) (Outputs, error)
		display func(*report.Report) error
		without func(*report.Report)
		want    []string
		says    string
	}{
		"rates": {RatesOutputs, Rates, func(r *report.Report) { r.Details = nil },
			[]string{">ROC and DET<", ">trained encoder</text>", "probit"}, "has no curves"},
		"reliability": {ReliabilityOutputs, Reliability, func(r *report.Report) { r.Probabilities, r.Evidence = nil, nil },
			[]string{"How often each is said", "so that 50 %", "as if pairs were independent"},
			"has no probabilities"},
		"reliability for other items": {func(r *report.Report) (Outputs, error) {
			forItems, probabilities := *r, *r.Probabilities
			probabilities.BrierInterval = &stats.Interval{Value: probabilities.Brier}
			forItems.Probabilities = &probabilities
			return ReliabilityOutputs(&forItems)
		}, Reliability, func(r *report.Report) { r.Probabilities, r.Evidence = nil, nil },
			[]string{"95 % intervals of shares, for other items"}, "has no probabilities"},
		"hardest": {func(r *report.Report) (Outputs, error) { return HardestOutputs(r, 3, nil) },
			func(r *report.Report) error { return Hardest(r, 3, nil) },
			func(r *report.Report) { r.Details = nil },
			[]string{"Of one class, and least similar", "cosine -0.125", "cosine 0.875", "(no label)"},
			"has no pairs"},
	} {
		content, err := contentOf(section.outputs(r))
		if err != nil {
			t.Fatal(err)
		}
		wellFormed(t, content)
		selfContained(t, content)
		has(t, content, section.want...)
		if err := section.display(r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		less := full()
		section.without(less)
		if err := section.display(less); err == nil || !strings.Contains(err.Error(), section.says) {
			t.Errorf("%s: %v", name, err)
		}
		less.Trained.Values[stats.EER] = 7
		if err := section.display(less); err == nil || !strings.Contains(err.Error(), "eer is 7") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHardestPictures(t *testing.T) {
	r := full()
	images := &images.Images{IDs: []string{"x", "b"},
		Items: []images.Image{{W: 1, H: 1, C: 1, Pix: []uint8{7}}, {W: 1, H: 1, C: 1, Pix: []uint8{9}}}}
	find := Pictures(images)
	if m := find("b"); m == nil || find("none") != nil || m.Bounds() != image.Rect(0, 0, 1, 1) {
		t.Errorf("pictures are not found by id: %v", m)
	}
	content, err := contentOf(HardestOutputs(r, 1, find))
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, content)
	if n := strings.Count(content, "<image "); n != 2 { // b is in both pairs; the others have none
		t.Errorf("%d pictures, want 2", n)
	}
	has(t, content, "&lt;script&gt;", ">c</text>")
	if _, err := HardestOutputs(r, 0, nil); err == nil {
		t.Error("no pairs are no error")
	}
	empty := image.NewGray(image.Rectangle{})
	if _, err := HardestOutputs(r, 1, func(string) image.Image { return empty }); err == nil {
		t.Error("a picture without pixels is shown")
	}
}

// Items of given pairs have no classes: neither the titles nor the captions speak of them.
func TestHardestOfGivenPairs(t *testing.T) {
	content, err := contentOf(HardestOutputs(pairs(), 3, nil))
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, content)
	has(t, content, "Labelled the same", "Labelled different", ">cosine -0.125<", ">cosine 0.875<")
	if strings.Contains(content, "class") || strings.Contains(content, "no label") {
		t.Errorf("classes of given pairs in %s", content)
	}
}
