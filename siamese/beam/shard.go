package beam

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
)

// Endings of the files of a unit.
const (
	shardEnding = ".parquet"
	badEnding   = ".bad.jsonl"
	noteEnding  = ".note.json"
)

// note says what a shard was made from. It is written last, so that a shard with one is whole.
type note struct {
	Unit   Unit
	Model  string
	Shard  Shard
	BadSum string // SHA-256 of the file of bad rows; "" = there is none
	Read   string // how the tables or pictures were read
	Looks  string // digest of how the pictures looked from outside
	Retry  bool   // whether pictures were left out for reasons of the file system, which may pass
}

// how returns what else than the model and the unit a shard depends on.
func (fn *unitFn) how() (string, error) {
	if fn.Pictures == nil {
		return fmt.Sprintf("%q %q %q %q", fn.ID, fn.Label, fn.Domain, fn.Ignore), nil
	}
	text, err := json.Marshal(fn.Pictures)
	return string(text), err
}

// bits returns what the bits of a shard depend on beside its note.
func (fn *unitFn) bits(by *loaded) string {
	if fn.Pictures == nil {
		return by.bits
	}
	return strings.TrimSpace(by.bits + " " + fn.Pictures.bits())
}

// kept returns the shard of a unit that is there already, made from the same, and whole.
func (fn *unitFn) kept(u Unit, by *loaded) (Shard, bool) {
	base := filepath.Join(fn.Out, u.name())
	var n note
	if jsonfile.Read(base+noteEnding, &n) != nil || n.Unit != u || n.Model != fn.Digest || n.Retry ||
		n.Shard.Bits != fn.bits(by) {
		return Shard{}, false
	}
	if how, err := fn.how(); err != nil || n.Read != how {
		return Shard{}, false
	}
	if fn.Pictures != nil {
		if lines, err := u.pictures(); err != nil || looks(lines) != n.Looks {
			return Shard{}, false
		}
	}
	for path, want := range map[string]string{base + shardEnding: n.Shard.SHA256, base + badEnding: n.BadSum} {
		if want == "" {
			continue
		}
		if _, sum, err := openfile.Hash(path); err != nil || sum != want {
			return Shard{}, false
		}
	}
	n.Shard.Kept = true
	return n.Shard, true
}

// write makes the shard of a unit and writes its files, the note last.
func (fn *unitFn) write(ctx context.Context, u Unit, by *loaded) (Shard, error) {
	if err := os.MkdirAll(fn.Out, 0o755); err != nil {
		return Shard{}, err
	}
	how, err := fn.how()
	if err != nil {
		return Shard{}, err
	}
	base := filepath.Join(fn.Out, u.name())
	n := note{Unit: u, Model: fn.Digest, Read: how, Shard: Shard{Name: u.name() + shardEnding, Bits: fn.bits(by)}}
	var bad bytes.Buffer
	lines := json.NewEncoder(&bad)
	items, err := fn.items(ctx, u, by, &n, func(b badRow) error {
		n.Shard.Bad++
		return lines.Encode(b)
	})
	if err == nil {
		err = atomicfile.Write(base+shardEnding, func(w io.Writer) error { return fill(ctx, w, by, items, &n.Shard) })
	}
	if errors.Is(err, errNothing) {
		err = removed(base + shardEnding)
	}
	if err != nil {
		return Shard{}, fmt.Errorf("%s: %w", n.Shard.Name, err)
	}
	if n.Shard.Bad == 0 {
		err = removed(base + badEnding)
	} else {
		sum := sha256.Sum256(bad.Bytes())
		n.BadSum = hex.EncodeToString(sum[:])
		err = atomicfile.Write(base+badEnding, func(w io.Writer) error {
			_, err := w.Write(bad.Bytes())
			return err
		})
	}
	if err != nil {
		return Shard{}, err
	}
	return n.Shard, jsonfile.Write(base+noteEnding, n)
}

// items returns the items of a unit that are good; tell is told of the others.
func (fn *unitFn) items(ctx context.Context, u Unit, by *loaded, n *note, tell func(badRow) error) (
	iter.Seq2[*data.Frame, error], error) {
	if fn.Pictures == nil {
		return fn.good(u, by.model, u.scan(ctx, fn.Out, fn.table(by.model)), tell), nil
	}
	lines, err := u.pictures()
	if err != nil {
		return nil, err
	}
	n.Looks = looks(lines)
	f, retry, err := fn.Pictures.frame(ctx, u, lines, tell)
	n.Retry = retry
	return one(f), err
}

// fill writes items, or their embeddings if there is a model, as a table, and notes in s what it has written.
func fill(ctx context.Context, w io.Writer, by *loaded, items iter.Seq2[*data.Frame, error], s *Shard) (err error) {
	sum := sha256.New()
	var to *table.ParquetWriter
	add := func(part *data.Frame) (err error) {
		if to == nil {
			if to, err = table.NewParquetWriter(io.MultiWriter(w, sum), part); err != nil {
				return err
			}
		}
		s.Rows += int64(part.N())
		return to.Write(part)
	}
	if by.model != nil {
		_, _, err = by.model.EmbedStream(ctx, by.backend, items, func(z *embedding.Embeddings, of *data.Frame) error {
			return add(z.Frame(of))
		})
	} else {
		for f, bad := range items {
			if err = bad; err == nil {
				err = add(f)
			}
			if err != nil {
				break
			}
		}
	}
	if to == nil {
		return cmp.Or(err, errNothing)
	}
	err = errors.Join(err, to.Close())
	s.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return err
}

// errNothing says that a unit has no good row.
var errNothing = errors.New("there are no rows")
