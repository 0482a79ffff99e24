package beam

import (
	"fmt"
	"iter"
	"math"
	"sync"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
)

// badRow is a line of the file of rows that were left out.
type badRow struct {
	File   string `json:"file"`
	Row    int64  `json:"row"` // from 1
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// good returns the items of a unit that can be embedded; tell is told of the others.
func (fn *unitFn) good(u Unit, m *siamese.Model, frames iter.Seq2[*data.Frame, error],
	tell func(badRow) error) iter.Seq2[*data.Frame, error] {
	imputes := m.Transform.Spec.Imputing() != preprocess.ImputeNone
	seen := map[string]bool{}
	row := u.First
	return func(yield func(*data.Frame, error) bool) {
		for f, err := range frames {
			if err == nil && f.Numbered && fn.Several {
				err = fmt.Errorf("%s has no column of ids, by which items of several files and groups of rows could be told "+
					"apart: name one with --id-column", quote.Text(u.Path))
			}
			if err != nil {
				yield(nil, err)
				return
			}
			columns, err := m.Transform.Match(f.Columns)
			if err != nil {
				yield(nil, fmt.Errorf("%s: %w", quote.Text(u.Path), err))
				return
			}
			var items []int
			for i := range f.N() {
				row++
				reason := ""
				switch bad := unknown(f, i, columns); {
				case f.IDs[i] == "":
					reason = "it has no id"
				case seen[f.IDs[i]]:
					reason = errTwice.Error()
				case bad >= 0 && !imputes:
					reason = fmt.Sprintf("%s is missing, not finite or no number", quote.Text(f.Columns[bad]))
				}
				if seen[f.IDs[i]] = true; reason == "" {
					items = append(items, i)
				} else if err := tell(badRow{u.Path, row, f.IDs[i], reason}); err != nil {
					yield(nil, err)
					return
				}
			}
			if len(items) < f.N() {
				f = f.Select(items)
			}
			if f.N() > 0 && !yield(f, nil) {
				return
			}
		}
	}
}

// unknown returns the first of the columns in which an item is missing or not finite, else -1.
func unknown(f *data.Frame, i int, columns []int) int {
	for _, j := range columns {
		if v := float64(f.X[i*f.F()+j]); math.IsNaN(v) || math.IsInf(v, 0) {
			return j
		}
	}
	return -1
}

// badRows counts the rows that units of a pipeline have left out in this process, by [unitFn.Run].
var badRows sync.Map // of *badCount

// badCount is the number of bad rows of each shard: a unit that is done again counts once.
type badCount struct {
	mu  sync.Mutex
	of  map[string]int64
	all int64
}

// bad counts the bad rows of a shard, and returns how many this process knows of.
func (fn *unitFn) bad(s Shard) int64 {
	if s.Bad == 0 {
		return 0
	}
	entry, _ := badRows.LoadOrStore(fn.Run, &badCount{of: map[string]int64{}})
	c := entry.(*badCount) //nolint:forcetypeassert // nothing else is stored
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all += s.Bad - c.of[s.Name]
	c.of[s.Name] = s.Bad
	return c.all
}
