package search

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/embedding"
)

// Index is an engine of search. Items have numbers, in the order in which they came, which [Load] gives anew where some
// were deleted; their ids stay.
type Index interface {
	// Add appends the items of z. Their ids, labels and domains are those of like; nil = their numbers for ids. An error
	// leaves the index as it was.
	Add(ctx context.Context, z *embedding.Embeddings, like *data.Frame) error
	// Search returns the items nearest to every query.
	Search(ctx context.Context, queries *embedding.Embeddings, opt Options) (*Found, error)
	// Delete removes the items of these ids; one that is not there is an error, and then none is removed.
	Delete(ids ...string) error
	// Save writes the index to a file, which is either complete or not there.
	Save(path string) error
	// Item returns what is known of an item. It panics if there is no such number.
	Item(number int) Item
	// Number returns the number of the item of an id, and false if there is none.
	Number(id string) (int, bool)
	// Embeddings returns copies of the embeddings of items by number.
	Embeddings(numbers []int) (*embedding.Embeddings, error)
	// Of returns what made the embeddings, as [Config] has it.
	Of() string
	// Stats returns what the index holds.
	Stats() Stats
	// Close frees what the garbage collector does not know of. The index answers no more.
	Close() error
}

// Storage is how the numbers of rows are kept for scanning.
type Storage string

// The kinds of storage.
const (
	Float32 Storage = "float32" // as they are
	Float16 Storage = "float16" // half of it, exact answers
	Int8    Storage = "int8"    // a quarter, answers with a certificate
)

// MaxK is the most items that a search returns for a query.
const MaxK = 1000

// MaxEf is the largest Options.Ef.
const MaxEf = 1 << 16

// Config says how an index keeps its rows. The zero value is usable.
type Config struct {
	Storage Storage // "" = Float32
	// Scratch is a folder for a temporary file with the float32 numbers of Float16 and Int8, which only the last step of a
	// search reads. "" = they are in memory. [Exact.Close] removes it.
	Scratch string
	// Room is how many items there will be, for which memory is taken at once: while it grows by and by, there is twice as
	// much for a while. More items than that are no error. 0 = not known.
	Room int
	// Of names what made the embeddings, such as the digest of a model's file. It is saved and only told, by [Exact.Of]:
	// embeddings of one width from two models cannot be told apart otherwise, and their cosines mean nothing.
	Of string
}

// Options say what a search looks for. The zero value is usable.
type Options struct {
	K int // items of each query, at most MaxK; 0 means 10
	// AtLeast, if not nil, is the least cosine of what is found, and Found.Totals says how many items have it.
	AtLeast *float64
	Labels  []string // only items with one of these labels ("" = without one); nil = all
	Domains []string // only items of these domains; nil = all
	Self    bool     // the queries are the items of the index, by their numbers, and are no neighbours of themselves
	// Own has the number of the item that each query is and that is no neighbour of it; -1 = of none. nil = none.
	Own []int

	Exact bool // exact answers of every engine and storage, slower
	// Ef is how many of the nearest a search in a graph keeps while it goes on: more find more and take longer. 0 means
	// what the graph was made with, and never fewer than are ranked. Other engines have none.
	Ef int
	// Rerank is how many candidates by int8 scores are scored again for each of the K, and 16 more than K at
	// least; 0 means 3.
	Rerank int
	// Sample is how many of the queries a certificate compares with their exact answers; 0 means 100. More than there are
	// means all.
	Sample        int
	Seed          uint64 // of the sample: same seed, same queries
	NoCertificate bool   // leave the certificate out, and the time it takes
}

// Validate returns every fault of the options at once, or nil.
func (o Options) Validate() error {
	return errors.Join(
		count("K", o.K, MaxK), count("Rerank", o.Rerank, MaxK), count("Ef", o.Ef, MaxEf),
		count("Sample", o.Sample, 1<<30),
		func() error {
			if o.Self && o.Own != nil {
				return option.Errorf("Own", "it has no effect with Self, which says the same of all items")
			}
			if o.AtLeast != nil && !(*o.AtLeast >= -1 && *o.AtLeast <= 1) {
				return option.Errorf("AtLeast", "%v is no cosine: it must be from -1 to 1", *o.AtLeast)
			}
			return nil
		}())
}

func count(name string, n, most int) error {
	if n < 0 || n > most {
		return option.Errorf(name, "%d: it must be from 1 to %d, or 0 for the default", n, most)
	}
	return nil
}

// Item is what an index knows of an item.
type Item struct {
	ID     string `json:"id"`
	Label  string `json:"label,omitempty"`  // "" = unknown
	Domain string `json:"domain,omitempty"` // "" = there is only one
}

// Found is the answer of a search.
type Found struct {
	// Lists has the neighbours of each query, nearest first, ties by number.
	Lists [][]embedding.Neighbour
	// Totals is how many items have a cosine of at least Options.AtLeast, by query; nil without it.
	Totals []int
	// Certificate says how good an approximate answer is; nil = the answer is exact, or Options.NoCertificate.
	Certificate *Certificate
}

// The engines.
const (
	EngineExact = "exact" // [Exact]
	EngineHNSW  = "hnsw"  // package siamese/search/hnsw
)

// Stats is what an index holds.
type Stats struct {
	Engine  string  `json:"engine"`
	Items   int     `json:"items"`
	Deleted int     `json:"deleted"` // numbers without an item
	Width   int     `json:"width"`
	Storage Storage `json:"storage"`
	Memory  int64   `json:"memory"` // bytes of numbers and links in memory, without ids
	InFile  int64   `json:"in_file"`
	Kernel  string  `json:"kernel"` // what computes: "AVX-512", "AVX2" or "plain"
}

// String returns a line: how many items of what width are kept how.
func (s Stats) String() string {
	return fmt.Sprintf("%s, %d items of %d numbers as %s (%d deleted), %d MB in memory, %d MB in a file, kernel %s",
		s.Engine, s.Items, s.Width, s.Storage, s.Deleted, s.Memory>>20, s.InFile>>20, s.Kernel)
}

// String returns the id with label and domain.
func (i Item) String() string {
	text := quote.Text(i.ID)
	if i.Label != "" {
		text += " [" + quote.Cut(i.Label, 60) + "]"
	}
	if i.Domain != "" {
		text += " of " + quote.Cut(i.Domain, 60)
	}
	return text
}

// String returns how many queries have how many neighbours, with the certificate.
func (f Found) String() string {
	n := 0
	for _, l := range f.Lists {
		n += len(l)
	}
	text := fmt.Sprintf("%d neighbours of %d queries", n, len(f.Lists))
	if f.Certificate != nil {
		text += "; " + f.Certificate.String()
	}
	return text
}
