package beam

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	apache "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
)

// Options say what is embedded by what, and where to. Paths are those that workers see.
type Options struct {
	Model   string // file of the model
	Out     string // folder for the shards, which is made
	Backend string // as for [siamese.OpenBackend]

	// Names of columns, as in tables; "" = by name. Without a column of ids one unit alone can be embedded.
	ID, Label, Domain string
	Ignore            []string

	MaxBad int64 // most rows that may be left out; more are an error, and there is no manifest
}

// Shard is a file of embeddings.
type Shard struct {
	Name   string // in Options.Out
	Rows   int64
	Bad    int64  // rows that were left out, in the file of the same name that ends in .bad.jsonl
	SHA256 string // "" = there is no file, since all rows are bad
	Kept   bool   // whether it was there before
}

// String returns how many rows it has.
func (s Shard) String() string {
	return fmt.Sprintf("%s: %d rows, %d left out", s.Name, s.Rows, s.Bad)
}

// ManifestName is the name of the file that lists all shards.
const ManifestName = "manifest.json"

// Manifest says what a pipeline has written. It is there when all of it is.
type Manifest struct {
	Model  string  `json:"model"` // SHA-256 of its file
	Rows   int64   `json:"rows"`
	Bad    int64   `json:"bad"`
	Shards []Shard `json:"shards"` // in the order of tables and rows
}

// String returns how many rows there are in how many shards, and how many of these were there before.
func (m Manifest) String() string {
	kept := 0
	for _, s := range m.Shards {
		if s.Kept {
			kept++
		}
	}
	return fmt.Sprintf("%d rows in %s, %d of them kept; %s left out", m.Rows, quote.Count(len(m.Shards), "shard"), kept,
		quote.Count(int(m.Bad), "row"))
}

func init() {
	register.DoFn3x1[context.Context, Unit, func(Shard), error](&embedFn{})
	register.DoFn3x1[context.Context, int, func(*Shard) bool, error](&manifestFn{})
	register.Emitter1[Shard]()
	register.Iter1[Shard]()
	apache.RegisterType(reflect.TypeFor[Unit]())
	apache.RegisterType(reflect.TypeFor[Shard]())
}

// Embed adds the embedding of tables to a pipeline. It reads the model and the tables' heads at once, so that what
// cannot work is told before workers begin: a model or table that cannot be read, a folder that cannot be written, two
// units of tables without ids. A manifest of an earlier run is removed, and so is what workers left that were killed: no
// other pipeline may be writing there.
func Embed(ctx context.Context, scope apache.Scope, opt Options, tables ...string) error {
	if opt.MaxBad < 0 {
		return option.Errorf("MaxBad", "%d is less than 0", opt.MaxBad)
	}
	all, err := units(tables)
	if err != nil {
		return err
	}
	fn := embedFn{Options: opt, Several: len(all) > 1}
	for _, path := range []*string{&fn.Model, &fn.Out} {
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	if _, fn.Digest, err = openfile.Hash(fn.Model); err != nil {
		return option.Errorf("Model", "%w", err)
	}
	m, err := siamese.Load(fn.Model)
	if err != nil {
		return option.Errorf("Model", "%w", err)
	}
	for _, path := range tables {
		if err := fn.check(ctx, path, m); err != nil {
			return err
		}
	}
	if err := atomicfile.CheckFolder(fn.Out); err != nil {
		return option.Errorf("Out", "%w", err)
	}
	left, err := openfile.Glob(fn.Out, groupPrefix+"*") // of workers that were killed
	if err != nil {
		return option.Errorf("Out", "%w", err)
	}
	for _, dir := range left {
		if err := os.RemoveAll(dir); err != nil {
			return option.Errorf("Out", "%w", err)
		}
	}
	if err := removed(filepath.Join(fn.Out, ManifestName)); err != nil {
		return option.Errorf("Out", "%w", err)
	}
	shards := apache.ParDo(scope.Scope("embed"), &fn, apache.Reshuffle(scope, apache.CreateList(scope, all)))
	last := &manifestFn{Out: fn.Out, Digest: fn.Digest, Units: len(all), MaxBad: opt.MaxBad}
	apache.ParDo0(scope.Scope("manifest"), last, apache.GroupByKey(scope, apache.AddFixedKey(scope, shards)))
	return nil
}

// check returns an error if a table does not have the model's columns.
func (fn *embedFn) check(ctx context.Context, path string, m *siamese.Model) error {
	names, err := table.Columns(ctx, path, fn.table(m))
	if err != nil {
		return err
	}
	for _, want := range m.Transform.Columns {
		if !slices.Contains(names, want) {
			return fmt.Errorf("%s has no column %s, which the model needs", quote.Text(path), quote.Text(want))
		}
	}
	return nil
}

// table returns the options by which tables are read.
func (fn *embedFn) table(m *siamese.Model) table.Options {
	opt := table.Options{AllowMissing: true, KeepCounting: m.Transform.Columns, NoCache: true}
	opt.ID, opt.Label, opt.Domain, opt.Ignore = fn.ID, fn.Label, fn.Domain, fn.Ignore
	return opt
}

// embedFn makes shards of units.
type embedFn struct {
	Options
	Digest  string // SHA-256 of the model's file
	Several bool   // whether there is more than one unit
}

// ProcessElement implements a DoFn.
func (fn *embedFn) ProcessElement(ctx context.Context, u Unit, emit func(Shard)) error {
	if s, ok := fn.kept(u); ok {
		emit(s)
		return nil
	}
	by, err := load(fn.Model, fn.Digest, fn.Backend)
	if err != nil {
		return err
	}
	by.one.Lock()
	defer by.one.Unlock()
	s, err := fn.write(ctx, u, by)
	if err == nil {
		emit(s)
	}
	return err
}

// badRow is a line of the file of rows that were left out.
type badRow struct {
	File   string `json:"file"`
	Row    int64  `json:"row"` // from 1
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// good returns the items of a unit that can be embedded; tell is told of the others.
func (fn *embedFn) good(u Unit, m *siamese.Model, frames iter.Seq2[*data.Frame, error],
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
					reason = "its id was there before in these rows"
				case bad >= 0 && !imputes:
					reason = fmt.Sprintf("%s is missing or not finite", quote.Text(f.Columns[bad]))
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

// manifestFn writes the manifest when all shards are there.
type manifestFn struct {
	Out    string
	Digest string
	Units  int
	MaxBad int64
}

// ProcessElement implements a DoFn.
func (fn *manifestFn) ProcessElement(_ context.Context, _ int, next func(*Shard) bool) error {
	m := Manifest{Model: fn.Digest}
	var s Shard
	for next(&s) {
		m.Shards = append(m.Shards, s)
	}
	slices.SortFunc(m.Shards, func(a, b Shard) int { return cmp.Compare(a.Name, b.Name) })
	m.Shards = slices.CompactFunc(m.Shards, func(a, b Shard) bool { return a.Name == b.Name })
	if len(m.Shards) != fn.Units {
		return fmt.Errorf("there are %d shards of %d units: a fault of the runner", len(m.Shards), fn.Units)
	}
	for _, s := range m.Shards {
		m.Rows, m.Bad = m.Rows+s.Rows, m.Bad+s.Bad
	}
	if m.Bad > fn.MaxBad {
		return fmt.Errorf("%d rows cannot be embedded, and %d may be left out: see %s, mend them, or give a larger --max-bad",
			m.Bad, fn.MaxBad, filepath.Join(fn.Out, "*"+badEnding))
	}
	return jsonfile.Write(filepath.Join(fn.Out, ManifestName), m)
}
