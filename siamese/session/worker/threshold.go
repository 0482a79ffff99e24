package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/worker/threshold"
	"github.com/go-siamese/lab/siamese/show"
)

// scoredObject are scored pairs in memory.
type scoredObject struct{ *threshold.Pairs }

func (s *scoredObject) bytes() int64 { return 12 * int64(s.Len()) }
func (s *scoredObject) close()       {}

// scored returns the pairs of a side of a split with their cosines by a model. They stay in memory while there is room.
func (t *task) scored(ctx context.Context, model, split, side string) (*threshold.Pairs, error) {
	name := "scored " + side + " " + model + " " + split
	hold := func(x object, done func()) *threshold.Pairs {
		t.mu.Lock()
		t.done = append(t.done, done)
		t.mu.Unlock()
		return x.(*scoredObject).Pairs //nolint:forcetypeassert // only these have such names
	}
	if x, done := t.w.objects.get(name); x != nil {
		return hold(x, done), nil
	}
	m, err := input[*modelObject](ctx, t, model)
	if err != nil {
		return nil, err
	}
	f, err := t.side(ctx, split, side)
	if err != nil {
		return nil, err
	}
	of, total, err := pairsOf(m.Model.Config, f, side)
	if err != nil {
		return nil, err
	}
	backend, err := t.w.openBackend()
	if err != nil {
		return nil, err
	}
	z, err := m.Model.Embed(ctx, backend, f.Frame)
	if err != nil {
		return nil, err
	}
	cosines, _ := pairs.Scores(z, of)
	p, err := threshold.New(textsOf(f.Frame), of, cosines, m.Model.Threshold)
	if err != nil {
		return nil, fmt.Errorf("%s items: %w", side, err)
	}
	p.Total = max(p.Total, total)
	return hold(t.w.objects.put(name, &scoredObject{p})), nil
}

// mostScored is how many pairs of test items are scored: all of 2,000 items. Of more items as many are drawn.
const mostScored = 2_000_000

// pairsOf returns the pairs of a side that thresholds are counted on, and how many there are: of validation items those on
// which the training with this configuration chose the threshold, of others all, or some of very many.
func pairsOf(cfg siamese.Config, f *frameObject, side string) (of pairs.Pairs, total int64, err error) {
	switch side {
	case session.Val:
		of, err = siamese.ValidationPairs(cfg, f.Frame)
		return of, int64(of.Len()), err
	case session.Test:
	default:
		return of, 0, option.Errorf("Side", "%q is not known: use %s", side,
			option.Choices([]string{session.Val, session.Test}))
	}
	// The same pairs as in reports: items without a label are the same as no other, unless labels are lists.
	var same func(i, j int) (same, known bool)
	if cfg.LabelSeparator != "" {
		same = itemset.LabelsOf(f.Frame, cfg.LabelSeparator).Relation
	} else {
		_, numbers := itemset.ClassNumbers(f.Frame)
		same = func(i, j int) (same, known bool) { return numbers[i] == numbers[j], true }
	}
	add := func(i, j int) {
		if same, known := same(i, j); known {
			label := float32(0)
			if same {
				label = 1
			}
			of.Left, of.Right, of.Label = append(of.Left, int32(i)), append(of.Right, int32(j)), append(of.Label, label)
		}
	}
	n := int64(f.N())
	total = n * (n - 1) / 2
	if total > mostScored {
		rng := rand.New(rand.NewPCG(uint64(n), mostScored)) // the same pairs for every model
		for range mostScored {
			i := rng.IntN(f.N())
			add(i, (i+1+rng.IntN(f.N()-1))%f.N())
		}
		return of, total, nil
	}
	for i := range f.N() {
		for j := range i {
			add(j, i)
		}
	}
	return of, int64(of.Len()), nil
}

// decideArgs count what a threshold does.
type decideArgs struct {
	Model     string   `json:"model"`
	Split     string   `json:"split"`
	Side      string   `json:"side"`
	Threshold *float64 `json:"threshold,omitempty"` // nil = the model's own
}

func (a *decideArgs) inputs() []string { return []string{a.Model, a.Split} }
func (a *decideArgs) files() []string  { return nil }

func (a *decideArgs) run(ctx context.Context, t *task) (*made, error) {
	p, err := t.scored(ctx, a.Model, a.Split, a.Side)
	if err != nil {
		return nil, err
	}
	c := p.At(a.at(p))
	facts := session.Decisions{Side: a.Side, Threshold: c.Threshold, Own: p.Own, Pairs: p.Len(), Total: p.Total,
		SameSame: int(c.TP), SameDifferent: int(c.FN), DifferentSame: int(c.FP), DifferentDifferent: int(c.TN),
		BalancedAccuracy: c.BalancedAccuracy(), FPR: c.FPR(), FNR: c.FNR()}
	return &made{name: "threshold on " + a.Side + " pairs", facts: facts, text: decisionsText(sideName(a.Side, p), c)}, nil
}

// at returns the threshold.
func (a *decideArgs) at(p *threshold.Pairs) float64 {
	if a.Threshold != nil {
		return *a.Threshold
	}
	return p.Own
}

// sideName says which pairs a threshold is counted on.
func sideName(side string, p *threshold.Pairs) string {
	if side == session.Val {
		return p.String() + " of validation items, on which training chose the threshold"
	}
	return p.String() + " of test items"
}

// decisionsText returns counts in some lines.
func decisionsText(of string, c metric.Counts) string {
	return fmt.Sprintf("threshold %.4f on %s: balanced accuracy %.4f, FPR %.4f, FNR %.4f\n"+
		"%-16s %12s %16s\n%-16s %12.0f %16.0f\n%-16s %12.0f %16.0f", c.Threshold, of, c.BalancedAccuracy(), c.FPR(), c.FNR(),
		"", "called same", "called different", "same pairs", c.TP, c.FN, "different pairs", c.FP, c.TN)
}

// decisionsOutputs draws what a threshold does.
func (t *task) decisionsOutputs(ctx context.Context, args json.RawMessage) (show.Outputs, error) {
	var a decideArgs
	if err := decodeArgs("decide", args, &a); err != nil {
		return nil, err
	}
	p, err := t.scored(ctx, a.Model, a.Split, a.Side)
	if err != nil {
		return nil, err
	}
	same, different := p.Cosines()
	var out show.Outputs
	err = out.Threshold(sideName(a.Side, p), same, different, a.at(p))
	return out, err
}

// thresholdArgs give a model another threshold.
type thresholdArgs struct {
	Model     string  `json:"model"`
	Threshold float64 `json:"threshold"`
	On        string  `json:"on"` // the side that it was chosen on; "" = elsewhere
}

func (a *thresholdArgs) inputs() []string { return []string{a.Model} }
func (a *thresholdArgs) files() []string  { return nil }

func (a *thresholdArgs) run(ctx context.Context, t *task) (*made, error) {
	if !(a.Threshold >= -1 && a.Threshold <= 1) {
		return nil, option.Errorf("Threshold", "%v is not in [-1, 1]", a.Threshold)
	}
	of, err := input[*modelObject](ctx, t, a.Model)
	if err != nil {
		return nil, err
	}
	facts, err := t.w.modelFacts(a.Model)
	if err != nil {
		return nil, err
	}
	note := fmt.Sprintf("its threshold %.4f was chosen by hand", a.Threshold)
	switch a.On {
	case session.Val:
		note += " on pairs of validation items"
	case session.Test:
		note += " on pairs of test items, on which its figures are too good"
	}
	was := of.Model
	m := &siamese.Model{Config: was.Config, Transform: was.Transform, Standard: was.Standard, Layers: was.Layers,
		Ensemble: was.Ensemble, EncoderPLDA: was.EncoderPLDA, FeaturesPLDA: was.FeaturesPLDA, Gate: was.Gate,
		Threshold: a.Threshold, Calibration: was.Calibration, TrainedOn: was.TrainedOn, Cut: was.Cut, Lab: was.Lab,
		Origin: was.Origin, Notes: append(append([]string{}, was.Notes...), fmt.Sprintf("%s; training chose %.4f", note,
			was.Threshold))}
	result := *of.Result
	result.Model = m
	t.volatile(m.Cut)
	return modelMade("model", facts.Split, facts.FirstStep, &result), nil
}
