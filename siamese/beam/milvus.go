package beam

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	apache "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/milvus"
)

func init() {
	register.DoFn3x1[context.Context, Shard, func(Shard), error](&loadFn{})
}

// loadedEnding is that of the note of a shard that a collection has.
const loadedEnding = ".milvus.json"

// loadNote says in which collection a shard is.
type loadNote struct {
	Made   string // of the collection, another one of each
	SHA256 string // of the shard
}

// loadFn puts shards into a collection of Milvus.
type loadFn struct {
	Out    string
	Config milvus.Config // without secrets
	Made   string        // of the collection
}

// collections are those that this process has opened, by loadFn.Made.
var collections struct {
	sync.Mutex
	of map[string]*milvus.Collection
}

// newLoad makes the collection where it is missing. Its secrets are in the environment: pipelines are readable.
func newLoad(ctx context.Context, out, digest string, width int, config milvus.Config) (fn *loadFn, err error) {
	if digest == "" {
		return nil, option.Errorf("Milvus", "features are no embeddings: name a model")
	}
	if config.Token != "" || config.Password != "" {
		return nil, option.Errorf("Milvus", "secrets would be readable in the pipeline: leave Token and Password empty, and "+
			"set SIAMESE_MILVUS_TOKEN or SIAMESE_MILVUS_PASSWORD for this program and for workers")
	}
	full := withSecret(config)
	x, err := milvus.Open(ctx, full)
	if errors.Is(err, milvus.ErrMissing) {
		x, err = milvus.Create(ctx, width, digest, full)
	}
	if err != nil {
		return nil, option.Errorf("Milvus", "%w", err)
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	if x.Of() != digest || x.Width() != width {
		return nil, option.Errorf("Milvus", "the collection %s has %d numbers of another model: name the model that it is "+
			"of, or another collection", config.Collection, x.Width())
	}
	return &loadFn{Out: out, Config: config, Made: x.Made}, nil
}

// withSecret returns the configuration with the secrets of the environment.
func withSecret(c milvus.Config) milvus.Config {
	c.Token = os.Getenv("SIAMESE_MILVUS_TOKEN")
	if c.Username != "" {
		c.Password = os.Getenv("SIAMESE_MILVUS_PASSWORD")
	}
	return c
}

// open returns the collection, which a process opens once.
func (fn *loadFn) open(ctx context.Context) (*milvus.Collection, error) {
	collections.Lock()
	defer collections.Unlock()
	if x := collections.of[fn.Made]; x != nil {
		return x, nil
	}
	x, err := milvus.Open(ctx, withSecret(fn.Config))
	if err != nil {
		return nil, err
	}
	if x.Made != fn.Made {
		return nil, errors.Join(fmt.Errorf("the collection %s was made anew meanwhile: start again", fn.Config.Collection),
			x.Close())
	}
	if collections.of == nil {
		collections.of = map[string]*milvus.Collection{}
	}
	collections.of[fn.Made] = x
	return x, nil
}

// ProcessElement implements a DoFn. What is done twice replaces itself.
func (fn *loadFn) ProcessElement(ctx context.Context, s Shard, emit func(Shard)) error {
	note := filepath.Join(fn.Out, strings.TrimSuffix(s.Name, shardEnding)+loadedEnding)
	want := loadNote{fn.Made, s.SHA256}
	var known loadNote
	if s.SHA256 == "" || jsonfile.Read(note, &known) == nil && known == want {
		emit(s)
		return nil
	}
	x, err := fn.open(ctx)
	if err != nil {
		return err
	}
	// As they were written: there are no words for a missing label.
	opt := table.Options{NoCache: true, Missing: []string{}, Schema: data.Schema{ID: "id"}}
	n := int64(0)
	for f, err := range table.Scan(ctx, filepath.Join(fn.Out, s.Name), opt) {
		if err == nil {
			err = x.Add(ctx, &embedding.Embeddings{Values: f.X, N: f.N(), E: f.F()}, f)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		n += int64(f.N())
	}
	if n != s.Rows {
		return fmt.Errorf("%s has %d of %d rows", s.Name, n, s.Rows)
	}
	if err := jsonfile.Write(note, want); err != nil {
		return err
	}
	emit(s)
	return nil
}

// end has the server write what it took to its storage, and returns an error if it has fewer items than there are rows.
func (fn *loadFn) end(ctx context.Context, rows int64) error {
	x, err := fn.open(ctx)
	if err != nil {
		return err
	}
	// A load of nothing flushes.
	if _, err := x.Load(ctx, func(func(*data.Frame, error) bool) {}, milvus.LoadOptions{}); err != nil {
		return err
	}
	stats, err := x.Stats(ctx)
	if err == nil && int64(stats.Items) < rows {
		err = fmt.Errorf("the collection %s has %d items of %d rows: some have the same id, which --unique tells, or were "+
			"deleted", fn.Config.Collection, stats.Items, rows)
	}
	return err
}

// add adds the loading of shards to a pipeline.
func (fn *loadFn) add(scope apache.Scope, shards apache.PCollection) apache.PCollection {
	return apache.ParDo(scope.Scope("milvus"), fn, apache.Reshuffle(scope, shards))
}
