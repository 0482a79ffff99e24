package loss

import "github.com/go-siamese/lab/siamese/loss/spec"

// Spec is a loss with its parameters, as plain data for a configuration file: see [spec.Spec] for the fields.
type Spec = spec.Spec

// Similarity is a way to compare two embeddings a and b. Higher is always closer.
type Similarity = spec.Similarity

// The kinds of similarity, see package spec.
const (
	Cosine       = spec.Cosine
	InnerProduct = spec.InnerProduct
	Euclidean    = spec.Euclidean
)

// Mining names the triplets (anchor, positive, negative) of a batch that count.
type Mining = spec.Mining

// The ways to choose triplets, see package spec.
const (
	MineAll       = spec.MineAll
	MineSemiHard  = spec.MineSemiHard
	MineBatchHard = spec.MineBatchHard
)

// Names returns the names of all losses: those on pairs, on batches and on class centres, in this order.
func Names() []string { return spec.Names() }

// Default returns the loss called name with its default parameters. An unknown name is an error.
func Default(name string) (Spec, error) { return spec.Default(name) }
