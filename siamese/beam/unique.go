package beam

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	apache "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/zeebo/xxh3"

	"github.com/go-siamese/lab/data/quote"
)

// That ids are unique in all units is checked by their hashes, of 8 bytes each: they are sent to buckets, of which each
// is sorted by itself. Only ids whose hashes meet are read again and compared as they are.

const (
	buckets    = 64  // for a billion ids 128 MB each
	mostTwins  = 100 // hashes of a bucket that are looked at: the first ones tell enough
	mostListed = 5   // ids in an error
)

func init() {
	register.DoFn3x1[context.Context, Shard, func(int, []byte), error](&hashFn{})
	register.DoFn3x0[int, func(*[]byte) bool, func(uint64)](&twinsFn{})
	register.DoFn4x1[context.Context, Shard, []uint64, func(string, string), error](&namesFn{})
	register.DoFn3x0[string, func(*string) bool, func(Twin)](&sameFn{})
	register.Emitter2[int, []byte]()
	register.Emitter1[uint64]()
	register.Emitter2[string, string]()
	register.Emitter1[Twin]()
	register.Iter1[[]byte]()
	register.Iter1[string]()
	register.Iter1[Twin]()
	apache.RegisterType(reflect.TypeFor[Twin]())
}

// Twin is an id that two units have.
type Twin struct {
	ID, A, B string // the id and the names of two shards
}

// String returns which shards have it.
func (t Twin) String() string {
	return fmt.Sprintf("%s is in %s and %s", quote.Quoted(t.ID), t.A, t.B)
}

// twins returns the ids that several shards have, some of them where there are many.
func twins(scope apache.Scope, out string, shards apache.PCollection) apache.PCollection {
	scope = scope.Scope("unique")
	hashes := apache.ParDo(scope, &hashFn{Out: out}, shards)
	meet := apache.ParDo(scope, &twinsFn{}, apache.GroupByKey(scope, hashes))
	names := apache.ParDo(scope, &namesFn{Out: out}, shards, apache.SideInput{Input: meet})
	return apache.ParDo(scope, &sameFn{}, apache.GroupByKey(scope, names))
}

// hashFn sends the hashes of a shard's ids to their buckets.
type hashFn struct{ Out string }

// ProcessElement implements a DoFn.
func (fn *hashFn) ProcessElement(ctx context.Context, s Shard, emit func(int, []byte)) error {
	var all [buckets][]byte
	for id, err := range s.ids(ctx, fn.Out) {
		if err != nil {
			return err
		}
		h := xxh3.HashString(id)
		all[h%buckets] = binary.LittleEndian.AppendUint64(all[h%buckets], h)
	}
	for k, some := range all {
		if len(some) > 0 {
			emit(k, some)
		}
	}
	return nil
}

// twinsFn finds the hashes that are twice in a bucket.
type twinsFn struct{}

// ProcessElement implements a DoFn.
func (*twinsFn) ProcessElement(_ int, next func(*[]byte) bool, emit func(uint64)) {
	var all []uint64
	for some := []byte(nil); next(&some); {
		for ; len(some) > 0; some = some[8:] {
			all = append(all, binary.LittleEndian.Uint64(some))
		}
	}
	slices.Sort(all)
	found := 0
	for i := 1; i < len(all) && found < mostTwins; i++ {
		if all[i] == all[i-1] && (i == 1 || all[i] != all[i-2]) {
			emit(all[i])
			found++
		}
	}
}

// namesFn tells which ids of a shard have the hashes of others.
type namesFn struct{ Out string }

// ProcessElement implements a DoFn.
func (fn *namesFn) ProcessElement(ctx context.Context, s Shard, meet []uint64, emit func(id, shard string)) error {
	if len(meet) == 0 {
		return nil
	}
	wanted := make(map[uint64]bool, len(meet))
	for _, h := range meet {
		wanted[h] = true
	}
	for id, err := range s.ids(ctx, fn.Out) {
		if err != nil {
			return err
		}
		if wanted[xxh3.HashString(id)] {
			emit(id, s.Name)
		}
	}
	return nil
}

// sameFn finds the ids that several shards have: other ids may have the same hash.
type sameFn struct{}

// ProcessElement implements a DoFn.
func (*sameFn) ProcessElement(id string, next func(*string) bool, emit func(Twin)) {
	var names []string
	for name := ""; next(&name); {
		names = append(names, name)
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) > 1 {
		emit(Twin{id, names[0], names[1]})
	}
}

// twinsError is the error about ids that several units have.
func twinsError(all []Twin) error {
	slices.SortFunc(all, func(a, b Twin) int { return cmp.Or(cmp.Compare(a.A, b.A), cmp.Compare(a.ID, b.ID)) })
	text := ""
	for _, t := range all[:min(len(all), mostListed)] {
		text += "; " + t.String()
	}
	return fmt.Errorf("at least %s in several units: give every item an id of its own%s", quote.Count(len(all), "id"),
		text)
}

// ids returns the ids of a shard. An error is the last element.
func (s Shard) ids(ctx context.Context, out string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if s.SHA256 == "" { // all rows are bad
			return
		}
		enough := errors.New("enough")
		err := s.eachID(ctx, filepath.Join(out, s.Name), func(id string) error {
			if !yield(id, nil) {
				return enough
			}
			return nil
		})
		if err != nil && !errors.Is(err, enough) {
			yield("", fmt.Errorf("the ids of %s: %w", s.Name, err))
		}
	}
}

// eachID calls do with each id of the shard at path.
func (s Shard) eachID(ctx context.Context, path string, do func(id string) error) (err error) {
	in, err := file.OpenParquetFile(path, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	column := in.MetaData().Schema.ColumnIndexByName("id")
	if column < 0 {
		return errors.New("there are none")
	}
	rows, err := pqarrow.NewFileReader(in, pqarrow.ArrowReadProperties{BatchSize: 4096}, memory.DefaultAllocator)
	if err != nil {
		return err
	}
	records, err := rows.GetRecordReader(ctx, []int{column}, nil)
	if err != nil {
		return err
	}
	defer records.Release()
	n := int64(0)
	for records.Next() {
		texts, ok := records.RecordBatch().Column(0).(*array.String)
		if !ok {
			return fmt.Errorf("they are no texts but %s", records.RecordBatch().Column(0).DataType())
		}
		for i := range texts.Len() {
			if err := do(texts.Value(i)); err != nil {
				return err
			}
			n++
		}
	}
	if err := records.Err(); err != nil {
		return err
	}
	if n != s.Rows {
		return fmt.Errorf("there are %d of %d rows", n, s.Rows)
	}
	return nil
}
