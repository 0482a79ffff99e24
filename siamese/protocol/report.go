package protocol

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/internal/decimal"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// Report is what study.RunProtocols returns. As JSON it is what `siamese protocols --json` writes.
type Report struct {
	Config    config.Config `json:"config"`    // the trainings use Seeds instead of its Seed
	Seeds     []uint64      `json:"seeds"`     // of the trainings of every fold, the first of which the baselines have
	Protocols []*Protocol   `json:"protocols"` // in the order of the run
}

// Origins says by what and from which files the reports were computed, in lines, each once in the order of the run. It
// names no seed: those of all trainings are Seeds.
func (r *Report) Origins() []string {
	var out []string
	add := func(line string) {
		if !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	for _, p := range r.Protocols {
		for _, f := range p.Folds {
			for _, one := range f.Reports {
				if one == nil || one.Origin == nil {
					continue
				}
				add("computed by " + one.Origin.By())
				if from := one.Origin.From(); from != "" {
					add("from " + from)
				}
			}
		}
	}
	return out
}

// Protocol is one kind of test, by what is new about the test items, over folds.
type Protocol struct {
	Name    string  `json:"name"`    // Items, Classes or Domains
	Planned int     `json:"planned"` // number of folds
	Folds   []*Fold `json:"folds"`   // those with a report, in order

	// Complete is the number of folds with reports of all seeds. The fields below sum up these folds and no others, and
	// are empty if there are none.
	Complete int `json:"complete"`
	// Methods are those that every fold has, the trained encoder last.
	Methods []Method `json:"methods,omitempty"`
	// Gains are the gains of the trained encoder over the best method without training, one for each metric.
	Gains []Gain `json:"gains,omitempty"`
	// GeneralisationGap is by how much the trained encoder's balanced accuracy at its frozen threshold is higher on
	// test items than on validation items; nil in reports of older versions.
	GeneralisationGap *Metric  `json:"generalisation_gap,omitempty"`
	Warnings          []string `json:"warnings,omitempty"`
}

// Fold is a split with the reports of its seeds.
type Fold struct {
	Number int `json:"number"` // from 1
	// HeldOut are the names of the classes, or of the domain, that the fold tests on; nil for folds of items.
	HeldOut []string `json:"held_out,omitempty"`
	// ValClasses are the names of the classes that a monitor of unseen classes watches. They are neither trained nor
	// tested on; nil for other monitors.
	ValClasses []string `json:"val_classes,omitempty"`
	Train      int      `json:"train"` // number of training items
	Val        int      `json:"val"`
	Test       int      `json:"test"`
	Unseen     int      `json:"unseen,omitempty"` // number of items of ValClasses

	Seeds   []uint64         `json:"seeds"`   // of finished trainings
	Reports []*report.Report `json:"reports"` // one for each of Seeds
}

// Method is one kind of similarity with its metrics.
type Method struct {
	Name    string   `json:"name"`
	Metrics []Metric `json:"metrics"` // in the order of [Metrics]
}

// Metric is a metric, or a difference of metrics, over folds and seeds.
type Metric struct {
	Name string `json:"metric"`
	// Value is the mean over folds of the means over seeds. Every fold counts the same, however many items it has.
	Value float64 `json:"value"`
	// ByFold are the means over seeds, one for each complete fold in order.
	ByFold []float64 `json:"by_fold"`

	// Folds is the spread over folds, with the interval of the mean for other items, classes or domains, by
	// [stats.Folds]. nil for one fold.
	Folds *stats.Spread `json:"folds,omitempty"`
	// Seeds is the spread over seeds, with the interval of the mean over these folds for other seeds, by
	// [stats.Seeds]. nil for one seed, and for methods without a seed.
	Seeds *stats.Spread `json:"seeds,omitempty"`
}

// Outcomes of a [Gain].
const (
	GainBetter  = "better"  // the interval is above 0
	GainWorse   = "worse"   // the interval is below 0
	GainUnclear = "unclear" // the interval contains 0, or there is none
)

// Gain is how much better the trained encoder is by a metric than the method without training that is best by
// it on average over folds. That one is chosen on test items, which favours it over the encoder. Differences are taken
// within folds, where the items are the same, and are above 0 in favour of training, for error rates too.
type Gain struct {
	Metric
	Against string `json:"against"`
	Better  int    `json:"better"` // number of folds with a difference above 0
	Of      int    `json:"of"`     // number of complete folds
	// Outcome is [GainBetter], [GainWorse] or [GainUnclear], by the interval over folds or, with one fold, over seeds.
	Outcome string `json:"outcome"`
}

// interval returns the interval that decides the outcome and what it is for, nil if there is none: the one over folds
// or, with a single fold, the one over seeds, which says nothing about other items.
func (f Metric) interval() (*stats.Spread, string) {
	if f.Folds != nil {
		return f.Folds, "folds"
	}
	return f.Seeds, "seeds, on these items"
}

// Title returns what is new about the test items of a protocol; "" for an unknown name.
func Title(name string) string {
	return map[string]string{Items: "new items of seen classes", Classes: "unseen classes",
		Domains: "unseen domains"}[name]
}

// Title returns what is new about the test items, such as "unseen classes".
func (p *Protocol) Title() string { return Title(p.Name) }

// Check returns an error if a report that was read from a file is not valid: parts are missing or differ in length. It
// names the protocol and the fold. Tables and pages rely on it.
func (r *Report) Check() error {
	for i, p := range r.Protocols {
		if p == nil || Title(p.Name) == "" {
			return fmt.Errorf("protocol %d is none of %s", i+1,
				option.Choices([]string{Items, Classes, Domains}))
		}
		if err := p.check(); err != nil {
			return fmt.Errorf("%s: %w", quote.Text(p.Name), err)
		}
	}
	return nil
}

// check returns what is wrong with one protocol, or nil.
func (p *Protocol) check() error {
	for k, f := range p.Folds {
		if f == nil || len(f.Seeds) != len(f.Reports) {
			return fmt.Errorf("fold %d is missing, or does not have one report for every seed", k+1)
		}
		for _, r := range f.Reports {
			if err := r.Check(); err != nil {
				return fmt.Errorf("fold %d: %w", k+1, err)
			}
		}
	}
	// Lengths are checked where String and pages index without looking.
	if p.Complete < 0 || p.Complete > len(p.Folds) || p.Complete > 0 && len(p.Methods) == 0 {
		return fmt.Errorf("%d of %d folds are complete, with %d methods", p.Complete, len(p.Folds), len(p.Methods))
	}
	for _, c := range p.Methods {
		if len(c.Metrics) != len(Metrics()) {
			return fmt.Errorf("%s has %d metrics: want %s", quote.Text(c.Name), len(c.Metrics),
				strings.Join(Metrics(), ", "))
		}
		for _, f := range c.Metrics {
			if !report.IsRate(f.Value) || p.Complete > 1 && f.Folds == nil {
				return fmt.Errorf("%s: %s is %v: want a share from 0 to 1, of several folds with its interval",
					quote.Text(c.Name),
					f.Name, f.Value)
			}
		}
	}
	return nil
}

// String returns the protocols as tables of text, with an empty line between two.
func (r *Report) String() string {
	var b strings.Builder
	for i, p := range r.Protocols {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.String())
	}
	return b.String()
}

// String returns a table of the means over folds, each with its standard deviation over them and its interval, then the
// gains, the generalisation gap and the warnings.
func (p *Protocol) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d of %d folds finished", quote.Line(p.Title()), p.Complete, p.Planned)
	if p.Complete == 0 {
		b.WriteString(", nothing can be said\n")
		return b.String()
	}
	seeds := len(p.Folds[0].Seeds) // a complete fold has all, and folds are run in order
	fmt.Fprintf(&b, ", %d training(s) each\n", seeds)
	line := func(cells ...string) {
		fmt.Fprintf(&b, "  %-42s", cells[0])
		for _, c := range cells[1:] {
			fmt.Fprintf(&b, " %15s", c)
		}
		b.WriteByte('\n')
	}
	line(append([]string{""}, Metrics()...)...)
	// Two lines a method: means with their standard deviations, and the ends of the intervals below.
	for _, c := range p.Methods {
		cells, ends := []string{quote.Cut(c.Name, 42)}, []string{""}
		for _, f := range c.Metrics {
			cell, below := fmt.Sprintf("%.4f", f.Value), ""
			if f.Folds != nil {
				cell += fmt.Sprintf(" +-%.3f", f.Folds.SD)
				below = fmt.Sprintf("%.3f-%.3f", f.Folds.Mean.Low, f.Folds.Mean.High)
			}
			cells, ends = append(cells, cell), append(ends, below)
		}
		line(cells...)
		if p.Complete > 1 {
			line(ends...)
		}
	}
	// The legend, for tables that have such columns.
	if p.Complete > 1 {
		fmt.Fprintf(&b,
			"  +-: standard deviation over folds; below each: the %g %% interval of the mean, for other folds\n",
			100*p.Methods[0].Metrics[0].Folds.Mean.Confidence)
	}
	for _, g := range p.Gains {
		fmt.Fprintf(&b, "  %s\n", quote.Line(g.String()))
	}
	if p.GeneralisationGap != nil {
		fmt.Fprintf(&b, "  %s\n", p.GeneralisationGapText())
	}
	for _, w := range p.Warnings {
		fmt.Fprintf(&b, "  warning: %s\n", quote.Line(w))
	}
	return b.String()
}

// GeneralisationGapText returns the generalisation gap of the frozen threshold in one line, "" where the report has
// none.
func (p *Protocol) GeneralisationGapText() string {
	if p.GeneralisationGap == nil {
		return ""
	}
	text := fmt.Sprintf("generalisation gap of the frozen threshold, from validation to test items: accuracy %s",
		decimal.Signed(p.GeneralisationGap.Value, 4))
	if s, of := p.GeneralisationGap.interval(); s != nil {
		text += fmt.Sprintf(" [%s, %s] (%g %% interval for other %s)", decimal.Signed(s.Mean.Low, 4),
			decimal.Signed(s.Mean.High, 4), 100*s.Mean.Confidence, of)
	}
	return text
}

// String returns the verdict in one line: the outcome, the gain with its interval, and what it is for.
func (g Gain) String() string {
	// The sign of an unclear gain means nothing, so that the sentence does not take a side.
	gain := fmt.Sprintf("%s: training is %s, by %s", g.Name, g.Outcome, decimal.Signed(g.Value, 4))
	if g.Outcome == GainUnclear {
		gain = fmt.Sprintf("%s: it is unclear whether training helps, %s", g.Name, decimal.Signed(g.Value, 4))
	}
	// The interval over folds decides; the one over seeds says how much of the gain may be luck in the training.
	how := "no interval: one fold, one seed"
	if s, of := g.interval(); s != nil {
		gain += fmt.Sprintf(" [%s, %s]", decimal.Signed(s.Mean.Low, 4), decimal.Signed(s.Mean.High, 4))
		how = fmt.Sprintf("%g %% interval for other %s", 100*s.Mean.Confidence, of)
	}
	if g.Folds != nil && g.Seeds != nil {
		how += fmt.Sprintf("; for other seeds on these folds [%s, %s]", decimal.Signed(g.Seeds.Mean.Low, 4),
			decimal.Signed(g.Seeds.Mean.High, 4))
	}
	return fmt.Sprintf("%s against the %s, better in %d of %d folds (%s)", gain,
		strings.TrimSuffix(g.Against, ", no training"), g.Better, g.Of, how)
}
