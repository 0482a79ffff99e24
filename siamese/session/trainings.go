package session

import "context"

// Trainings compares models that were trained on one split by its validation items, which is no test: those have chosen
// epochs and thresholds, and the best of many looks better there than it is. Methods are the trainings, named by what is
// set otherwise than in the others, the best first; Differences, in the same order, are those of MAP@R from the first of
// the call, which has none.
func (s *Session) Trainings(ctx context.Context, models ...*Model) (*Report, error) {
	var keys []string
	for _, m := range models {
		keys = append(keys, m.Key)
	}
	r := &Report{}
	return give(r, s.want(ctx, "trainings", map[string][]string{"models": keys}, r, nil))
}
