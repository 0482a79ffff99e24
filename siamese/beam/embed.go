package beam

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"

	apache "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/milvus"
)

// Options say what is embedded by what, and where to. Paths are those that workers see.
type Options struct {
	Model   string // file of the model
	Out     string // folder for the shards, which is made
	Backend string // as for [siamese.OpenBackend]; "" is what it is where the pipeline is made, for all workers

	// Names of columns, as in tables; "" = by name. Without a column of ids one unit alone can be embedded.
	ID, Label, Domain string
	Ignore            []string

	// Milvus says which collection the embeddings go to, beside the shards; without an Address they go to none. Workers
	// have its secrets in their environment, SIAMESE_MILVUS_TOKEN or SIAMESE_MILVUS_PASSWORD.
	Milvus milvus.Config

	Unique bool  // check that no two units have items of one id: there is no manifest if some have
	MaxBad int64 // most rows that may be left out; more are an error, and there is no manifest
}

func init() {
	register.DoFn3x1[context.Context, Unit, func(Shard), error](&unitFn{})
	register.DoFn4x1[context.Context, int, func(*Shard) bool, func(*Twin) bool, error](&manifestFn{})
	register.Emitter1[Shard]()
	register.Iter1[Shard]()
	apache.RegisterType(reflect.TypeFor[Unit]())
	apache.RegisterType(reflect.TypeFor[Shard]())
}

// Embed adds the embedding of tables to a pipeline. It reads the model and the tables' heads at once, so that what
// cannot work is told before workers begin: a model or table that cannot be read, a folder that cannot be written or
// has shards of other tables. A manifest of an earlier run is removed, and so is what workers left that were killed: no
// other pipeline may be writing there.
func Embed(ctx context.Context, scope apache.Scope, opt Options, tables ...string) error {
	fn := unitFn{Options: opt}
	m, err := fn.begin()
	if err != nil {
		return err
	}
	all, err := units(tables)
	if err != nil {
		return err
	}
	fn.Several = len(all) > 1
	for _, path := range tables {
		if err := fn.check(ctx, path, m); err != nil {
			return err
		}
	}
	return fn.add(ctx, scope, all, m.E())
}

// begin reads the model, and resolves what workers could take otherwise.
func (fn *unitFn) begin() (m *siamese.Model, err error) {
	if fn.Model, err = filepath.Abs(fn.Model); err != nil {
		return nil, err
	}
	if _, fn.Digest, err = openfile.Hash(fn.Model); err != nil {
		return nil, option.Errorf("Model", "%w", err)
	}
	if m, err = siamese.Load(fn.Model); err != nil {
		return nil, option.Errorf("Model", "%w", err)
	}
	if fn.Backend, err = resolved(fn.Backend); err != nil {
		return nil, option.Errorf("Backend", "%w", err)
	}
	return m, nil
}

// add adds the work on units to a pipeline, once its folder and its collection are ready. width is that of embeddings.
func (fn *unitFn) add(ctx context.Context, scope apache.Scope, all []Unit, width int) (err error) {
	if fn.MaxBad < 0 {
		return option.Errorf("MaxBad", "%d is less than 0", fn.MaxBad)
	}
	if fn.Out, err = filepath.Abs(fn.Out); err != nil {
		return err
	}
	if err := prepare(fn.Out, all); err != nil {
		return option.Errorf("Out", "%w", err)
	}
	fn.Run = rand.Text()
	shards := apache.ParDo(scope.Scope("units"), fn, apache.Reshuffle(scope, apache.CreateList(scope, all)))
	last := &manifestFn{Out: fn.Out, Digest: fn.Digest, Units: len(all), MaxBad: fn.MaxBad}
	done := shards
	if fn.Milvus.Address != "" {
		if last.Load, err = newLoad(ctx, fn.Out, fn.Digest, width, fn.Milvus); err != nil {
			return err
		}
		done = last.Load.add(scope, shards)
	}
	same := apache.CreateList(scope, []Twin{})
	if fn.Unique {
		same = twins(scope, fn.Out, shards)
	}
	apache.ParDo0(scope.Scope("manifest"), last, apache.GroupByKey(scope, apache.AddFixedKey(scope, done)),
		apache.SideInput{Input: same})
	return nil
}

// check returns an error if a table does not have the model's columns.
func (fn *unitFn) check(ctx context.Context, path string, m *siamese.Model) error {
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
func (fn *unitFn) table(m *siamese.Model) table.Options {
	opt := table.Options{AllowMissing: true, AllowWrong: true, KeepCounting: m.Transform.Columns, NoCache: true}
	opt.ID, opt.Label, opt.Domain, opt.Ignore = fn.ID, fn.Label, fn.Domain, fn.Ignore
	return opt
}

// unitFn makes shards of units.
type unitFn struct {
	Options
	Digest   string      // SHA-256 of the model's file; "" = features are written as they are
	Several  bool        // whether there is more than one unit of tables
	Run      string      // another one of each pipeline
	Pictures *extraction // nil = units are of tables
}

// ProcessElement implements a DoFn.
func (fn *unitFn) ProcessElement(ctx context.Context, u Unit, emit func(Shard)) error {
	by := extractor
	if fn.Digest != "" {
		var err error
		if by, err = load(fn.Model, fn.Digest, fn.Backend); err != nil {
			return err
		}
	}
	s, ok := fn.kept(u, by)
	if !ok {
		err := by.lock(ctx)
		if err != nil {
			return err
		}
		defer by.unlock()
		if s, err = fn.write(ctx, u, by); err != nil {
			return err
		}
	}
	if bad := fn.bad(s); bad > fn.MaxBad { // what other processes have left out, the manifest knows
		return tooMany(fn.Out, bad, fn.MaxBad)
	}
	emit(s)
	return nil
}
