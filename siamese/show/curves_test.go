package show

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/loss"
)

func TestHistory(t *testing.T) {
	for _, n := range []int{1, 2, 12, 200} {
		svg, err := contentOf(HistoryOutputs(trainedFor(n)))
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Join(texts(t, svg), "|")
		has(t, all, "Mean squared error of the cosine", "Validation items", "epoch", "training (dropout on)",
			"validation", "ROC-AUC", "MAP@R", fmt.Sprintf("best: epoch %d", max(1, n-1)))
		has(t, svg, `viewBox="0 0 662.4 216"`)
		if dots := strings.Count(svg, "A2,2"); n == 12 && dots < 4*n {
			t.Errorf("%d dots of %d epochs and four curves", dots, n)
		}
	}
	other := trainedFor(3)
	cfg := siamese.DefaultConfig()
	cfg.Loss, _ = loss.Default("supcon")
	other.Model = &siamese.Model{Config: cfg}
	for i := range other.History {
		other.History[i].ValMAP, other.History[i].UnseenMAP = 0, 0.5
	}
	svg, err := contentOf(HistoryOutputs(other))
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(texts(t, svg), "|")
	has(t, all, "Loss: supcon", "MAP@R, unseen classes")
	if strings.Contains(all, "squared") || strings.Contains(all, "|MAP@R|") || strings.Contains(all, "|validation|") {
		t.Errorf("metrics that the run does not have are shown: %s", all)
	}
	flat := trainedFor(3)
	for i := range flat.History {
		flat.History[i] = siamese.Epoch{Number: i + 1}
	}
	svg, err = contentOf(HistoryOutputs(flat))
	if err != nil {
		t.Fatal(err)
	}
	texts(t, svg)
	broken := trainedFor(3)
	broken.History[1].ValLoss = math.NaN()
	for what, r := range map[string]*siamese.Result{"nothing": nil, "no epoch": {}, "NaN": broken} {
		if _, err := HistoryOutputs(r); err == nil {
			t.Errorf("%s is plotted", what)
		}
		if History(r) == nil {
			t.Errorf("%s is displayed", what)
		}
	}
}

// The legend stands in the strip below the axes, where no curve can be.
func TestLegendCoversNothing(t *testing.T) {
	svg, err := contentOf(HistoryOutputs(trainedFor(12)))
	if err != nil {
		t.Fatal(err)
	}
	const strip = 22
	entry := regexp.MustCompile(`(?s)<text x="[^"]*" y="-([0-9.]+)"[^>]*>` +
		`(?:training \(dropout on\)|ROC-AUC|best: epoch 11)</text>`)
	lines := entry.FindAllStringSubmatch(svg, -1)
	if len(lines) != 4 {
		t.Fatalf("%d entries found, want 4", len(lines))
	}
	for _, l := range lines {
		if y, err := strconv.ParseFloat(l[1], 64); err != nil || y > strip || y < 2 {
			t.Errorf("a legend's text is %s points above the bottom, want it inside the strip of %d", l[1], strip)
		}
	}
}
