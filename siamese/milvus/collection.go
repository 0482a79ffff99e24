package milvus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/milvus-io/milvus/client/v2/entity"
	"github.com/milvus-io/milvus/client/v2/index"
	"github.com/milvus-io/milvus/client/v2/milvusclient"
	"github.com/milvus-io/milvus/pkg/v2/util/merr"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/search"
)

// The fields of a collection.
const (
	fieldID        = "id"
	fieldLabel     = "label"
	fieldDomain    = "domain"
	fieldEmbedding = "embedding"
)

// maxText is the most bytes of an id, a label or a domain.
const maxText = 1024

// noteKey is the property of a collection that has its note.
const noteKey = "siamese.note"

// note is what a collection knows of itself.
type note struct {
	Of    string      `json:"of,omitempty"` // what made the embeddings
	Made  string      `json:"made"`         // another one of each collection, so that one made anew is told from the old
	Index IndexConfig `json:"index"`
}

// Collection is the embeddings of a collection. [Create] and [Open] make it. It is safe for concurrent use.
type Collection struct {
	*server
	note
	name  string
	width int
	rows  *search.Exact // without items: it knows which can be added
}

// ErrMissing says that a server has no such collection.
var ErrMissing = errors.New("there is no such collection")

// ErrThere says that a server has the collection already.
var ErrThere = errors.New("the collection is there already")

// Create makes an empty collection of embeddings of some width. of names what made them, as search.Config.Of does. A
// collection that is there is [ErrThere].
func Create(ctx context.Context, width int, of string, config Config) (*Collection, error) {
	x, err := collection(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := x.create(ctx, width, of); err != nil {
		return nil, errors.Join(err, x.Close())
	}
	return x, nil
}

// Open returns a collection that [Create] made. One that is not there is [ErrMissing], one with other fields an error.
// Config.Index has no effect.
func Open(ctx context.Context, config Config) (*Collection, error) {
	x, err := collection(ctx, config)
	if err != nil {
		return nil, err
	}
	if err = x.read(ctx); err == nil {
		err = x.ready(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, x.Close())
	}
	return x, nil
}

func collection(ctx context.Context, config Config) (*Collection, error) {
	s, err := connect(ctx, config)
	if err != nil {
		return nil, err
	}
	return &Collection{server: s, name: config.Collection}, nil
}

// there returns whether the server has the collection.
func (x *Collection) there(ctx context.Context) (there bool, err error) {
	err = x.do(ctx, "looking for collection "+x.name, 1, func(ctx context.Context) (err error) {
		there, err = x.HasCollection(ctx, milvusclient.NewHasCollectionOption(x.name))
		return err
	})
	return there, err
}

// create makes the collection.
func (x *Collection) create(ctx context.Context, width int, of string) (err error) {
	if x.rows, err = search.New(width, search.Config{}); err != nil {
		return err
	}
	there, err := x.there(ctx)
	if err == nil && there {
		err = fmt.Errorf("milvus %s: %s: %w", quote.Text(x.config.Address), x.name, ErrThere)
	}
	if err != nil {
		return err
	}
	x.width = width
	made := rand.Uint64() //nolint:gosec // no secret
	x.note = note{Of: of, Made: strconv.FormatUint(made, 36), Index: x.config.Index.withDefaults()}
	text, err := json.Marshal(x.note)
	if err != nil {
		return err
	}
	field := func(name string) *entity.Field {
		return entity.NewField().WithName(name).WithDataType(entity.FieldTypeVarChar).WithMaxLength(maxText)
	}
	schema := entity.NewSchema().WithName(x.name).WithDescription(string(text)).
		WithField(field(fieldID).WithIsPrimaryKey(true)).WithField(field(fieldLabel)).WithField(field(fieldDomain)).
		WithField(entity.NewField().WithName(fieldEmbedding).WithDataType(entity.FieldTypeFloatVector).WithDim(int64(width)))
	err = x.do(ctx, "creating collection "+x.name, 1, func(ctx context.Context) error {
		err := x.CreateCollection(ctx, milvusclient.NewCreateCollectionOption(x.name, schema).
			WithProperty(noteKey, string(text)).WithConsistencyLevel(entity.ClStrong))
		if err == nil {
			return nil
		}
		// The answer to an earlier try may have been lost.
		if mine := x.read(ctx); mine == nil {
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	return x.ready(ctx)
}

// read learns what the server knows of the collection.
func (x *Collection) read(ctx context.Context) error {
	var c *entity.Collection
	err := x.do(ctx, "describing collection "+x.name, 1, func(ctx context.Context) (err error) {
		c, err = x.DescribeCollection(ctx, milvusclient.NewDescribeCollectionOption(x.name))
		return err
	})
	switch {
	case errors.Is(err, merr.ErrCollectionNotFound):
		return fmt.Errorf("milvus %s: %s: %w", quote.Text(x.config.Address), quote.Text(x.name), ErrMissing)
	case err != nil:
		return err
	}
	text := c.Properties[noteKey]
	if text == "" {
		text = c.Schema.Description
	}
	var known note
	if json.Unmarshal([]byte(text), &known) != nil || known.Made == "" {
		return fmt.Errorf("milvus %s: collection %s was not made by this package: name another one",
			quote.Text(x.config.Address), x.name)
	}
	if x.Made != "" && x.Made != known.Made {
		return ErrThere // by another process, meanwhile
	}
	fields := map[string]entity.FieldType{fieldID: entity.FieldTypeVarChar, fieldLabel: entity.FieldTypeVarChar,
		fieldDomain: entity.FieldTypeVarChar, fieldEmbedding: entity.FieldTypeFloatVector}
	for _, f := range c.Schema.Fields {
		if f.Name == fieldEmbedding {
			x.width, _ = strconv.Atoi(f.TypeParams[entity.TypeParamDim])
		}
		if fields[f.Name] == f.DataType && f.PrimaryKey == (f.Name == fieldID) {
			delete(fields, f.Name)
		}
	}
	if len(fields) > 0 {
		return fmt.Errorf("milvus %s: collection %s has other fields than this package makes", quote.Text(x.config.Address),
			x.name)
	}
	x.note = known
	x.rows, err = search.New(x.width, search.Config{})
	return err
}

// ready makes the index where it is missing, and has the collection answer.
func (x *Collection) ready(ctx context.Context) error {
	err := x.do(ctx, "indexing collection "+x.name, slow, func(ctx context.Context) error {
		_, err := x.DescribeIndex(ctx, milvusclient.NewDescribeIndexOption(x.name, fieldEmbedding))
		if !errors.Is(err, merr.ErrIndexNotFound) {
			return err
		}
		kind := index.NewFlatIndex(entity.IP)
		if x.Index.Kind == HNSW {
			// As Python's client sends it, which Milvus Lite understands too.
			kind = index.NewGenericIndex(fieldEmbedding, map[string]string{index.IndexTypeKey: string(index.HNSW),
				index.MetricTypeKey: string(entity.IP), "params": fmt.Sprintf(`{"M": %d, "efConstruction": %d}`, x.Index.Links,
					x.Index.EfConstruction)})
		}
		task, err := x.CreateIndex(ctx, milvusclient.NewCreateIndexOption(x.name, fieldEmbedding, kind).
			WithIndexName(fieldEmbedding))
		if err != nil {
			return err
		}
		return task.Await(ctx)
	})
	if err != nil {
		return err
	}
	return x.bring(ctx)
}

// bring has the server take the collection into memory. It does nothing where it is there.
func (s *server) bring(ctx context.Context) error {
	name := s.config.Collection
	return s.do(ctx, "loading collection "+name, slow, func(ctx context.Context) error {
		task, err := s.LoadCollection(ctx, milvusclient.NewLoadCollectionOption(name))
		if err != nil {
			return err
		}
		return task.Await(ctx)
	})
}

// Drop removes the collection with all its items from the server.
func (x *Collection) Drop(ctx context.Context) error {
	return x.do(ctx, "dropping collection "+x.name, slow, func(ctx context.Context) error {
		err := x.DropCollection(ctx, milvusclient.NewDropCollectionOption(x.name))
		if errors.Is(err, merr.ErrCollectionNotFound) { // by an earlier try
			return nil
		}
		return err
	})
}

// String returns where the collection is and what it is of.
func (x *Collection) String() string {
	return fmt.Sprintf("%s of milvus %s, %d numbers an item, %s", x.name, quote.Text(x.config.Address), x.width,
		x.Index.Kind)
}

// Of returns what made the embeddings.
func (x *Collection) Of() string { return x.note.Of }

// Width returns how many numbers an embedding has.
func (x *Collection) Width() int { return x.width }

// Close ends the connection.
func (x *Collection) Close() error {
	if x.Client == nil {
		return nil
	}
	return x.Client.Close(context.Background())
}

// Stats is what a collection holds.
type Stats struct {
	Items int         `json:"items"`
	Width int         `json:"width"`
	Index IndexConfig `json:"index"`
	Of    string      `json:"of,omitempty"`
	Made  string      `json:"-"`
}

// Stats counts the items.
func (x *Collection) Stats(ctx context.Context) (Stats, error) {
	out := Stats{Width: x.width, Index: x.Index, Of: x.note.Of, Made: x.Made}
	err := x.do(ctx, "counting the items of "+x.name, slow, func(ctx context.Context) error {
		rs, err := x.Query(ctx, milvusclient.NewQueryOption(x.name).WithOutputFields("count(*)"))
		if err != nil {
			return err
		}
		count := rs.GetColumn("count(*)")
		if count == nil || count.Len() != 1 {
			return errors.New("the server gave no count")
		}
		n, err := count.GetAsInt64(0)
		out.Items = int(n)
		return err
	})
	return out, err
}

// String returns a line: how many items of what width are found how.
func (s Stats) String() string {
	how := string(s.Index.Kind)
	if s.Index.Kind == HNSW {
		how += fmt.Sprintf(" (%d links, efConstruction %d)", s.Index.Links, s.Index.EfConstruction)
	}
	return fmt.Sprintf("milvus, %d items of %d numbers, %s", s.Items, s.Width, how)
}
