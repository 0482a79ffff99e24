package study

import (
	"cmp"
	"fmt"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese/protocol"
)

// String returns the name of the trial.
func (t Trial) String() string { return t.Name }

// String returns the result of the trial in a line.
func (t *TrialResult) String() string {
	if t.Result == nil {
		return t.Name + ": not trained"
	}
	text := fmt.Sprintf("%s: %d epochs in %s", t.Name, len(t.Result.History),
		provenance.Volatile(fmt.Sprintf("%.1f s", t.Seconds)))
	if b := t.Result.Best; b > 0 && b <= len(t.Result.History) {
		text += "; the best is " + t.Result.History[b-1].String()
	}
	return text
}

// String returns how far the protocols are.
func (p ProtocolProgress) String() string {
	return fmt.Sprintf("%d of %d trainings: %s, fold %d of %d, seed %d", p.Done, p.All, protocol.Title(p.Protocol),
		p.Fold, p.Folds, p.Seed)
}

// String returns how far the search is.
func (p SearchProgress) String() string {
	text := fmt.Sprintf("trial %d", p.Trial)
	if p.Folds > 0 {
		text = fmt.Sprintf("fold %d of %d, %s", p.Fold, p.Folds, text)
	}
	if p.Trials > 0 {
		text += fmt.Sprintf(" (%d of %d)", p.Trial+1, p.Trials)
	}
	switch {
	case p.Training != nil:
		return fmt.Sprintf("%s: %s", text, p.Training)
	case p.Run != nil:
		return fmt.Sprintf("%s: %s", text, p.Run)
	}
	return text
}

// String returns the result of the search, and what the winner does beside features without training.
func (s *Search) String() string {
	text := s.Result.String()
	if s.Report != nil {
		text += "\n" + s.Report.Verdict()
	}
	return text
}

// String returns the rungs in words.
func (h Halving) String() string {
	return fmt.Sprintf("from %d epochs on, one of %d goes on", max(h.Least, 1), cmp.Or(h.Factor, 3))
}
