package worker

import (
	"context"
	"path/filepath"

	"github.com/go-siamese/lab/siamese/advise"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/store"
	"github.com/go-siamese/lab/siamese/show"
)

// adviceFile is the file of advice.
const adviceFile = "advice.json"

// adviseArgs are for advice on the items of a frame.
type adviseArgs struct {
	Frame   string                `json:"frame"`
	Options session.AdviseOptions `json:"options"`
}

func (a *adviseArgs) inputs() []string { return []string{a.Frame} }
func (a *adviseArgs) files() []string  { return nil }

func (a *adviseArgs) run(ctx context.Context, t *task) (*made, error) {
	f, err := input[*frameObject](ctx, t, a.Frame)
	if err != nil {
		return nil, err
	}
	o := a.Options
	t.seed(o.Seed)
	found, err := advise.Run(ctx, f.Frame, advise.Options{Repeats: o.Repeats, Seed: o.Seed, Confidence: o.Confidence,
		NoCurves: o.NoCurves, NoLabels: o.NoLabels, Progress: func(p advise.Progress) {
			t.work(p.What, int64(p.Done), int64(p.All))
		}})
	if err != nil {
		return nil, err
	}
	facts := session.Advice{Refused: found.Refused, Items: growth(found.ByItems), Classes: growth(found.ByClasses)}
	if found.Labels != nil {
		for _, s := range found.Labels.Suspects {
			facts.Suspects = append(facts.Suspects, session.Suspect{ID: s.ID, Label: s.Label, Suggested: s.Suggested,
				Probability: s.Probability, Given: s.Given})
		}
	}
	return &made{name: "advice", text: found.String(), facts: facts, object: &jsonObject[advise.Advice]{found},
		write: func(folder string) error { return jsonfile.Write(filepath.Join(folder, adviceFile), found) }}, nil
}

// growth returns the forecast of a curve for clients; nil where there is none.
func growth(c *advise.Curve) *session.Growth {
	if c == nil || c.Forecast == nil {
		return nil
	}
	f := c.Forecast
	return &session.Growth{Metric: c.Metric, From: f.From, To: f.To, Gain: f.Gain.Value, Low: f.Gain.Low,
		High: f.Gain.High, Trusted: f.Trusted}
}

// adviceOutputs shows advice as tables, and the surest suspects as pictures where the items are.
func (t *task) adviceOutputs(ctx context.Context, r *store.Record) (show.Outputs, error) {
	a, err := input[*jsonObject[advise.Advice]](ctx, t, r.Key)
	if err != nil {
		return nil, err
	}
	if a.of.Labels == nil || len(a.of.Labels.Suspects) == 0 {
		return show.AdviceOutputs(a.of, nil)
	}
	pictures, err := t.pictureOf(r.Inputs[0])
	if err != nil {
		return nil, err
	}
	return show.AdviceOutputs(a.of, pictures)
}
