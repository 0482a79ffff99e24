package panel

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/worker/threshold"
	"github.com/go-siamese/lab/siamese/session/worker/widgetkit"
)

// cut is the threshold that is looked at, as the script has it: that of the run whose plots are seen.
type cut struct {
	Run       string   `json:"run"`   // id; "" = none
	Stamp     int      `json:"stamp"` // of the pairs that are loaded; 0 = none are yet
	Side      string   `json:"side"`  // whose pairs they are
	What      string   `json:"what"`  // these are, in words
	Test      bool     `json:"test"`  // pairs of test items can be looked at: the run was evaluated
	Own       float64  `json:"own"`   // threshold of the model
	Threshold float64  `json:"threshold"`
	By        string   `json:"by"`   // the page that moved it last; "" = none
	Kept      *float64 `json:"kept"` // with the run; nil = none
	Problem   string   `json:"problem"`
}

// loaded are the pairs of a cut.
type loaded struct {
	stamp    int
	run      string
	pairs    *threshold.Pairs
	pictures *widgetkit.Pictures
}

// uncut shows no threshold. p.mu is held.
func (p *Panel) uncut() {
	p.cut = cut{}
	p.loaded.Store(nil)
}

// load shows the threshold of a run on the pairs of a side, if it has a model: that which was kept, else the model's own. On
// another side of the same run it stays where it is. p.mu is held.
func (p *Panel) load(run *Run, side string) {
	before := p.cut
	p.uncut()
	if run.Model == "" {
		return
	}
	p.cut = cut{Run: run.ID, Side: side, Test: run.Status == Done, Kept: run.Threshold}
	engine, model, known := p.engine, run.Model, before.Run == run.ID && before.Stamp > 0
	p.begin(func() {
		pairs, what, pictures, err := engine.Pairs(p.ctx, model, side)
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.cut.Run != run.ID || p.cut.Side != side || p.cut.Stamp != 0 {
			return
		}
		defer p.tell()
		if err != nil {
			p.cut.Problem = fmt.Sprintf("no threshold can be shown: %v", err)
			return
		}
		p.stamp++
		p.cut.Stamp, p.cut.What, p.cut.Own, p.cut.Threshold = p.stamp, what, pairs.Own, pairs.Own
		switch {
		case known:
			p.cut.Threshold = before.Threshold
		case p.cut.Kept != nil:
			p.cut.Threshold = *p.cut.Kept
		}
		p.loaded.Store(&loaded{p.stamp, run.ID, pairs, pictures})
		p.static = true
	})
}

// question is what the script asks about the pairs of a cut.
type question struct {
	Stamp int      `json:"stamp"` // of the pairs that it means
	At    float64  `json:"at"`
	Near  bool     `json:"near"` // the pairs next to the threshold rather than those farthest from it
	Have  []string `json:"have"` // ids of items whose pictures it has
}

// mostWrong is how many wrong pairs of a kind are seen.
const mostWrong = 8

// answer answers a question, nil where it is about other pairs than those that are loaded.
func (p *Panel) answer(do string, q question) (answer map[string]any, buffers [][]byte) {
	l := p.loaded.Load()
	if l == nil || l.stamp != q.Stamp {
		return nil, nil
	}
	if do == "steps" {
		s := l.pairs.Steps()
		at, err := binary.Append(nil, binary.LittleEndian, s.At)
		if err != nil {
			return nil, nil
		}
		for _, list := range [][]uint32{s.Same, s.Different} {
			b, _ := binary.Append(nil, binary.LittleEndian, list) // of fixed size
			buffers = append(buffers, b)
		}
		return map[string]any{"steps": l.stamp, "exact": s.Exact}, append([][]byte{at}, buffers...)
	}
	accepted, missed := l.pairs.Wrong(q.At, q.Near, mostWrong)
	ids := []string{}
	for _, w := range append(slices.Clone(accepted), missed...) {
		for _, id := range []string{w.Left.ID, w.Right.ID} {
			if slices.Contains(q.Have, id) || slices.Contains(ids, id) {
				continue
			}
			if b := l.pictures.PNG(id); b != nil {
				ids, buffers = append(ids, id), append(buffers, b)
			}
		}
	}
	return map[string]any{"wrong": l.stamp, "at": q.At, "accepted": accepted, "missed": missed, "ids": ids}, buffers
}

// choice is what the user does with the threshold of a run.
type choice struct {
	Run   string  `json:"run"`
	Side  string  `json:"side"`
	Moved float64 `json:"moved"` // where the threshold is
	By    string  `json:"by"`    // the page on which it was moved
}

// choose does what the user wants of a threshold. What is about another run than the one that is seen came too late and
// does nothing. p.mu is held.
func (p *Panel) choose(do string, c choice) error {
	run := p.runs.Get(c.Run)
	if run == nil || p.cut.Run != c.Run {
		return nil
	}
	p.said = ""
	defer p.tell()
	p.static = true
	if do == "side" {
		if c.Side != session.Val && (c.Side != session.Test || !p.cut.Test) {
			return fmt.Errorf("%s has no pairs of %q items to look at", run, c.Side)
		}
		p.cut.Threshold = c.Moved
		p.load(run, c.Side)
		return nil
	}
	if p.cut.Stamp == 0 {
		return nil
	}
	if do == "own" {
		c.Moved = p.cut.Own
	}
	if math.IsNaN(c.Moved) || c.Moved < -1 || c.Moved > 1 {
		return fmt.Errorf("the threshold %v is not in [-1, 1]", c.Moved)
	}
	p.cut.Threshold, p.cut.By = c.Moved, c.By
	switch do {
	case "own":
		run.Threshold, run.ThresholdOn = nil, ""
	case "keep":
		run.Threshold, run.ThresholdOn = &c.Moved, p.cut.Side
		p.said = fmt.Sprintf("%s has the threshold %.4f: \"Keep this model\" writes it with the model", run, c.Moved)
		if p.cut.Side == session.Test {
			p.said += ". It was chosen on test items, on which its figures are too good now: judge it on others"
		}
	default:
		return nil
	}
	p.cut.Kept = run.Threshold
	p.keep(run)
	return nil
}
