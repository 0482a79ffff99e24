package show

import (
	"fmt"

	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// standing is a row of a table of figures, in the order of its columns.
type standing struct {
	name      string
	figures   []stats.Estimate // of value and, where there is one, interval
	threshold float64
}

// The columns of standings over all pairs of items, and on given pairs.
var (
	itemColumns = []string{"ROC-AUC", "EER", "MAP@R", "Recall@1", "accuracy", "FPR", "FNR"}
	pairColumns = []string{"ROC-AUC", "EER", "average\nprecision", "accuracy", "FPR", "FNR"}
)

func itemStanding(name string, f report.Metrics) standing {
	s := f.Intervals
	if s == nil {
		s = &stats.Metrics{}
	}
	return standing{name, known([]float64{f.ROCAUC, f.EER, f.MAPAtR, f.RecallAt1, f.Accuracy, f.FPR, f.FNR},
		s.ROCAUC, s.EER, s.MAPAtR, s.RecallAt1, s.Accuracy, s.FPR, s.FNR), f.Threshold}
}

func pairStanding(name string, f report.PairMetrics) standing {
	s := f.Intervals
	if s == nil {
		s = &stats.PairMetrics{}
	}
	return standing{name, known([]float64{f.ROCAUC, f.EER, f.AveragePrecision, f.Accuracy, f.FPR, f.FNR},
		s.ROCAUC, s.EER, s.AveragePrecision, s.Accuracy, s.FPR, s.FNR), f.Threshold}
}

// known returns figures with their values, which those without an interval lack.
func known(values []float64, figures ...stats.Estimate) []stats.Estimate {
	for k := range figures {
		figures[k].Value = values[k]
	}
	return figures
}

// standings returns the table of figures under names of the kind first.
func standings(first string, columns []string, rows []standing) table {
	t := table{Left: 1, Header: append(append([]string{first}, columns...), "threshold")}
	for _, r := range rows {
		row := words(r.name)
		for _, f := range r.figures {
			row = append(row, sure(f.Value, f))
		}
		t.Rows = append(t.Rows, append(row, cell{Text: number(r.threshold)}))
	}
	return t
}

// contestants returns the table of what a report compares, the best of every column marked; intervals hold for what.
func contestants(columns []string, rows []standing, what string) table {
	t := standings("similarity", columns, rows)
	for k, column := range columns {
		switch column {
		case "FPR", "FNR": // the one is had at the expense of the other
		case "EER":
			markBest(t.Rows, 1+k, func(row int) float64 { return -rows[row].figures[k].Value })
		default:
			markBest(t.Rows, 1+k, func(row int) float64 { return rows[row].figures[k].Value })
		}
	}
	for _, r := range rows {
		if f := r.figures[0]; f.Method != "" {
			t.Note = fmt.Sprintf("Below each figure: its %g %% interval, for %s. ", 100*f.Confidence, what)
		}
	}
	t.Note += atThreshold
	return t
}

const atThreshold = "Accuracy is balanced; accuracy, FPR and FNR are at the threshold, which was chosen on validation items. Bold: the best of a column, whether that is sure or not."

// markBest marks the highest value of a column.
func markBest(rows [][]cell, column int, value func(row int) float64) {
	best := 0
	for k := range rows {
		if value(k) > value(best) {
			best = k
		}
	}
	rows[best][column].Best = true
}
