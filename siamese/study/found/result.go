package found

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/study/space"
)

// Result is what a search came to, as plain data. Scores are of the metric that Monitor names; higher is better.
type Result struct {
	Space   space.Space   `json:"space"` // empty: trials differ in their seeds alone
	Base    config.Config `json:"base"`  // of all settings that are not in the space
	Sampler string        `json:"sampler"`
	Seed    uint64        `json:"seed"`
	Monitor string        `json:"monitor"`
	// Trained, Watched and HeldOut are the classes of the items that were trained on, that scores are of, and that chose
	// nothing. Watched and HeldOut are empty where trials were judged on new items of the trained classes.
	Trained []string `json:"trained"`
	Watched []string `json:"watched,omitempty"`
	HeldOut []string `json:"held_out,omitempty"`
	Runs    []Run    `json:"runs"`   // by number, without gaps
	Honest  *Honest  `json:"honest"` // nil where no trial is complete
	// Outer is what searches on all folds came to, of which this is the first; nil where there is one search.
	Outer *Nested `json:"outer,omitempty"`
}

// Run is a trial with its training.
type Run struct {
	Trial
	Config config.Config `json:"config"`
	Curve  []float64     `json:"curve"` // score by epoch
	// HeldOut is the score of the best epoch on the items that choose nothing; 0 unless the trial is complete.
	HeldOut float64 `json:"held_out"`
	Error   string  `json:"error,omitempty"` // of a failed trial
	// Same is the number of an earlier trial with the same configuration, whose training it shares; -1 = none.
	Same    int     `json:"same"`
	Seconds float64 `json:"-"` // of training in the call that made the result; 0 = none
}

// Honest is how good the winner is on items that chose nothing, and how much better its score looked.
type Honest struct {
	Winner    int     `json:"winner"`    // number of the trial
	Selection float64 `json:"selection"` // its score, by which it was chosen
	HeldOut   float64 `json:"held_out"`  // the same metric on the items that chose nothing
	// Low and High are the 95 % interval of HeldOut for other such items of the same classes; both 0 = none.
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// Harder is by how much scores of all complete trials fall on average: the held-out items are harder, or easier.
	Harder float64 `json:"harder"`
	// Optimism is what the winner loses beyond that, by having been chosen as the best of many: Selection - HeldOut -
	// Harder.
	Optimism float64 `json:"optimism"`
	Of       int     `json:"of"` // complete trials, each configuration once
}

// NewHonest returns the summary of runs, without an interval; nil if none is complete. The first of equal scores wins.
func NewHonest(runs []Run) *Honest {
	h := &Honest{}
	counted := map[int]bool{} // by the first trial of a configuration, which need not be complete itself
	for _, r := range runs {
		first := r.Number
		if r.Same >= 0 {
			first = r.Same
		}
		if r.State == Complete && !counted[first] {
			counted[first] = true
			h.Of++
			h.Harder += r.Score - r.HeldOut
		}
	}
	best, ok := Best(Trials(runs))
	if !ok {
		return nil
	}
	h.Harder /= float64(h.Of)
	h.Winner, h.Selection, h.HeldOut = best.Number, best.Score, runs[best.Number].HeldOut
	h.Optimism = h.Selection - h.HeldOut - h.Harder
	return h
}

// String returns the summary in two sentences.
func (h *Honest) String() string {
	if h == nil {
		return "no trial is complete"
	}
	interval := ""
	if h.High > h.Low {
		interval = fmt.Sprintf(" [%.4f, %.4f]", h.Low, h.High)
	}
	text := fmt.Sprintf("trial %d is the best of %d: %.4f where it was chosen, %.4f%s on items that chose nothing.",
		h.Winner, h.Of, h.Selection, h.HeldOut, interval)
	if h.Of > 1 {
		text += fmt.Sprintf(" All trials change by %+.4f on average there; the rest, %+.4f, is by how much the score "+
			"flattered the winner.", -h.Harder, h.Optimism)
	}
	return text
}

// Table returns the runs, best first, as a header and rows: complete ones, then pruned and failed ones. Settings
// without effect in a run are "". Of an empty space there is the seed.
func (r *Result) Table() (header []string, rows [][]string) {
	header = []string{"trial", "state", "score", "held out", "trained"}
	for _, p := range r.Space {
		header = append(header, p.Name)
	}
	if len(r.Space) == 0 {
		header = append(header, "seed")
	}
	for _, run := range r.Ranked() {
		row := []string{fmt.Sprint(run.Number), string(run.State), "", "", fmt.Sprint(len(run.Curve))}
		if run.Scored() {
			row[2] = fmt.Sprintf("%.4f", run.Score)
		}
		if run.State == Complete {
			row[3] = fmt.Sprintf("%.4f", run.HeldOut)
		}
		for _, p := range r.Space {
			cell := ""
			if v, ok := run.Point[p.Name]; ok {
				cell = p.Text(v)
				if p.Kind == space.KindFloat {
					cell = fmt.Sprintf("%.4g", v)
				}
			}
			row = append(row, cell)
		}
		if len(r.Space) == 0 {
			row = append(row, fmt.Sprint(run.Config.Seed))
		}
		rows = append(rows, row)
	}
	return header, rows
}

// Verdicts returns the summaries: of the winner and, with several folds, of searching.
func (r *Result) Verdicts() []string {
	out := []string{r.Honest.String()}
	if r.Outer != nil {
		out = append(out, r.Outer.String())
	}
	return out
}

// String returns the summaries, the table as text in columns and why trials failed, without a line break at the end.
func (r *Result) String() string {
	var b strings.Builder
	for _, text := range r.Verdicts() {
		fmt.Fprintln(&b, text)
	}
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	header, rows := r.Table()
	for _, row := range append([][]string{header}, rows...) {
		for i := range row {
			row[i] = quote.Text(row[i])
		}
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	_ = w.Flush() // a builder never fails
	for _, run := range r.Runs {
		if run.Error != "" {
			fmt.Fprintf(&b, "trial %d failed: %s\n", run.Number, quote.Lines(run.Error))
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// String returns the trial in a line.
func (t Trial) String() string {
	if t.State == Failed || t.Step == 0 {
		return string(t.State)
	}
	state, epochs := string(t.State), "epochs"
	if t.State == Running {
		state = "stopped for now"
	}
	if t.Step == 1 {
		epochs = "epoch"
	}
	return fmt.Sprintf("%s after %d %s, score %.4f", state, t.Step, epochs, t.Score)
}

// String returns the run in a line.
func (r Run) String() string {
	if r.Error != "" {
		return "failed: " + quote.Lines(r.Error)
	}
	return r.Trial.String()
}
