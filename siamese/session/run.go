package session

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/config"
)

// Run is a training that the panel of a split has made and keeps; see [Split.Panel].
type Run struct {
	ID     string        `json:"id"`
	Number int           `json:"number"` // from 1, in the order in which they were begun
	Name   string        `json:"name,omitempty"`
	Config config.Config `json:"config"`
	// Status is "waiting", "running", "stopped", "failed" or "done"; "unreadable" is a run whose file this code of the lab
	// cannot read, with nothing but its ID and its Problem.
	Status   string             `json:"status"`
	Problem  string             `json:"problem,omitempty"` // why it failed, or cannot be read
	Made     time.Time          `json:"made"`
	Model    string             `json:"model,omitempty"`  // key of its model; "" = it has none
	Report   string             `json:"report,omitempty"` // key of its report; "" = it was not evaluated
	Verdict  string             `json:"verdict,omitempty"`
	Metrics  map[string]Measure `json:"metrics,omitempty"` // of the trained encoder on the test items, by the keys of reports
	Epochs   int                `json:"epochs,omitempty"`  // that were trained
	Cut      string             `json:"cut,omitempty"`     // where the training was cut; "" = it went to its end
	Warnings []string           `json:"warnings,omitempty"`
	// Threshold is the one that was chosen by hand in the panel, nil = the model's own; ThresholdOn is the side on whose
	// pairs it was chosen, "val" or "test".
	Threshold   *float64 `json:"threshold,omitempty"`
	ThresholdOn string   `json:"threshold_on,omitempty"`
}

// String names the run.
func (r Run) String() string {
	text := fmt.Sprintf("run %d", r.Number)
	if r.Name != "" {
		text += " " + quote.Text(r.Name)
	}
	return text
}

// Runs returns the runs that panels of the split keep, the oldest first. The model of one is that of [Session.ModelByID]
// with Run.Model, or, where the session has removed that, of [Split.Train] with its Config.
func (s *Split) Runs(ctx context.Context) ([]Run, error) {
	body, err := json.Marshal(map[string]string{"split": s.Key})
	if err != nil {
		return nil, err
	}
	m, err := s.session.call(ctx, "runs", body, nil)
	if err != nil {
		return nil, err
	}
	var out []Run
	if err := json.Unmarshal(m.Body, &out); err != nil {
		return nil, fmt.Errorf("the session's answer: %w", err)
	}
	return out, nil
}

// Run returns the run of the split's panels with a name, or with a number in figures. Of several with a name it is the
// newest.
func (s *Split) Run(ctx context.Context, name string) (*Run, error) {
	runs, err := s.Runs(ctx)
	if err != nil {
		return nil, err
	}
	unreadable := ""
	for i := len(runs) - 1; i >= 0; i-- {
		r := &runs[i]
		if r.Status == "unreadable" {
			unreadable = "; one that it keeps cannot be read: " + r.Problem
		} else if name == r.Name || name == fmt.Sprint(r.Number) {
			return r, nil
		}
	}
	return nil, fmt.Errorf("the panel of this split keeps no run %q, of %d: a run has a number, and the name that "+
		"the panel's table gave it%s", name, len(runs), unreadable)
}
