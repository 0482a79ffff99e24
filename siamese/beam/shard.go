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
	"os"
	"path/filepath"

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
	Read   string // how the tables were read
}

// how returns what else than the model and the unit a shard depends on.
func (fn *embedFn) how() string {
	return fmt.Sprintf("%q %q %q %q", fn.ID, fn.Label, fn.Domain, fn.Ignore)
}

// kept returns the shard of a unit that is there already, made from the same, and whole.
func (fn *embedFn) kept(u Unit, by *loaded) (Shard, bool) {
	base := filepath.Join(fn.Out, u.name())
	var n note
	if jsonfile.Read(base+noteEnding, &n) != nil || n.Unit != u || n.Model != fn.Digest || n.Shard.Bits != by.bits ||
		n.Read != fn.how() {
		return Shard{}, false
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

// write embeds a unit and writes its files, the note last.
func (fn *embedFn) write(ctx context.Context, u Unit, by *loaded) (Shard, error) {
	if err := os.MkdirAll(fn.Out, 0o755); err != nil {
		return Shard{}, err
	}
	base := filepath.Join(fn.Out, u.name())
	n := note{Unit: u, Model: fn.Digest, Read: fn.how(), Shard: Shard{Name: u.name() + shardEnding, Bits: by.bits}}
	var bad bytes.Buffer
	lines := json.NewEncoder(&bad)
	items := fn.good(u, by.model, u.scan(ctx, fn.Out, fn.table(by.model)), func(b badRow) error {
		n.Shard.Bad++
		return lines.Encode(b)
	})
	err := atomicfile.Write(base+shardEnding, func(w io.Writer) (err error) {
		sum := sha256.New()
		var to *table.ParquetWriter
		_, _, err = by.model.EmbedStream(ctx, by.backend, items, func(z *embedding.Embeddings, of *data.Frame) (err error) {
			part := z.Frame(of)
			if to == nil {
				if to, err = table.NewParquetWriter(io.MultiWriter(w, sum), part); err != nil {
					return err
				}
			}
			n.Shard.Rows += int64(z.N)
			return to.Write(part)
		})
		if to == nil {
			return cmp.Or(err, errNothing)
		}
		err = errors.Join(err, to.Close())
		n.Shard.SHA256 = hex.EncodeToString(sum.Sum(nil))
		return err
	})
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

// errNothing says that no row of a unit can be embedded.
var errNothing = errors.New("there are no rows")
