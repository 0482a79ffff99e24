package show

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/internal/decimal"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// table is a table of a page. One without rows is not shown.
type table struct {
	Caption string   // above it; "" = none that is shown
	Name    string   // said by screen readers where there is no caption: what the table holds
	Left    int      // columns aligned left, the first ones
	Header  []string // may have line breaks
	Rows    [][]cell // each as long as Header
	Note    string   // below it, in small print
}

// cell is a cell of a table.
type cell struct {
	Text  string
	Small string // on a line of its own below, such as an interval
	Shade string // colour behind it, as #rrggbb; "" = none
	Best  bool   // in bold type
}

// words returns cells of text, without anything below or behind it.
func words(list ...string) []cell {
	out := make([]cell, len(list))
	for k, text := range list {
		out[k].Text = text
	}
	return out
}

// withInterval returns a value with its interval below it, where there is one: with three digits, which keeps columns
// narrow.
func withInterval(v float64, f stats.Estimate) cell {
	c := cell{Text: rate(v)}
	if f.Method != "" {
		c.Small = between(f.Low, f.High)
	}
	return c
}

// configText returns a configuration as indented JSON, in the form of a configuration file.
func configText(c config.Config) (string, error) {
	text, err := json.MarshalIndent(c, "", "  ")
	return string(text), err
}

// further returns the metrics that only the details have: a row for each, a column for each method.
func further(d *report.Details) section {
	t := table{Left: 1, Header: []string{"metric"}}
	// add adds a row: value is called for each method, and for the ends of its intervals.
	add := func(name string, value func(*report.Detail) float64) {
		row := words(name)
		for _, one := range d.Of {
			row = append(row, valueOf(one, value))
		}
		t.Rows = append(t.Rows, row)
	}
	// atK adds a row for every K of a metric of the first K neighbours. A valid report has the same for all methods.
	atK := func(name string, list func(*report.Detail) []metric.AtK) {
		for k, a := range list(d.Of[0]) {
			add(fmt.Sprintf("%s@%d", name, a.K), func(one *report.Detail) float64 { return list(one)[k].Value })
		}
	}
	for _, one := range d.Of {
		t.Header = append(t.Header, one.Name)
	}
	add("average precision (area under precision-recall)", func(o *report.Detail) float64 { return o.AveragePrecision })
	add("average precision, with half of the pairs same", func(o *report.Detail) float64 { return o.BalancedPrecision })
	for k, p := range d.Of[0].FNRAtFPR {
		add(fmt.Sprintf("FNR at FPR %g", p.Want), func(o *report.Detail) float64 { return o.FNRAtFPR[k].FNR })
	}
	add("R-Precision", func(o *report.Detail) float64 { return o.RPrecision })
	add("mean reciprocal rank", func(o *report.Detail) float64 { return o.MRR })
	atK("Recall", func(o *report.Detail) []metric.AtK { return o.RecallAt })
	atK("NDCG", func(o *report.Detail) []metric.AtK { return o.NDCGAt })
	atK("accuracy of the vote of neighbours: kNN", func(o *report.Detail) []metric.AtK { return o.KNNAt })
	add("MAP@R, mean of classes", func(o *report.Detail) float64 { return o.Macro.MAPAtR })
	add("ROC-AUC, mean of classes", func(o *report.Detail) float64 { return o.Macro.ROCAUC })
	// Clusters are those of k-means on the embeddings, of a sample where there are many items.
	if c := d.Of[0].Clusters; c != nil {
		what := fmt.Sprintf("of %d clusters of %d items with the classes", c.K, c.Items)
		add("AMI "+what, func(o *report.Detail) float64 { return o.Clusters.AMI })
		add("NMI "+what, func(o *report.Detail) float64 { return o.Clusters.NMI })
	}
	t.Note = intervalNote(d)
	if len(d.Of[0].FNRAtFPR) > 0 {
		t.Note += " What FNRs at low FPRs can be read as, where so many pairs support no more than a bound, stands with the " +
			"strength of the evidence."
	}
	return section{Title: "Further metrics", Tables: []table{t}}
}

// byClass returns the table of classes: metrics of both methods, and by how much training changes MAP@R, shaded.
func byClass(d *report.Details) section {
	s := section{Title: "By class",
		Note: "MAP@R and Recall@1: items of the class as queries among all. " +
			"ROC-AUC and EER: pairs with an item of the class."}
	t := table{Left: 1, Header: []string{"class", "items"}}
	for _, one := range d.Of {
		t.Header = append(t.Header, short(one.Name)+"\nMAP@R", "\nRecall@1", "\nROC-AUC", "\nEER")
	}
	// The difference is of MAP@R, the metric by which training is judged on a search.
	t.Header = append(t.Header, "difference\nof MAP@R")
	unseen := false
	// A valid report has the same classes for both methods, in the same order, and those left out for both.
	for k, c := range d.Of[0].Classes {
		row := words(c.Class, fmt.Sprint(c.Items))
		if c.New {
			row[0].Small, unseen = "new", true
		}
		for _, one := range d.Of {
			// An item without others of its class has no metrics: 0 would read as bad ones.
			if c.Lone() {
				row = append(row, words("·", "·", "·", "·")...)
				continue
			}
			row = append(row, valueOf(one, func(o *report.Detail) float64 { return o.Classes[k].MAPAtR }),
				valueOf(one, func(o *report.Detail) float64 { return o.Classes[k].RecallAt1 }),
				valueOf(one, func(o *report.Detail) float64 { return o.Classes[k].ROCAUC }),
				valueOf(one, func(o *report.Detail) float64 { return o.Classes[k].EER }))
		}
		t.Rows = append(t.Rows, append(row, changeOf(c, d.Of[1].Classes[k])))
	}
	t.Note = intervalNote(d)
	// Details hold the worst classes where there are too many for all: those one wants to see.
	if d.ClassesLeftOut > 0 {
		t.Note += fmt.Sprintf("The classes the trained encoder does worst on; %d others are left out. ",
			d.ClassesLeftOut)
	}
	if unseen {
		t.Note += "new: a class that no validation item has, and no training item where the evaluation was given them."
	}
	s.Tables = []table{t}
	return s
}

// short returns the name of a method for the head of a column: there are two, and only one is trained.
func short(name string) string {
	if name == report.TrainedName {
		return "trained"
	}
	return "untrained"
}

// gain returns a shade of blue for what training gains, and of orange for what it loses, in full for 0.5 and more.
func gain(by float64) string {
	// The shade grows in proportion: small gains stay pale.
	part := min(1, math.Abs(by)*2)
	if by < 0 {
		return blend([3]float64{0xf2, 0xa6, 0x6a}, part)
	}
	return blend([3]float64{0x8c, 0xbf, 0xe3}, part)
}

// blend returns part (0 to 1) of a colour over white, as #rrggbb. colour is red, green and blue, each 0 to 255.
func blend(colour [3]float64, part float64) string {
	out := "#"
	for _, c := range colour {
		out += fmt.Sprintf("%02x", int(255+(c-255)*part+0.5))
	}
	return out
}

// byDomain returns the table of pairs of domains, queries of one among references of the other, and the mean of all
// pairs that have metrics.
func byDomain(d *report.Details) section {
	t := table{Left: 2, Header: []string{"queries", "among"}}
	// The name of a method stands over the first of its four columns.
	for _, one := range d.Of {
		t.Header = append(t.Header, short(one.Name)+"\nMAP@R", "\nRecall@1", "\nROC-AUC", "\nEER")
	}
	for k, p := range d.Of[0].Domains {
		row := words(fmt.Sprintf("%s (%d)", p.Query, p.Queries), fmt.Sprintf("%s (%d)", p.Reference, p.References))
		for _, one := range d.Of {
			// Two domains without a common class have no same pairs, and so no metrics.
			if one.Domains[k].Empty() {
				row = append(row, words("·", "·", "·", "·")...)
				continue
			}
			row = append(row, valueOf(one, func(o *report.Detail) float64 { return o.Domains[k].MAPAtR }),
				valueOf(one, func(o *report.Detail) float64 { return o.Domains[k].RecallAt1 }),
				valueOf(one, func(o *report.Detail) float64 { return o.Domains[k].ROCAUC }),
				valueOf(one, func(o *report.Detail) float64 { return o.Domains[k].EER }))
		}
		t.Rows = append(t.Rows, row)
	}
	// The mean is shown where it is defined for both methods, so that its row is never half empty.
	defined := func(m *metric.Macro) bool { return m != nil && m.RetrievalGroups > 0 && m.VerificationGroups > 0 }
	if len(t.Rows) > 0 && defined(d.Of[0].MacroPairs) && defined(d.Of[1].MacroPairs) {
		row := words("mean of pairs", "")
		for _, one := range d.Of {
			row = append(row, valueOf(one, func(o *report.Detail) float64 { return o.MacroPairs.MAPAtR }),
				valueOf(one, func(o *report.Detail) float64 { return o.MacroPairs.RecallAt1() }),
				valueOf(one, func(o *report.Detail) float64 { return o.MacroPairs.ROCAUC }),
				valueOf(one, func(o *report.Detail) float64 { return o.MacroPairs.EER }))
		}
		t.Rows = append(t.Rows, row)
	}
	return section{Title: "By pair of domains",
		Note:   intervalNote(d) + "In brackets: items. · where no query has an item of its class among the others.",
		Tables: []table{t}}
}

// named returns the name of a class, or "(no label)" where there is none.
func named(class string) string {
	if class == "" {
		return "(no label)"
	}
	return class
}

// rate returns a metric with the digits of the report in the terminal, four, so that both can be compared.
func rate(v float64) string { return decimal.Fixed(v, 4) }

// number returns a value with three digits: tables in notebooks are wide.
func number(v float64) string { return decimal.Fixed(v, 3) }

// signed returns a difference with three digits and its sign.
func signed(v float64) string { return decimal.Signed(v, 3) }

// between returns the ends of an interval of values that are not negative.
func between(low, high float64) string { return number(low) + "-" + number(high) }

// span returns the ends of an interval with their signs.
func span(low, high float64) string { return signed(low) + " to " + signed(high) }

// estimate returns a value with its interval, where there is one.
func estimate(v float64, e stats.Estimate) string {
	if e.Method == "" {
		return number(v)
	}
	return fmt.Sprintf("%s [%s, %s]", number(v), number(e.Low), number(e.High))
}
