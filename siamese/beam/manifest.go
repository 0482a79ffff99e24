package beam

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
)

// Shard is a file of embeddings or features.
type Shard struct {
	Name   string // in Options.Out
	Rows   int64
	Bad    int64  // rows that were left out, in the file of the same name that ends in .bad.jsonl
	SHA256 string // "" = there is no file, since all rows are bad
	Bits   string // kind of the backend that computed it, and its plugin
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
	Model      string  `json:"model,omitempty"`      // SHA-256 of its file; "" = shards are features
	Bits       string  `json:"bits"`                 // kind of the backend, and its plugin: the same of all shards
	Collection string  `json:"collection,omitempty"` // of Milvus, which has all rows too; "" = none
	Rows       int64   `json:"rows"`
	Bad        int64   `json:"bad"`
	Shards     []Shard `json:"shards"` // in the order of tables and rows
}

// String returns how many rows there are in how many shards, and how many of these were there before.
func (m Manifest) String() string {
	kept := 0
	for _, s := range m.Shards {
		if s.Kept {
			kept++
		}
	}
	return fmt.Sprintf("%s in %s, %d of them kept; %s left out", quote.Count(int(m.Rows), "row"),
		quote.Count(len(m.Shards), "shard"), kept, quote.Count(int(m.Bad), "row"))
}

// manifestFn writes the manifest when all shards are there.
type manifestFn struct {
	Out    string
	Digest string
	Units  int
	MaxBad int64
	Load   *loadFn // nil = shards go to no collection
}

// ProcessElement implements a DoFn.
func (fn *manifestFn) ProcessElement(ctx context.Context, _ int, next func(*Shard) bool, twin func(*Twin) bool) error {
	var same []Twin
	for t := (Twin{}); twin(&t); {
		same = append(same, t)
	}
	if len(same) > 0 {
		return twinsError(same)
	}
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
	m.Bits = m.Shards[0].Bits
	for _, s := range m.Shards {
		if s.Bits != m.Bits {
			return fmt.Errorf("%s was computed by %s and %s by %s, whose bits may differ: name a --backend that all workers "+
				"have", m.Shards[0].Name, m.Bits, s.Name, s.Bits)
		}
		m.Rows, m.Bad = m.Rows+s.Rows, m.Bad+s.Bad
	}
	if m.Bad > fn.MaxBad {
		return tooMany(fn.Out, m.Bad, fn.MaxBad)
	}
	if fn.Load != nil {
		m.Collection = fn.Load.Config.Collection
		if err := fn.Load.end(ctx, m.Rows); err != nil {
			return err
		}
	}
	if err := cleared(fn.Out); err != nil { // all units are done: nobody writes here
		return err
	}
	return jsonfile.Write(filepath.Join(fn.Out, ManifestName), m)
}

// tooMany is the error about more bad rows than may be left out. It names the flag: errors of workers come as text.
func tooMany(out string, bad, most int64) error {
	return fmt.Errorf("%s cannot be embedded, and %d may be left out: see %s, mend them, or give a larger --max-bad",
		quote.Count(int(bad), "row"), most, filepath.Join(out, "*"+badEnding))
}
