package describe

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/go-siamese/lab/data/quote"
)

// The size of a screen, which the text never exceeds.
const (
	textColumns = 110 // runes of a line
	textBlocks  = 8   // blocks listed
	textLines   = 25
)

// String returns the description on one screen: at most 25 lines of 110 columns. What does not
// fit is cut or counted, and is in the fields.
func (d *Description) String() string {
	var out strings.Builder
	line := func(format string, args ...any) {
		out.WriteString(clipped(fmt.Sprintf(format, args...), textColumns))
		out.WriteByte('\n')
	}
	line("%d items x %d features in %s", d.Items, d.Features, counted(len(d.Blocks), "block"))
	for row := range strings.Lines(d.blocksText()) {
		line("%s", strings.TrimRight(row, " \n"))
	}
	if more := len(d.Blocks) - textBlocks; more > 0 {
		line("  and %s more", counted(more, "block"))
	}
	for _, text := range d.summary() {
		line("%s", text)
	}
	// Advice comes last and gets the lines that are left.
	for _, text := range d.adviceText(textLines - strings.Count(out.String(), "\n")) {
		line("%s", text)
	}
	return out.String()
}

// adviceText returns the advice in at most so many lines: wrapped where all of it fits, or the
// first sentences in a line each, which the caller clips, and a count of those left out.
func (d *Description) adviceText(most int) []string {
	var lines []string
	for _, sentence := range d.Advice {
		text := "-"
		for _, word := range strings.Fields(quote.Line(sentence)) {
			if utf8.RuneCountInString(text)+1+utf8.RuneCountInString(word) > textColumns {
				lines, text = append(lines, text), " "
			}
			text += " " + word
		}
		lines = append(lines, text)
	}
	if len(lines) <= most {
		return lines
	}
	// Too much: the beginning of every sentence says more than all of the first few.
	lines = lines[:0]
	for k, sentence := range d.Advice {
		if k == most-1 && len(d.Advice) > most {
			return append(lines, fmt.Sprintf("- and %d more: see Advice", len(d.Advice)-k))
		}
		lines = append(lines, "- "+sentence)
	}
	return lines
}

// named returns a name in quotes, of at most 40 runes, so that long labels leave room for what is said of them.
func named(name string) string { return quote.Quoted(quote.Short(name, 40)) }

// clipped cuts a line to a width, in runes, and keeps it a line: names may hold line ends. What is cut is marked by
// "…".
func clipped(s string, width int) string {
	runes := []rune(quote.Line(s))
	if len(runes) > width {
		return string(runes[:width-1]) + "…"
	}
	return string(runes)
}

// blocksText returns the table of the first textBlocks blocks, a line each below a header, numbers aligned right. Names
// are cut to 16 runes.
func (d *Description) blocksText() string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "block\tcolumns\tconstant\trepeated\tmissing\tinfinite\toutliers\tmin\tmax\tmean\tstd\t")
	for _, b := range d.Blocks[:min(len(d.Blocks), textBlocks)] {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%.4g\t%.4g\t%.4g\t%.4g\t\n",
			quote.Cut(b.Name, 16), b.Columns, b.Constant, b.Repeated, b.Missing, b.Infinite, b.Outliers,
			unsigned(b.Min), unsigned(b.Max), unsigned(b.Mean), b.Std)
	}
	w.Flush() // into memory, it cannot fail
	return out.String()
}

// unsigned returns v, and 0 for -0, which would print as "-0".
func unsigned(v float64) float64 { return v + 0 }

// summary returns a line each on items, duplicates, classes and, where there are any, domains.
func (d *Description) summary() []string {
	lines := []string{"items: " + d.itemsLine(), "duplicates: " + d.duplicatesLine(), "classes: " + d.classesLine()}
	if len(d.Domains) > 0 {
		lines = append(lines, "domains: "+d.domainsLine())
	}
	return lines
}

// itemsLine says how many items are complete (no value is NaN or infinite) and which is an outlier in the most columns.
func (d *Description) itemsLine() string {
	text := fmt.Sprintf("%d complete, %d incomplete, %d with an outlier", d.Items-d.IncompleteItems,
		d.IncompleteItems, d.OutlierItems)
	if len(d.OddestItems) > 0 {
		text += fmt.Sprintf(" (the oddest is %s, in %s)", named(d.OddestItems[0].ID), columns(d.OddestItems[0].Columns))
	}
	return text
}

// duplicatesLine counts duplicates as adviseItems does.
func (d *Description) duplicatesLine() string {
	exact := surplus(d.Duplicates.Exact)
	text := fmt.Sprintf("%s exactly %s another one", counted(exact, "item"), plural(exact, "repeats", "repeat"))
	if d.Duplicates.Threshold > 0 {
		return text + fmt.Sprintf(", %d nearly (similarity %g and up), in %s", surplus(d.Duplicates.Near)-exact,
			d.Duplicates.Threshold, counted(len(d.Duplicates.Near), "group"))
	}
	return text + "; near duplicates were not looked for"
}

// classesLine says how many classes there are, and the smallest and largest.
func (d *Description) classesLine() string {
	if !d.Labelled {
		return "none, no item has a label"
	}
	small, large := d.extremeClasses()
	if small.Items == large.Items {
		return fmt.Sprintf("%d, of %s each; %s without a label", len(d.Classes), counted(small.Items, "item"),
			counted(d.Unlabelled, "item"))
	}
	return fmt.Sprintf("%d, of %s (%s) to %d (%s); %s without a label",
		len(d.Classes), counted(small.Items, "item"), named(small.Name), large.Items,
		named(large.Name), counted(d.Unlabelled, "item"))
}

// domainsLine lists the first four domains by name.
func (d *Description) domainsLine() string {
	const most = 4
	list := make([]string, 0, most)
	for _, s := range d.Domains[:min(len(d.Domains), most)] {
		list = append(list, fmt.Sprintf("%s with %s of %s", named(s.Name), counted(s.Items, "item"),
			plural(s.Classes, "1 class", fmt.Sprintf("%d classes", s.Classes))))
	}
	text := fmt.Sprintf("%d: %s", len(d.Domains), strings.Join(list, ", "))
	if more := len(d.Domains) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
