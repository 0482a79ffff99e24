package study

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/internal/fields"
)

// Sweep holds the finished trials of [RunSweep], in the given order. Trials that failed are not among them.
type Sweep struct {
	List []*TrialResult
	// Unseen says that SweepOptions.Unseen was set, so that epochs have metrics of unseen classes. Tables show them
	// then.
	Unseen bool
}

// TrialResult is a finished trial.
type TrialResult struct {
	Trial

	// Result is what [siamese.Train] returned, or the same from files. The caller closes its Model.
	Result *siamese.Result
	// Model is the path of the model's file, for [siamese.Load]; "" = not saved.
	Model string
	// Seconds is the time of the call that finished the training, without that of interrupted calls.
	Seconds float64
	// Kept says that the trial was read from the folder, not trained by this call.
	Kept bool
}

// Best returns the best epoch, whose weights the model has; the zero Epoch if the history does not have it.
func (t *TrialResult) Best() siamese.Epoch {
	for _, e := range t.Result.History {
		if e.Number == t.Result.Best {
			return e
		}
	}
	return siamese.Epoch{}
}

// Took returns the time that the trial took, with whether it was trained by this call, "    75.0 s (anew)", or read,
// "    75.0 s (kept)". It is marked as another one in every run ([provenance.Volatile]). It is of one width, so that
// tables in plain text differ nowhere else, and has its unit, so that no other number is meant.
func (t *TrialResult) Took() string {
	how := "anew"
	if t.Kept {
		how = "kept"
	}
	return provenance.Volatile(fmt.Sprintf("%8.1f s (%s)", t.Seconds, how))
}

// Monitored returns the metric named by Config.Monitor of every epoch, in its own sign: unlike
// [siamese.Epoch.Monitored], for which higher is always better, the loss is not negated. That is what curves show.
func (t *TrialResult) Monitored() []float64 {
	out := make([]float64, len(t.Result.History))
	for i, e := range t.Result.History {
		out[i] = e.Monitored(t.Config.Monitor)
		if t.Config.Monitor == siamese.MonitorLoss {
			out[i] = e.ValLoss
		}
	}
	return out
}

// Ranked returns the trials by Config.Monitor at their best epochs, best first, ties in the given order.
func (t *Sweep) Ranked() []*TrialResult {
	out := slices.Clone(t.List) // the order of List is that of the calls, and stays
	slices.SortStableFunc(out, func(a, b *TrialResult) int {
		x, y := a.Best().Monitored(a.Config.Monitor), b.Best().Monitored(b.Config.Monitor)
		switch {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	return out
}

// Best returns the best trial by Config.Monitor on validation items, which is biased upward (see [RunSweep]); nil if
// there is none.
func (t *Sweep) Best() *TrialResult {
	if len(t.List) == 0 {
		return nil
	}
	return t.Ranked()[0]
}

// Outcome returns what the sweep came to, without its models. It is nil for a nil sweep, and for one without trials.
func (t *Sweep) Outcome() *history.Trials {
	if t == nil || len(t.List) == 0 {
		return nil
	}
	o := &history.Trials{Monitor: t.List[0].Config.Monitor}
	o.Header, o.Rows = t.Table()
	for _, r := range t.Ranked() {
		c := history.Curve{Name: r.Name, Values: r.Monitored()}
		for _, e := range r.Result.History {
			c.Epochs = append(c.Epochs, e.Number)
		}
		o.Curves = append(o.Curves, c)
	}
	return o
}

// Table returns the trials, best first, as a header and rows: settings that differ from [siamese.DefaultConfig] and
// between trials, then the metrics of the best epoch on validation items and, if given, on unseen classes. Last is the
// time that it took, in seconds, with "(kept)" for a trial that was read from the folder and else "(anew)".
func (t *Sweep) Table() (header []string, rows [][]string) {
	header = []string{"trial", "differs in", "best epoch", "val loss", "ROC-AUC", "MAP@R"}
	if t.Unseen {
		header = append(header, "unseen MAP@R")
	}
	header = append(header, "time")
	// A setting is in the table only if it helps to tell trials apart.
	shared := t.shared()
	for _, r := range t.Ranked() {
		e, differs := r.Best(), slices.DeleteFunc(changed(r.Config), func(d string) bool { return shared[d] })
		// Settings by what differs, metrics by the best epoch of the trial.
		row := []string{
			r.Name, strings.Join(differs, " "), fmt.Sprintf("%d of %d", e.Number, len(r.Result.History)),
			fmt.Sprintf("%.4f", e.ValLoss), fmt.Sprintf("%.4f", e.ValAUC), fmt.Sprintf("%.4f", e.ValMAP),
		}
		if t.Unseen {
			row = append(row, fmt.Sprintf("%.4f", e.UnseenMAP))
		}
		rows = append(rows, append(row, r.Took()))
	}
	return header, rows
}

// shared returns the settings, as name=value, that all trials, if there are several, change alike: they tell no trial
// from another and are left out of the table.
func (t *Sweep) shared() map[string]bool {
	// With one trial nothing is shared: its row says what it is.
	counts, all := map[string]int{}, map[string]bool{}
	for _, r := range t.List {
		for _, d := range changed(r.Config) {
			counts[d]++
		}
	}
	for d, n := range counts {
		all[d] = n == len(t.List) && n > 1
	}
	return all
}

// String returns the table of [Sweep.Table] as text in columns, without a line break at the end.
func (t *Sweep) String() string {
	header, rows := t.Table()
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{header}, rows...) {
		cells := make([]string, len(row))
		for k, cell := range row {
			cells[k] = quote.Text(cell)
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	_ = w.Flush() // a builder never fails
	return strings.TrimSuffix(b.String(), "\n")
}

// changed returns name=value for every setting of c that differs from [siamese.DefaultConfig].
func changed(c siamese.Config) []string {
	var out []string
	// By the names that settings have in files, "loss.margin" for instance.
	for _, d := range fields.Differences(siamese.DefaultConfig(), c) {
		out = append(out, fmt.Sprintf("%s=%v", d.Name, d.Now))
	}
	return out
}
