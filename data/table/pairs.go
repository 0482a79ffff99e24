package table

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
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
	// id1, id2, same; Weight may be missing, and data.NoColumn says that there is none. The columns of a list without a
	// header are called by their numbers, from "1" on.
	Left, Right, Label, Weight string
	// Same is the number that means "same": "1", or "0" for labels that say how different. "" = 1, and labels that
	// contradict the classes of the frame, so that 0 seems to mean same, are an error.
	Same string
	// ByRow takes the ids of the list for row numbers of the frame, from 1 on. A frame without ids of its own needs it.
	ByRow bool
	// AllowUnknown leaves out pairs with an id that the frame lacks, and counts them.
	AllowUnknown bool
	// EscapedFormulas takes the ids of the list as [formula.EscapeFrame] writes them: '=x is the item =x.
	EscapedFormulas bool
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
// it was read. The formats are those of [Open]; path "-" is standard input. IDs are text or whole numbers; labels are
// numbers in [0, 1], truth values, or words such as same and different; weights are numbers of 0 or more. Other columns
// are left out. Pairs keep the order of the table.
//
// Lists of three columns need no header where the cells tell which one is the label: "1 a b" as VoxCeleb has it, "a b
// target" and "a b nontarget" (Kaldi, NIST), with blanks, tabs or commas. LFW's pairs.txt is recognised by its count:
// "name 1 4" are two pictures of one person, "name1 2 name2 3" of two; the items are then those whose ids end in
// name_0001, with any ending of a file.
//
// Errors are of type [*Error] and name file, row (in text: line) and column: ids that the frame lacks (unless
// opt.AllowUnknown; the nearest ids are named), an item with itself, labels and weights out of range, missing
// values, and columns that are ambiguous.
func OpenPairs(ctx context.Context, path string, frame *data.Frame, opt PairOptions) (Pairs, *PairExplanation, error) {
	if err := frame.ValidateStructure(); err != nil {
		return Pairs{}, nil, err
	}
	if opt.Same != "" && opt.Same != "0" && opt.Same != "1" {
		return Pairs{}, nil, fmt.Errorf("table: %w", option.Errorf("PairOptions.Same",
			"%q is neither 1 nor 0, the number that means same", opt.Same))
	}
	of := Options{Comma: opt.Comma, MaxBytes: opt.MaxBytes}
	if err := notNegative(&of); err != nil {
		return Pairs{}, nil, err
	}
	if frame.Numbered && !opt.ByRow {
		return Pairs{}, nil, numbered(path, "PairOptions.ByRow")
	}
	in, err := openInput(ctx, path, &of)
	if err != nil {
		return Pairs{}, nil, err
	}
	defer in.Close()
	r := &pairReader{path: in.Name, in: &in.Input, opt: opt, e: &PairExplanation{File: in.Name}}
	r.place(frame)
	list, err := r.layout()
	switch {
	case err != nil:
	case list != nil:
		err = r.readList(ctx, list)
	default:
		err = r.readTable(ctx)
	}
	if err != nil {
		return Pairs{}, nil, err
	}
	pairs, err := r.match(frame)
	if err != nil {
		return Pairs{}, nil, err
	}
	if err := r.direction(frame, &pairs); err != nil {
		return Pairs{}, nil, err
	}
	return pairs, r.e, nil
}

// readTable reads a table whose columns have names.
func (r *pairReader) readTable(ctx context.Context) (err error) {
	if r.names, err = columnNames(ctx, r.in, Options{Comma: r.opt.Comma, MaxBytes: r.opt.MaxBytes}); err != nil {
		return err
	}
	if err := r.assign(); err != nil {
		return err
	}
	return r.read(ctx)
}

// pairReader reads one table of pairs: first the names of its columns, then assign, read and match, in this order.
type pairReader struct {
	path  string
	in    *reading.Input
	opt   PairOptions
	names []string         // all columns, in their order
	at    map[string]int32 // the item of an id, as the list has it
	e     *PairExplanation

	left, right   []string  // [Rows] ids; nil where no cell has any text
	label, weight []float32 // [Rows]; weight nil = there is no such column
	lines         []int     // [Rows] of a list; nil where rows are counted
	worded        bool      // some label is a word
}

// columns returns a frame whose labels and domains are two columns of text and whose features are columns of numbers.
// A pair has two ids and a frame one, and that must be unique: the roles of label and domain have no such rule.
func (r *pairReader) columns(ctx context.Context, label, domain string, numbers ...string) (*data.Frame, error) {
	opt := Options{
		Schema: data.Schema{ID: data.NoColumn, Label: label, Domain: domain, Keep: numbers},
		// Ids are in the place of labels, and an item may well be called NA.
		Missing: []string{},
		Comma:   r.opt.Comma, MaxBytes: r.opt.MaxBytes, Progress: r.opt.Progress, NoCache: true,
	}
	if len(numbers) == 0 {
		opt = reading.OnlyRoles(opt)
	}
	for _, name := range r.names {
		if name != label && name != domain && !slices.Contains(numbers, name) {
			opt.Ignore = append(opt.Ignore, name)
		}
	}
	f, e, err := read(ctx, r.in, &opt)
	if err != nil {
		return nil, r.own(err)
	}
	r.e.Format, r.e.Rows = e.Format, f.N()
	return f, nil
}

// own takes options that tables have and pairs have not out of what an error says there is to do.
func (r *pairReader) own(err error) error {
	var e *Error
	if !errors.As(err, &e) || len(e.Fix) == 0 {
		return err
	}
	e.Fix = slices.DeleteFunc(slices.Clone(e.Fix), func(w option.Way) bool { return len(w.Options) > 0 })
	switch e.Column {
	case "":
	case r.e.Weight:
		e.Fix = option.Do("write a number of 0 or more").Or("name another column in %s", "PairOptions.Weight")
	case r.e.Left, r.e.Right:
		e.Fix = option.Do("name other columns in %s and %s", "PairOptions.Left", "PairOptions.Right")
	}
	return err
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
		r.worded = true
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

// note adds a sentence to the explanation.
func (r *pairReader) note(format string, args ...any) {
	r.e.Notes = append(r.e.Notes, fmt.Sprintf(format, args...))
}

// String returns how many pairs there are; what they are of is the frame's to say.
func (p Pairs) String() string { return fmt.Sprintf("%d pairs", len(p.Label)) }
