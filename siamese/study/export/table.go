package export

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/formula"
	"github.com/go-siamese/lab/siamese/study/found"
	"github.com/go-siamese/lab/siamese/study/space"
)

// kind is the kind of a column.
type kind int

const (
	whole kind = iota
	real
	text
)

// column is a column of the table of runs.
type column struct {
	name    string
	kind    kind
	numbers []float64 // NaN = none
	texts   []string  // of text; "" = none
}

// columns returns the table of runs, by number: trial, state, score, held_out, epochs_trained, same_as, error, none of
// which is a setting, and a column for each setting; of
// an empty space the seed.
func columns(r *found.Result) []*column {
	all := []*column{{name: "trial", kind: whole}, {name: "state", kind: text}, {name: "score", kind: real},
		{name: "held_out", kind: real}, {name: "epochs_trained", kind: whole}, {name: "same_as", kind: whole},
		{name: "error", kind: text}}
	for _, p := range r.Space {
		kinds := map[string]kind{space.KindFloat: real, space.KindInt: whole, space.KindChoice: text}
		all = append(all, &column{name: p.Name, kind: kinds[p.Kind]})
	}
	if len(r.Space) == 0 {
		all = append(all, &column{name: "seed", kind: text}) // a number that a float64 may not have
	}
	none := math.NaN()
	for _, run := range r.Runs {
		score, held, same := none, none, none
		if run.State == found.Complete || run.State == found.Pruned {
			score = run.Score
		}
		if run.State == found.Complete {
			held = run.HeldOut
		}
		if run.Same >= 0 {
			same = float64(run.Same)
		}
		values := []any{float64(run.Number), string(run.State), score, held, float64(len(run.Curve)), same, run.Error}
		for _, p := range r.Space {
			v, ok := run.Point[p.Name]
			switch {
			case p.Kind == space.KindChoice && ok:
				values = append(values, p.Text(v))
			case p.Kind == space.KindChoice:
				values = append(values, "")
			case ok:
				values = append(values, v)
			default:
				values = append(values, none)
			}
		}
		if len(r.Space) == 0 {
			values = append(values, fmt.Sprint(run.Config.Seed))
		}
		for k, v := range values {
			switch v := v.(type) {
			case float64:
				all[k].numbers = append(all[k].numbers, v)
			case string:
				all[k].texts = append(all[k].texts, v)
			}
		}
	}
	return all
}

// CSV writes the table of runs, by number, with a header: trial, state, score, held_out, epochs_trained, same_as (an
// earlier trial with the same configuration), error and the settings. What a run does not have is empty. Texts that a
// spreadsheet would run as formulas are escaped, see [formula.Escape].
func CSV(path string, r *found.Result) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		out := csv.NewWriter(w)
		all := columns(r)
		row := make([]string, len(all))
		for i := -1; i < len(r.Runs); i++ {
			for k, c := range all {
				switch {
				case i < 0:
					row[k] = c.name
				case c.kind == text:
					row[k] = formula.Escape(c.texts[i])
				case math.IsNaN(c.numbers[i]):
					row[k] = ""
				default:
					row[k] = strconv.FormatFloat(c.numbers[i], 'g', -1, 64)
				}
			}
			if err := out.Write(row); err != nil {
				return err
			}
		}
		out.Flush()
		return out.Error()
	})
}
