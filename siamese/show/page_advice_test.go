package show

import (
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/advise"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// small returns a picture for the ids that have one.
func small(id string) image.Image {
	if id == "lost" {
		return nil
	}
	return image.NewGray(image.Rect(0, 0, 3, 2))
}

// advised returns an advice of all parts, with text of the data that is no HTML.
func advised() *advise.Advice {
	at := func(v float64) stats.Interval { return stats.Interval{Value: v, Low: v - .1, High: v + .1} }
	return &advise.Advice{Items: 40, Classes: 4, Model: nasty,
		ByItems: &advise.Curve{Of: "items", Metric: "MAP@R", Tested: "new items", Folds: 5,
			Points:   []advise.Point{{Size: 2, Value: at(.3)}, {Size: 4, Value: at(.5)}},
			Forecast: &advise.Forecast{From: 4, To: 8, Gain: at(.1)}},
		Collect: &advise.Collect{Checked: 12, Classes: []advise.Need{{Name: nasty, Items: 9, Value: at(.2),
			Below: stats.Interval{Value: .2, Low: .1, High: .3}}, {Name: "b", Items: 9, Value: at(.6)}}},
		Labels: &advise.LabelCheck{Checked: 40, Agreement: .9, Suspects: []advise.Suspect{
			{ID: nasty, Label: nasty, Suggested: "b", Probability: .987}, {ID: "lost", Label: "b", Suggested: "c"}}},
		Refused: []string{"a curve by classes: " + nasty}}
}

// TestAdviceOnPages: every part of an advice is a section below a heading, beside reports and alone, and a cell shows
// the same suspects.
func TestAdviceOnPages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.html")
	if err := SavePage(path, PageOptions{Image: small, Advice: advised()}); err != nil {
		t.Fatal(err)
	}
	alone, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	beside, err := comparisonHTML(PageOptions{Image: small}, &report.Compared{Reports: []*report.Report{full()},
		Advice: advised()})
	if err != nil {
		t.Fatal(err)
	}
	for name, page := range map[string]string{"alone": string(alone), "beside a report": beside} {
		t.Log(name)
		has(t, page, "<h2>Advice on the data</h2>", "<h3>"+advise.PartCurves+"</h3>", "<h3>"+advise.PartCollect+"</h3>",
			"<h3>"+advise.PartLabels+"</h3>", "<h3>"+advise.PartRefused+"</h3>", "Learning curves: MAP@R by items a class",
			"gain forecast, not to be trusted", "do not rely on the forecast", `<th scope="col">below the others</th>`,
			"0.987", `href="data:image/`)
		if strings.Contains(page, nasty) {
			t.Errorf("text of the data is not escaped")
		}
	}
	a := advised()
	out, err := AdviceOutputs(a, small)
	if err != nil || len(out) != 2 || !strings.Contains(out[1].Text, "rather b") {
		t.Errorf("in a cell %v, %v", out, err)
	}
	if out, err = AdviceOutputs(a, nil); err != nil || len(out) != 1 {
		t.Errorf("without pictures %v, %v", out, err)
	}
	a.ByItems.Points = nil // as a damaged file may have it
	_, err = adviceOf(PageOptions{Advice: a})
	labtest.WantError(t, err, "no points")
}
