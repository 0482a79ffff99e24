package report

import (
	"fmt"

	"github.com/go-siamese/lab/siamese/forensic"
	"github.com/go-siamese/lab/siamese/internal/tables"
)

// Evidence returns the measures of evidence of compared models as a table, a row for each, with a note on the costs; no
// rows where no report has any. Costs of different priors or costs of errors are not alike: the columns that depend on
// them are left out then, and the note says so.
func (c *Compared) Evidence() (header []string, rows [][]string, note string) {
	var costs *forensic.Costs
	known, alike := 0, true
	for _, r := range c.Reports {
		if r.Evidence == nil {
			continue
		}
		known++
		if costs == nil {
			costs = &r.Evidence.Costs
		}
		alike = alike && *costs == r.Evidence.Costs
	}
	if known == 0 {
		return nil, nil, ""
	}
	header = []string{"model"}
	var shown []*forensic.Criterion
	for _, one := range forensic.Registry() {
		if alike || !one.Costed {
			header, shown = append(header, one.Name), append(shown, one)
		}
	}
	for k, r := range c.Reports {
		row := []string{r.title(k + 1)}
		if r.Model != "" {
			row[0] = r.Model
		}
		for _, one := range shown {
			text := Undefined
			if r.Evidence != nil {
				if found := r.Evidence.Text(one.Key); found != "" {
					text = found
				}
			}
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	note = fmt.Sprintf("Lower is better. Costs are at %s.", costs)
	if !alike {
		note = "Lower is better. Costs are left out: the reports have them at different priors or costs of errors."
	}
	return header, rows, note
}

// evidenceText returns the table of evidence as text, "" where there is none.
func (c *Compared) evidenceText() string {
	header, rows, note := c.Evidence()
	if rows == nil {
		return ""
	}
	return tables.Text("strength of the evidence", header, rows) + "\n" + note + "\n"
}
