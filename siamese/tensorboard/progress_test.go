package tensorboard

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/history"
)

// curves returns the points of a file, "step value …" by tag.
func curves(t *testing.T, path string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, e := range mustRead(t, path) {
		if e.Tag != "" {
			has := e.Has
			if _, counts, ok := strings.Cut(has, " counts "); ok { // of a histogram
				has = counts
			}
			out[e.Tag] = strings.TrimSpace(out[e.Tag] + fmt.Sprintf(" %d:%s", e.Step, has))
		}
	}
	return out
}

func TestProgress(t *testing.T) {
	dir := t.TempDir()
	first := &siamese.Epoch{Number: 1, Loss: 0.375, ValLoss: 0.5, ValAUC: 0.75, ValMAP: 0.25, UnseenAUC: 0.5,
		UnseenMAP: 0.125, LearningRate: 0.25,
		Diagnostics: history.Diagnostics{Spread: 0.5, EffectiveRank: 4, MeanSame: 0.75, MeanDifferent: 0.25,
			Same: [20]int{19: 3}, Different: [20]int{0: 1, 10: 1}}}
	second := &siamese.Epoch{Number: 2, Loss: 0.25, ValLoss: 0.25, ValAUC: 0.875, ValMAP: 0.5, UnseenAUC: 0.75,
		UnseenMAP: 0.25, LearningRate: 0.125,
		Diagnostics: history.Diagnostics{Spread: 0.25, EffectiveRank: 3, MeanSame: 0.875, MeanDifferent: 0.125,
			Same: [20]int{18: 1, 19: 2}}}
	reported := []siamese.Progress{
		{Epoch: 1, Epochs: 2, Step: 4, Steps: 8, Loss: 0.5, PairsPerSec: 10},
		{Epoch: 1, Epochs: 2, Step: 8, Steps: 8, Loss: 0.375, PairsPerSec: 20, Last: first}, // the second half: 0.25
		{Epoch: 2, Epochs: 2, Step: 2, Steps: 8, Loss: 0.5, PairsPerSec: 30, Last: first},
		{Epoch: 2, Epochs: 2, Step: 8, Steps: 8, Loss: 0.25, PairsPerSec: 40, Last: second, Ended: true},
		{Epoch: 2, Epochs: 2, Step: 8, Steps: 8, Loss: 0.25, PairsPerSec: 40, Last: second, Ended: true}, // nothing new
	}
	want := map[string]string{
		"train/loss": "4:0.5 8:0.25 10:0.5 16:0.16666667", "train/pairs_per_second": "4:10 8:20 10:30 16:40",
		"train/epoch_loss": "8:0.375 16:0.25", "validation/loss": "8:0.5 16:0.25",
		"validation/roc_auc": "8:0.75 16:0.875", "validation/map_at_r": "8:0.25 16:0.5",
		"unseen/roc_auc": "8:0.5 16:0.75", "unseen/map_at_r": "8:0.125 16:0.25",
		"train/learning_rate": "8:0.25 16:0.125",
		"diagnostics/spread":  "8:0.5 16:0.25", "diagnostics/effective_rank": "8:4 16:3",
		"diagnostics/mean_cosine_same": "8:0.75 16:0.875", "diagnostics/mean_cosine_different": "8:0.25 16:0.125",
		"diagnostics/cosine_different": "8:1 0 0 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0 0 0",
		"diagnostics/cosine_same": "8:0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 3" +
			" 16:0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 2",
	}
	w, err := NewWriter(dir)
	if err != nil {
		t.Fatal(err)
	}
	tell := Progress(w)
	for _, p := range reported {
		tell(p)
	}
	if diff := cmp.Diff(want, curves(t, w.Path())); diff != "" { // before Close: all is flushed
		t.Error(diff)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}

	// Resumed at the end of epoch 1: its metrics are in the file before.
	w, err = NewWriter(dir)
	if err != nil {
		t.Fatal(err)
	}
	tell = Progress(w)
	for _, p := range reported[2:] {
		tell(p)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for tag, points := range want {
		at := strings.Index(points, " 10:")
		if at < 0 {
			at = strings.Index(points, " 16:")
		}
		if delete(want, tag); at >= 0 {
			want[tag] = points[at+1:]
		}
	}
	if diff := cmp.Diff(want, curves(t, w.Path())); diff != "" {
		t.Error(diff)
	}
}

func TestProgressFails(t *testing.T) {
	w, err := NewWriter(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Text("train/loss", 0, "taken"); err != nil {
		t.Fatal(err)
	}
	Progress(w)(siamese.Progress{Epoch: 3, Epochs: 4, Step: 1, Steps: 2})
	if err := w.Close(); err == nil || !strings.Contains(err.Error(),
		`"train/loss" holds a text`) {
		t.Errorf("Close: %v", err)
	}
}
