package session

import (
	"context"
	"fmt"
)

// Trainings are several trainings on one split side by side, judged on the validation items, the best first. Those have
// chosen epochs and thresholds, and the best of many looks better there than it is.
type Trainings struct {
	Value `json:"-"`
	Rows  []Training `json:"rows"`
}

// Training is one of them.
type Training struct {
	Name   string  `json:"name"`  // what is set otherwise than in the others
	Model  string  `json:"model"` // key
	Place  int     `json:"place"` // in the call, from 0
	Epochs int     `json:"epochs"`
	Best   int     `json:"best"` // number of the best epoch
	MAP    Measure `json:"map"`  // MAP@R over the validation items
	Less   Measure `json:"less"` // difference of MAP@R from the first of the call, which has 0
}

// String returns the training in a line.
func (t Training) String() string {
	return fmt.Sprintf("%s: MAP@R %s after %d of %d epochs", t.Name, t.MAP, t.Best, t.Epochs)
}

// Trainings compares models that were trained on one split.
func (s *Session) Trainings(ctx context.Context, models ...*Model) (*Trainings, error) {
	var keys []string
	for _, m := range models {
		keys = append(keys, m.Key)
	}
	t := &Trainings{}
	return give(t, s.want(ctx, "trainings", map[string][]string{"models": keys}, t, nil))
}
