package table

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// Pairs are labelled pairs of the items of a frame, as lists of one length. They have the fields of Pairs in
// siamese/pairs and convert to it.
type Pairs struct {
	Left, Right []int32   // item numbers in the frame
	Label       []float32 // 1 = same, 0 = different; what lies between is how much of one and of the other
	Weight      []float32 // how much a pair counts, 0 or more; empty = all count 1
}

// PairOptions control how a table of pairs is read. The zero value infers everything.
type PairOptions struct {
	// Left, Right, Label and Weight name the columns. "" = by their names, for instance left, right, label, weight or
	// id1, id2, same; Weight may be missing, and data.NoColumn says that there is none.
	Left, Right, Label, Weight string
	// AllowUnknown leaves out pairs with an id that the frame lacks, and counts them.
	AllowUnknown bool
	// Comma separates the cells of a text table. 0 = inferred.
	Comma byte
	// MaxBytes bounds the values that a file may unpack to, as in [Options]. 0 = the bound there.
	MaxBytes int64
	// Progress, when set, is called as in [Options]. The file is read more than once, so it may start again.
	Progress func(done, total int64) error
}

// PairExplanation describes how a table of pairs was read.
type PairExplanation struct {
	File   string
	Format string // for instance "Parquet" or "CSV"
	Rows   int    // of the file
	Pairs  int    // taken
	// Left, Right, Label and Weight are the columns; Weight "" = there is none.
	Left, Right, Label, Weight string
	Unknown                    int      // pairs left out because the frame lacks an id
	Notes                      []string // how each of these was decided, a sentence each
}

// String returns the notes, a line each, under one line with format and size.
func (e *PairExplanation) String() string {
	notes := make([]string, len(e.Notes))
	for k, note := range e.Notes {
		notes[k] = quote.Line(note)
	}
	return fmt.Sprintf("%s: %s, %d pairs of %d rows\n  %s\n", quote.Text(e.File), e.Format, e.Pairs, e.Rows,
		strings.Join(notes, "\n  "))
}

// OpenPairs returns the pairs that the table at path names by the ids of frame's items, and an explanation of how
// it was read. The formats are those of [Open]. IDs are text or whole numbers; labels are numbers in [0, 1], truth
// values, or words such as same and different; weights are numbers of 0 or more. Other columns are left out.
// Pairs keep the order of the table.
//
// Errors are of type [*Error] and name file, row (in text: line) and column: ids that the frame lacks (unless
// opt.AllowUnknown; the nearest ids are named), an item with itself, labels and weights out of range, missing
// values, and columns that are ambiguous.
func OpenPairs(ctx context.Context, path string, frame *data.Frame, opt PairOptions) (Pairs, *PairExplanation, error) {
	if err := frame.ValidateStructure(); err != nil {
		return Pairs{}, nil, err
	}
	names, err := columnNames(ctx, path, Options{Comma: opt.Comma, MaxBytes: opt.MaxBytes})
	if err != nil {
		return Pairs{}, nil, err
	}
	r := &pairReader{path: path, opt: opt, names: names, e: &PairExplanation{File: path}}
	if err := r.assign(); err != nil {
		return Pairs{}, nil, err
	}
	if err := r.read(ctx); err != nil {
		return Pairs{}, nil, err
	}
	pairs, err := r.match(frame)
	if err != nil {
		return Pairs{}, nil, err
	}
	return pairs, r.e, nil
}

// pairReader reads one table of pairs: first the names of its columns, then assign, read and match, in this order.
type pairReader struct {
	path  string
	opt   PairOptions
	names []string // all columns, in their order
	e     *PairExplanation

	left, right   []string  // [Rows] ids; nil where no cell has any text
	label, weight []float32 // [Rows]; weight nil = there is no such column
}

// columns returns a frame whose labels and domains are two columns of text and whose features are columns of numbers.
// A pair has two ids and a frame one, and that must be unique: the roles of label and domain have no such rule.
func (r *pairReader) columns(ctx context.Context, label, domain string, numbers ...string) (*data.Frame, error) {
	opt := Options{
		Schema: data.Schema{ID: data.NoColumn, Label: label, Domain: domain},
		Comma:  r.opt.Comma, MaxBytes: r.opt.MaxBytes, Progress: r.opt.Progress, NoCache: true,
	}
	if len(numbers) == 0 {
		opt = reading.OnlyRoles(opt)
	}
	for _, name := range r.names {
		if name != label && name != domain && !slices.Contains(numbers, name) {
			opt.Ignore = append(opt.Ignore, name)
		}
	}
	f, e, err := Open(ctx, r.path, opt)
	if err != nil {
		return nil, err
	}
	r.e.Format, r.e.Rows = e.Format, f.N()
	return f, nil
}

// read fills the columns. The labels are first read as numbers, then, where that fails, as words.
func (r *pairReader) read(ctx context.Context) error {
	numbers := []string{r.e.Label}
	if r.e.Weight != "" {
		numbers = append(numbers, r.e.Weight)
	}
	f, err := r.columns(ctx, r.e.Left, r.e.Right, numbers...)
	if err != nil {
		words, wordsErr := r.columns(ctx, r.e.Label, data.NoColumn)
		if wordsErr != nil {
			return err // what is wrong with the file, not with the words
		}
		if r.label, wordsErr = r.words(words); wordsErr != nil {
			return wordsErr
		}
		if f, err = r.columns(ctx, r.e.Left, r.e.Right, numbers[1:]...); err != nil {
			return err
		}
		r.note("labels are words")
	}
	r.left, r.right = f.Labels, f.Domains
	if r.label == nil {
		r.label = feature(f, r.e.Label)
	}
	if r.e.Weight != "" {
		r.weight = feature(f, r.e.Weight)
	}
	return nil
}

// feature returns the values of the named column, [N].
func feature(f *data.Frame, name string) []float32 {
	values := make([]float32, f.N())
	j := slices.Index(f.Columns, name)
	for i := range values {
		values[i] = f.Row(i)[j]
	}
	return values
}

// match returns the pairs, with the ids looked up in frame and every row checked. The first error ends it, except that
// rows with unknown ids are counted before they are an error, or are left out.
func (r *pairReader) match(frame *data.Frame) (Pairs, error) {
	place := make(map[string]int32, frame.N())
	for i, id := range frame.IDs {
		place[id] = int32(i)
	}
	var pairs Pairs
	if r.weight != nil {
		pairs.Weight = []float32{}
	}
	var unknown *Error
	for k := range r.e.Rows {
		l, okLeft := r.item(place, r.left, k)
		right, okRight := r.item(place, r.right, k)
		fail := func(column, problem, fix string) error {
			return &Error{File: r.path, Row: int64(k + 1), Column: column, Problem: problem, Fix: option.Do(fix)}
		}
		switch {
		case !okLeft || !okRight:
			if r.e.Unknown++; unknown == nil {
				column, ids := r.e.Left, r.left
				if okLeft {
					column, ids = r.e.Right, r.right
				}
				unknown = r.unknown(frame, k, column, ids)
			}
			continue
		case l == right:
			return Pairs{}, fail(r.e.Right, fmt.Sprintf("item %q is paired with itself", r.left[k]), "remove the row")
		case !(r.label[k] >= 0 && r.label[k] <= 1):
			return Pairs{}, fail(r.e.Label, fmt.Sprintf("the label is %v", r.label[k]),
				"write 1 for same, 0 for different, or a number between")
		case r.weight != nil && r.weight[k] < 0:
			return Pairs{}, fail(r.e.Weight, fmt.Sprintf("the weight is %v", r.weight[k]),
				"write a number of 0 or more")
		}
		pairs.Left, pairs.Right, pairs.Label = append(pairs.Left, l), append(pairs.Right, right), append(pairs.Label,
			r.label[k])
		if r.weight != nil {
			pairs.Weight = append(pairs.Weight, r.weight[k])
		}
	}
	r.e.Pairs = len(pairs.Label)
	if unknown != nil && (!r.opt.AllowUnknown || r.e.Pairs == 0) {
		unknown.Problem += fmt.Sprintf(" (%d of %d rows name an id that the frame lacks)", r.e.Unknown, r.e.Rows)
		return Pairs{}, unknown
	}
	if unknown != nil {
		r.note("%d of %d rows are left out, because the frame lacks an id; the first is row %d", r.e.Unknown, r.e.Rows,
			unknown.Row)
	}
	return pairs, nil
}

// item returns the item that row k names, false = none. ids is nil for a column without any text.
func (r *pairReader) item(place map[string]int32, ids []string, k int) (int32, bool) {
	if ids == nil {
		return 0, false
	}
	i, ok := place[ids[k]]
	return i, ok
}

// unknown returns the error for row k (from 0), whose id in column the frame lacks.
func (r *pairReader) unknown(frame *data.Frame, k int, column string, ids []string) *Error {
	e := &Error{File: r.path, Row: int64(k + 1), Column: column, Problem: "the id is empty",
		Fix: option.Do("name an item")}
	if ids != nil && ids[k] != "" {
		e.Problem = fmt.Sprintf("no item is called %q; nearest: %s", ids[k],
			listing.Quoted(frame.NearestIDs(ids[k], 3)))
		e.Fix = option.Do("correct the ids").Or("set %s to leave such pairs out", "PairOptions.AllowUnknown")
	}
	return e
}

// note adds a sentence to the explanation.
func (r *pairReader) note(format string, args ...any) {
	r.e.Notes = append(r.e.Notes, fmt.Sprintf(format, args...))
}

// String returns how many pairs there are; what they are of is the frame's to say.
func (p Pairs) String() string { return fmt.Sprintf("%d pairs", len(p.Label)) }
