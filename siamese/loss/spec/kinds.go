package spec

import (
	"fmt"
	"slices"
	"strings"
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
}

func kindOf(name string) (kind, error) {
	for _, k := range kinds {
		if k.defaults.Name == name {
			return k, nil
		}
	}
	return kind{}, fmt.Errorf("loss %q is not known: use one of %s", name, strings.Join(Names(), ", "))
}

// kinds are all losses, in the order of [Names].
var kinds = slices.Concat(pairKinds(), batchKinds(), centreKinds())

func pairKinds() []kind {
	return []kind{{
		defaults:     Spec{Name: "mse", Similarity: Cosine},
		similarities: anySim,
	}, {
		defaults:     Spec{Name: "contrastive", Similarity: Cosine, Margin: 0.5},
		similarities: []Similarity{Cosine, Euclidean},
		limits:       map[string]limit{"margin": notBelow0, "positive_margin": notBelow0},
	}, {
		defaults:     Spec{Name: "contrastive-hinge", Similarity: Cosine, PositiveMargin: 1, Margin: 0.5},
		similarities: anySim,
		limits:       map[string]limit{"margin": anyNumber, "positive_margin": anyNumber},
	}, {
		defaults:     Spec{Name: "cosine-embedding", Similarity: Cosine, Margin: 0.2},
		similarities: onlyCosine,
		limits:       map[string]limit{"margin": ofACosine},
	}, {
		defaults:     Spec{Name: "bce", Similarity: Cosine, Scale: 10, Base: 0.5},
		similarities: anySim,
		limits:       map[string]limit{"scale": above0, "base": anyNumber},
	}}
}

func batchKinds() []kind {
	return []kind{{
		defaults:     Spec{Name: "triplet", Similarity: Cosine, Margin: 0.2, Mining: MineSemiHard},
		references:   batch,
		similarities: anySim,
		minings:      []Mining{MineAll, MineSemiHard, MineBatchHard},
		limits:       map[string]limit{"margin": notBelow0},
	}, {
		defaults:     Spec{Name: "ntxent", Similarity: Cosine, Temperature: 0.1},
		references:   batch,
		similarities: anySim,
		limits:       map[string]limit{"temperature": above0},
	}, {
		defaults:     Spec{Name: "supcon", Similarity: Cosine, Temperature: 0.1},
		references:   batch,
		similarities: anySim,
		limits:       map[string]limit{"temperature": above0},
	}, {
		defaults:     Spec{Name: "multi-similarity", Similarity: Cosine, Alpha: 2, Beta: 50, Base: 0.5},
		references:   batch,
		similarities: anySim,
		limits:       map[string]limit{"alpha": above0, "beta": above0, "base": anyNumber},
	}, {
		defaults:     Spec{Name: "circle", Similarity: Cosine, Margin: 0.4, Scale: 80},
		references:   batch,
		similarities: onlyCosine,
		limits:       map[string]limit{"margin": ofACosine, "scale": above0},
	}}
}

func centreKinds() []kind {
	return []kind{{
		defaults:     Spec{Name: "proxy-anchor", Similarity: Cosine, Margin: 0.1, Scale: 32},
		references:   classCentres,
		similarities: anySim,
		limits:       map[string]limit{"margin": anyNumber, "scale": above0},
	}, {
		defaults:     Spec{Name: "arcface", Similarity: Cosine, Margin: 0.5, Scale: 64},
		references:   classCentres,
		similarities: onlyCosine,
		limits:       map[string]limit{"margin": upToPi, "scale": above0},
	}, {
		defaults:     Spec{Name: "cross-entropy", Similarity: InnerProduct, Temperature: 1},
		references:   classCentres,
		similarities: anySim,
		limits:       map[string]limit{"temperature": above0},
	}}
}
