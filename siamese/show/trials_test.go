package show

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/study"
)

// trialsOf returns n trials of six epochs, each worse than the one before.
func trialsOf(n int) *study.Sweep {
	out := &study.Sweep{Unseen: true}
	for k := range n {
		r := trainedFor(6)
		for i := range r.History {
			r.History[i].ValLoss += float64(k) / 100
			r.History[i].UnseenMAP = 0.25
		}
		cfg := siamese.DefaultConfig()
		cfg.Dropout = 0.1 * float64(k)
		out.List = append(out.List, &study.TrialResult{Trial: study.Trial{Name: fmt.Sprintf("try <%d>", k),
			Config: cfg}, Result: r, Seconds: 2, Kept: k == 0})
	}
	return out
}

func TestTrials(t *testing.T) {
	for _, n := range []int{1, 3, 9} {
		content, err := contentOf(TrialsOutputs(trialsOf(n)))
		if err != nil {
			t.Fatal(err)
		}
		wellFormed(t, content)
		selfContained(t, content)
		has(t, content, fmt.Sprintf("%d trials, judged on validation items", n), "val_loss of the validation items",
			">try &lt;0&gt;<", "unseen MAP@R", "0.2500", "2.0 s (kept)", ">dropout=0<")
		drawn := 0
		for _, s := range texts(t, content[strings.Index(content, "<svg"):]) {
			if strings.HasPrefix(s, "try &lt;") {
				drawn++
			}
		}
		if want := min(n, len(curveColours)); drawn != want {
			t.Errorf("%d curves of %d trials are named, want %d", drawn, n, want)
		}
	}
	watched := trialsOf(2)
	for _, r := range watched.List {
		r.Config.Monitor = siamese.MonitorUnseenMAP
	}
	content, err := contentOf(TrialsOutputs(watched))
	if err != nil {
		t.Fatal(err)
	}
	has(t, content, "2 trials, judged on classes that are not trained on",
		"unseen_map of the classes that are not trained on")
	if err := Trials(trialsOf(2)); err != nil { // outside of a notebook it shows nothing
		t.Error(err)
	}
	broken := trialsOf(2)
	broken.List[1].Result.History[0].ValLoss = math.NaN()
	for _, bad := range []*study.Sweep{nil, {}, broken} {
		if _, err := TrialsOutputs(bad); err == nil || Trials(bad) == nil {
			t.Errorf("%+v: no error", bad)
		}
	}
}
