package explore

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/formula"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table"
)

// Verdicts about a pair.
const (
	same      = "same"
	different = "different"
	unsure    = "unsure"
)

// pair is a judged pair of items.
type pair struct {
	left, right int32
	label       float32 // 1 = same, 0 = different; what lies between is another's
	unsure      bool
}

// verdict returns the judgement in a word, or the number of a graded one.
func (p pair) verdict() string {
	switch {
	case p.unsure:
		return unsure
	case p.label == 1:
		return same
	case p.label == 0:
		return different
	}
	return strconv.FormatFloat(float64(p.label), 'g', -1, 32)
}

// judged are the judged pairs of a table, in its order, and those that nobody was sure of, which are in a table beside
// it: they are no pairs to train on.
type judged struct {
	path, name string
	frame      *data.Frame // ids and labels of the items
	notice     string      // "" = none

	sure, unsure tableOf
	by           map[[2]int32]string // verdicts; the lower number first
}

// tableOf is a table of pairs in memory.
type tableOf struct {
	path  string
	pairs table.Pairs
}

// ending is that of the tables' names.
const ending = ".csv"

// CheckName returns why a file of that name cannot have judged pairs, or nil.
func CheckName(path string) error {
	if !strings.HasSuffix(path, ending) || filepath.Base(path) == ending {
		return option.Errorf("Judged", "%s: a table of judged pairs has a name that ends in %s",
			quote.Text(filepath.Base(path)), ending)
	}
	return nil
}

// openJudged reads the pairs that were judged before; a file that is not there has none.
func openJudged(ctx context.Context, path, name string, g *Gallery) (*judged, error) {
	if err := CheckName(path); err != nil {
		return nil, err
	}
	n := len(g.IDs)
	f := &data.Frame{IDs: g.IDs, Labels: g.Labels, Numbered: g.Numbered, Columns: []string{"none"},
		X: make([]float32, n), Blocks: []data.Block{{Name: "none", Start: 0, End: 1}}}
	j := &judged{path: path, name: name, frame: f, sure: tableOf{path: path},
		unsure: tableOf{path: strings.TrimSuffix(path, ending) + "-unsure" + ending}}
	if n := formula.Count(&data.Frame{IDs: g.IDs}); n > 0 {
		j.notice = fmt.Sprintf("a spreadsheet that opens %s would run %s as a formula", quote.Text(name),
			quote.Count(n, "id"))
	}
	unlock, err := lock(ctx, path)
	if err != nil {
		return nil, &option.Error{Option: "Judged", Err: err}
	}
	defer unlock()
	if err := j.read(ctx); err != nil {
		return nil, &option.Error{Option: "Judged", Err: err}
	}
	return j, nil
}

// read reads both tables.
func (j *judged) read(ctx context.Context) error {
	for _, t := range []*tableOf{&j.sure, &j.unsure} {
		pairs, err := readPairs(ctx, t.path, j.frame)
		if err != nil {
			return err
		}
		t.pairs = pairs
	}
	j.by = map[[2]int32]string{}
	for _, p := range j.list() { // what is in both is sure, and of two the last one counts
		j.by[ordered(p.left, p.right)] = p.verdict()
	}
	return nil
}

// readPairs reads a table of pairs that will be written anew: one that has more in it than pairs with their labels is
// refused, since that would be lost.
func readPairs(ctx context.Context, path string, f *data.Frame) (table.Pairs, error) {
	file, err := openfile.Regular(path)
	if errors.Is(err, fs.ErrNotExist) {
		return table.Pairs{}, nil
	}
	if err != nil {
		return table.Pairs{}, err
	}
	head, err := csv.NewReader(file).Read()
	_ = file.Close() // it was only read
	if err != nil || !slices.Equal(head, []string{"left", "right", "label"}) &&
		!slices.Equal(head, []string{"left", "right", "label", "weight"}) {
		return table.Pairs{}, fmt.Errorf("%s: its first line is not left,right,label: it is no table of judged pairs, "+
			"and judging would write it anew: choose another file", quote.Text(path))
	}
	pairs, _, err := table.OpenPairs(ctx, path, f, table.PairOptions{Left: "left", Right: "right", Label: "label",
		Same: "1", ByRow: f.Numbered})
	var e *table.Error
	if errors.As(err, &e) { // pairs of other items, say: they cannot be left out of a table that is written anew
		e.Fix = option.Do("correct the table").Or("name another one in %s", "Judged")
	}
	return pairs, err
}

// ordered returns the pair by which a judgement is known: left and right are alike.
func ordered(a, b int32) [2]int32 { return [2]int32{min(a, b), max(a, b)} }

// list returns all pairs: those that nobody was sure of, then the others, the newest last.
func (j *judged) list() []pair {
	var out []pair
	for _, t := range []*tableOf{&j.unsure, &j.sure} {
		for k := range t.pairs.Label {
			out = append(out, pair{t.pairs.Left[k], t.pairs.Right[k], t.pairs.Label[k], t == &j.unsure})
		}
	}
	return out
}

// set keeps a judgement in place of an earlier one of the pair; "" only takes that back. The tables are read before:
// somebody else may have written them. Each of them is written whole or not at all.
func (j *judged) set(ctx context.Context, left, right int, verdict string) error {
	label := map[string]float32{same: 1, different: 0, unsure: .5}
	value, known := label[verdict]
	if !known && verdict != "" {
		return fmt.Errorf("%q is no judgement", verdict)
	}
	unlock, err := lock(ctx, j.path)
	if err != nil {
		return err
	}
	defer unlock()
	if err := j.read(ctx); err != nil {
		return err
	}
	l, r := int32(left), int32(right)
	// Where it goes comes first, so that nothing is lost if the other cannot be written: what is in both is sure.
	order := []*tableOf{&j.sure, &j.unsure}
	if verdict == unsure {
		order = []*tableOf{&j.unsure, &j.sure}
	}
	for k, t := range order {
		next, removed := without(t.pairs, l, r)
		if k == 0 && known {
			next = appended(next, l, r, value)
		} else if !removed {
			continue
		}
		if err := t.write(j.frame, next); err != nil {
			return errors.Join(err, j.read(ctx)) // so that what is seen is what is kept
		}
	}
	return j.read(ctx)
}

// write replaces a table; one without pairs is removed.
func (t *tableOf) write(f *data.Frame, next table.Pairs) error {
	if len(next.Label) > 0 {
		return table.SavePairs(t.path, f, next)
	}
	if err := os.Remove(t.path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// without returns pairs without those of two items, and whether there were any.
func without(p table.Pairs, l, r int32) (out table.Pairs, removed bool) {
	key := ordered(l, r)
	for k, label := range p.Label {
		if ordered(p.Left[k], p.Right[k]) == key {
			removed = true
			continue
		}
		out.Left, out.Right = append(out.Left, p.Left[k]), append(out.Right, p.Right[k])
		out.Label = append(out.Label, label)
		if p.Weight != nil {
			out.Weight = append(out.Weight, p.Weight[k])
		}
	}
	return out, removed
}

// appended returns pairs with one more.
func appended(p table.Pairs, l, r int32, label float32) table.Pairs {
	if len(p.Weight) > 0 {
		p.Weight = append(p.Weight, 1)
	}
	p.Left, p.Right, p.Label = append(p.Left, l), append(p.Right, r), append(p.Label, label)
	return p
}

// marks returns the verdicts about an item and others, by the others' ids.
func (j *judged) marks(id string) map[string]string {
	out := map[string]string{}
	for pair, verdict := range j.by {
		switch id {
		case j.frame.IDs[pair[0]]:
			out[j.frame.IDs[pair[1]]] = verdict
		case j.frame.IDs[pair[1]]:
			out[j.frame.IDs[pair[0]]] = verdict
		}
	}
	return out
}
