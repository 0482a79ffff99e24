package loss

import (
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
)

// The kinds of references of a loss.
const (
	anyPairs     = iota // listed pairs as well
	batch               // the batch, or a memory
	classCentres        // one trained vector per class
)

// kind describes a loss for [Spec].
type kind struct {
	defaults     Spec
	references   int
	similarities []Similarity
	minings      []Mining
	limits       map[string]limit // of the parameters it has
	build        func(s Spec, similarity *Node, rel Relation) *Node
}

func kindOf(name string) (kind, error) {
	for _, k := range kinds {
		if k.defaults.Name == name {
			return k, nil
		}
	}
	return kind{}, unknownName("loss", name, Names())
}

// kinds are all losses, in the order of [Names].
var kinds = slices.Concat(pairKinds(), batchKinds(), centreKinds())

func pairKinds() []kind {
	return []kind{{
		defaults:     Spec{Name: "mse", Similarity: Cosine},
		similarities: anySim,
		build:        func(_ Spec, x *Node, rel Relation) *Node { return MSE(x, rel) },
	}, {
		defaults:     Spec{Name: "contrastive", Similarity: Cosine, Margin: 0.5},
		similarities: []Similarity{Cosine, Euclidean},
		limits:       map[string]limit{"margin": notBelow0, "positive_margin": notBelow0},
		build: func(s Spec, x *Node, rel Relation) *Node {
			distance := Neg(x)
			if s.Similarity == Cosine {
				distance = OneMinus(x)
			}
			return Contrastive(distance, rel, s.PositiveMargin, s.Margin)
		},
	}, {
		defaults:     Spec{Name: "contrastive-hinge", Similarity: Cosine, PositiveMargin: 1, Margin: 0.5},
		similarities: anySim,
		limits:       map[string]limit{"margin": anyNumber, "positive_margin": anyNumber},
		build: func(s Spec, x *Node, rel Relation) *Node {
			return ContrastiveHinge(x, rel, s.PositiveMargin, s.Margin)
		},
	}, {
		defaults:     Spec{Name: "cosine-embedding", Similarity: Cosine, Margin: 0.2},
		similarities: onlyCosine,
		limits:       map[string]limit{"margin": ofACosine},
		build:        func(s Spec, x *Node, rel Relation) *Node { return CosineEmbedding(x, rel, s.Margin) },
	}, {
		defaults:     Spec{Name: "bce", Similarity: Cosine, Scale: 10, Base: 0.5},
		similarities: anySim,
		limits:       map[string]limit{"scale": above0, "base": anyNumber},
		build:        func(s Spec, x *Node, rel Relation) *Node { return BCE(x, rel, s.Scale, s.Base) },
	}}
}

func batchKinds() []kind {
	return []kind{{
		defaults:     Spec{Name: "triplet", Similarity: Cosine, Margin: 0.2, Mining: MineSemiHard},
		references:   batch,
		similarities: anySim,
		minings:      []Mining{MineAll, MineSemiHard, MineBatchHard},
		limits:       map[string]limit{"margin": notBelow0},
		build:        func(s Spec, x *Node, rel Relation) *Node { return Triplet(x, rel, s.Margin, s.Mining) },
	}, {
		defaults:     Spec{Name: "ntxent", Similarity: Cosine, Temperature: 0.1},
		references:   batch,
		similarities: anySim,
		limits:       map[string]limit{"temperature": above0},
		build:        func(s Spec, x *Node, rel Relation) *Node { return NTXent(x, rel, s.Temperature) },
	}, {
		defaults:     Spec{Name: "supcon", Similarity: Cosine, Temperature: 0.1},
		references:   batch,
		similarities: anySim,
		limits:       map[string]limit{"temperature": above0},
		build:        func(s Spec, x *Node, rel Relation) *Node { return SupCon(x, rel, s.Temperature) },
	}, {
		defaults:     Spec{Name: "multi-similarity", Similarity: Cosine, Alpha: 2, Beta: 50, Base: 0.5},
		references:   batch,
		similarities: anySim,
		limits:       map[string]limit{"alpha": above0, "beta": above0, "base": anyNumber},
		build: func(s Spec, x *Node, rel Relation) *Node {
			return MultiSimilarity(x, rel, s.Alpha, s.Beta, s.Base)
		},
	}, {
		defaults:     Spec{Name: "circle", Similarity: Cosine, Margin: 0.4, Scale: 80},
		references:   batch,
		similarities: onlyCosine,
		limits:       map[string]limit{"margin": ofACosine, "scale": above0},
		build:        func(s Spec, x *Node, rel Relation) *Node { return Circle(x, rel, s.Margin, s.Scale) },
	}}
}

func centreKinds() []kind {
	return []kind{{
		defaults:     Spec{Name: "proxy-anchor", Similarity: Cosine, Margin: 0.1, Scale: 32},
		references:   classCentres,
		similarities: anySim,
		limits:       map[string]limit{"margin": anyNumber, "scale": above0},
		build:        func(s Spec, x *Node, rel Relation) *Node { return ProxyAnchor(x, rel, s.Margin, s.Scale) },
	}, {
		defaults:     Spec{Name: "arcface", Similarity: Cosine, Margin: 0.5, Scale: 64},
		references:   classCentres,
		similarities: onlyCosine,
		limits:       map[string]limit{"margin": upToPi, "scale": above0},
		build:        func(s Spec, x *Node, rel Relation) *Node { return ArcFace(x, rel, s.Margin, s.Scale) },
	}, {
		defaults:     Spec{Name: "cross-entropy", Similarity: InnerProduct, Temperature: 1},
		references:   classCentres,
		similarities: anySim,
		limits:       map[string]limit{"temperature": above0},
		build:        func(s Spec, x *Node, rel Relation) *Node { return CrossEntropy(x, rel, s.Temperature) },
	}}
}
