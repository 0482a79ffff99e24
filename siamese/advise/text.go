package advise

import (
	"fmt"
	"html"
	"strings"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/internal/decimal"
	"github.com/go-siamese/lab/siamese/internal/tables"
	"github.com/go-siamese/lab/siamese/stats"
)

// Rows of a table that are shown; JSON has all.
const (
	shownNeeds    = 5
	shownConfused = 5
	shownSuspects = 20
	widest        = 40 // characters of a name
)

// Headings of the parts of an advice, in their order.
const (
	PartCurves  = "Learning curves"
	PartCollect = "What to collect next"
	PartLabels  = "Labels that look wrong"
	PartRefused = "Not told"
)

// Table is what an advice says of one thing: a table, or where it has no rows a sentence, with lines below it. Text of
// the data is in it as it is: escape it.
type Table struct {
	Part    string // heading under which it stands, such as [PartCurves]
	Caption string // of the table; without rows the sentence
	Header  []string
	Rows    [][]string
	Lines   []string
}

// String returns the advice as tables and lines of text.
func (a *Advice) String() string {
	var b strings.Builder
	b.WriteString(a.About() + "\n")
	for _, t := range a.Tables() {
		b.WriteString("\n" + t.String() + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// HTML returns the advice as a fragment of HTML, in which all text of the data is escaped.
func (a *Advice) HTML() string {
	var b strings.Builder
	line := func(text string) { b.WriteString("<p>" + html.EscapeString(quote.Line(text)) + "</p>\n") }
	line(a.About())
	for _, t := range a.Tables() {
		b.WriteString(`<div style="margin:0 0 20px">`)
		if t.Rows != nil {
			b.WriteString(tables.HTML(t.Caption, t.Header, t.Rows) + "\n")
		} else {
			line(t.Caption)
		}
		for _, text := range t.Lines {
			line(text)
		}
		b.WriteString("</div>\n")
	}
	return b.String()
}

// About returns a line: of what the advice is.
func (a *Advice) About() string {
	text := fmt.Sprintf("%d items of %d classes", a.Items, a.Classes)
	if a.Unlabelled > 0 {
		text += fmt.Sprintf(", %d without a label left out", a.Unlabelled)
	}
	return text + fmt.Sprintf("; model: %s; draws of folds: %d, seed %d", quote.Text(a.Model), a.Repeats, a.Seed)
}

// Tables returns all that is shown, in order; of long lists the first rows.
func (a *Advice) Tables() []Table {
	var out []Table
	for _, c := range []*Curve{a.ByItems, a.ByClasses} {
		if c != nil {
			out = append(out, c.Table())
		}
	}
	if a.Collect != nil {
		out = append(out, a.Collect.blocks()...)
	}
	if a.Labels != nil {
		out = append(out, a.Labels.table())
	}
	if len(a.Refused) > 0 {
		out = append(out, Table{Part: PartRefused, Caption: "not told", Lines: a.Refused})
	}
	return out
}

// signed returns a difference with its interval, such as "+0.030 [+0.010, +0.050]".
func signed(i stats.Interval) string {
	return fmt.Sprintf("%s [%s, %s]", decimal.Signed(i.Value, 3), decimal.Signed(i.Low, 3), decimal.Signed(i.High, 3))
}

// units returns what the sizes of the curve count.
func (c *Curve) units() string {
	if c.Of == partItems {
		return "items a class"
	}
	return partClasses
}

// Table returns the curve as a table with its forecast.
func (c *Curve) Table() Table {
	b := Table{Part: PartCurves,
		Caption: fmt.Sprintf("%s by %s, on %s (%d folds)", c.Metric, c.units(), c.Tested, c.Folds),
		Header:  []string{c.units(), c.Metric, "interval"}}
	for _, p := range c.Points {
		b.Rows = append(b.Rows, []string{fmt.Sprintf("%.4g", p.Size), decimal.Fixed(p.Value.Value, 3),
			fmt.Sprintf("[%s, %s]", decimal.Fixed(p.Value.Low, 3), decimal.Fixed(p.Value.High, 3))})
	}
	if c.Forecast != nil {
		b.Lines = append(b.Lines, fmt.Sprintf("twice the %s (%.4g to %.4g %s): %s", c.Of, c.Forecast.From, c.Forecast.To,
			c.units(), c.Forecast))
	}
	switch {
	case c.Check != nil:
		b.Lines = append(b.Lines, "check: "+c.Check.String())
	case c.Forecast != nil:
		b.Lines = append(b.Lines, "check: there are too few points to leave some out, so do not rely on the forecast")
	}
	return b
}

// String returns the curve as a table, with its forecast and check.
func (c *Curve) String() string { return c.Table().String() }

// String returns the size with the metric.
func (p Point) String() string { return fmt.Sprintf("%.4g: %s", p.Size, p.Value) }

// String returns the gain, and what can be said of it.
func (f *Forecast) String() string {
	text := signed(f.Gain)
	switch {
	case f.Gain.Holds(0):
		text += ", which may be nothing"
	case f.Gain.High < 0:
		text += ", a loss"
	}
	if !f.Trusted {
		text += "; not to be trusted, see the check"
	}
	return text
}

// String returns the forecast from the smaller sizes, what was measured, and the outcome.
func (c *Check) String() string {
	text := fmt.Sprintf("from the sizes up to %.4g the forecast for %.4g was %s, measured %s: ", c.From, c.To,
		signed(c.Forecast), signed(c.Measured))
	switch c.Outcome {
	case Holds:
		return text + "it holds"
	case Fails:
		return text + "it FAILS, forecasts of this curve are not to be trusted"
	}
	return text + "too uncertain to tell, so do not rely on the forecast"
}

// blocks returns the tables of classes, domains and confusions.
func (c *Collect) blocks() []Table {
	var out []Table
	for _, kind := range []struct {
		name, plural string
		list         []Need
	}{{"class", "classes", c.Classes}, {"domains", "domains, and pairs of them,", c.Domains}} {
		if len(kind.list) < 2 {
			continue
		}
		b := Table{Part: PartCollect, Caption: "what to collect next: the worst " + kind.plural + " on new items",
			Header: []string{kind.name, "items", mapAtR, "below the others", "twice the items"}}
		for _, n := range kind.list {
			if n.Below.Low > 0 && len(b.Rows) < shownNeeds {
				b.Rows = append(b.Rows, n.row())
			}
		}
		if b.Rows == nil {
			b = Table{Part: PartCollect, Caption: fmt.Sprintf("what to collect next: none of %d %s is below the others by "+
				"more than chance",
				len(kind.list), kind.plural)}
		}
		out = append(out, b)
	}
	if c.Checked == 0 {
		return out
	}
	b := Table{Part: PartCollect, Caption: "classes taken for one another more often than is usual, by the nearest item",
		Header: []string{"class", "taken for", "items", "of", "share"}}
	for _, one := range c.Confused[:min(len(c.Confused), shownConfused)] {
		b.Rows = append(b.Rows, []string{quote.Cut(one.Label, widest), quote.Cut(one.For, widest), fmt.Sprint(one.Items),
			fmt.Sprint(one.Of), one.Share.String()})
	}
	if b.Rows == nil {
		b = Table{Part: PartCollect,
			Caption: fmt.Sprintf("none of %d pairs of classes is confused more often than is usual", c.Checked)}
	}
	return append(out, b)
}

// String returns the tables of classes, domains and confusions.
func (c *Collect) String() string {
	var list []string
	for _, b := range c.blocks() {
		list = append(list, b.String())
	}
	return strings.Join(list, "\n\n")
}

// row returns the need as the row of a table.
func (n Need) row() []string {
	gain := "not known"
	if n.Gain != nil {
		if gain = signed(*n.Gain); n.Gain.Holds(0) {
			gain += ", may be nothing"
		}
	}
	name := quote.Cut(n.Name, widest)
	if n.With != "" {
		name += " and " + quote.Cut(n.With, widest)
	}
	return []string{name, fmt.Sprint(n.Items), n.Value.String(), signed(n.Below), gain}
}

// String returns the need in a line.
func (n Need) String() string {
	row := n.row()
	return fmt.Sprintf("%s: %s items, %s %s, below the others by %s, twice the items: %s", row[0], row[1], mapAtR, row[2],
		row[3], row[4])
}

// String returns the confusion in a line.
func (c Confusion) String() string {
	return fmt.Sprintf("%s taken for %s: %d of %d items, %s; typical %.3f", quote.Text(c.Label), quote.Text(c.For),
		c.Items, c.Of, c.Share, c.Typical)
}

// table returns the suspects as a table.
func (l *LabelCheck) table() Table {
	b := Table{Part: PartLabels,
		Caption: fmt.Sprintf("labels that look wrong: %d of %d items", len(l.Suspects), l.Checked),
		Header:  []string{"item", "label", "rather", "probability", "of the label", "nearest"}}
	for _, s := range l.Suspects[:min(len(l.Suspects), shownSuspects)] {
		b.Rows = append(b.Rows, []string{quote.Cut(s.ID, widest), quote.Cut(s.Label, widest), quote.Cut(s.Suggested, widest),
			decimal.Fixed(s.Probability, 3), decimal.Fixed(s.Given, 3), fmt.Sprintf("%.0f %%", 100*s.Neighbours)})
	}
	if n := len(l.Suspects); n > shownSuspects {
		b.Lines = append(b.Lines, fmt.Sprintf("the %d surest of %d are shown", shownSuspects, n))
	}
	b.Lines = append(b.Lines, fmt.Sprintf("of labels on items left out of the fit, %.1f %% are the most probable class",
		100*l.Agreement))
	if l.Unchecked > 0 {
		b.Lines = append(b.Lines, fmt.Sprintf("%d items of classes too small to leave one out were not looked at",
			l.Unchecked))
	}
	return b
}

// String returns the surest suspects as a table.
func (l *LabelCheck) String() string { return l.table().String() }

// String returns the suspect in a line.
func (s Suspect) String() string {
	return fmt.Sprintf("%s: label %s, rather %s (probability %.3f, of the label %.3f, %.0f %% of the nearest)",
		quote.Text(s.ID), quote.Text(s.Label), quote.Text(s.Suggested), s.Probability, s.Given, 100*s.Neighbours)
}

// String returns the table as lines of text.
func (b Table) String() string {
	text := quote.Line(b.Caption)
	if b.Rows != nil {
		text = tables.Text(b.Caption, b.Header, b.Rows)
	}
	for _, line := range b.Lines {
		text += "\n" + quote.Line(line)
	}
	return text
}
