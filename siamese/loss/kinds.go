package loss

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// builders make the graphs of all losses, by the names of [Names].
var builders = map[string]func(s Spec, similarity *Node, rel Relation) *Node{
	"mse": func(_ Spec, x *Node, rel Relation) *Node { return MSE(x, rel) },
	"contrastive": func(s Spec, x *Node, rel Relation) *Node {
		distance := Neg(x)
		if s.Similarity == Cosine {
			distance = OneMinus(x)
		}
		return Contrastive(distance, rel, s.PositiveMargin, s.Margin)
	},
	"contrastive-hinge": func(s Spec, x *Node, rel Relation) *Node {
		return ContrastiveHinge(x, rel, s.PositiveMargin, s.Margin)
	},
	"cosine-embedding": func(s Spec, x *Node, rel Relation) *Node { return CosineEmbedding(x, rel, s.Margin) },
	"bce":              func(s Spec, x *Node, rel Relation) *Node { return BCE(x, rel, s.Scale, s.Base) },
	"triplet":          func(s Spec, x *Node, rel Relation) *Node { return Triplet(x, rel, s.Margin, s.Mining) },
	"ntxent":           func(s Spec, x *Node, rel Relation) *Node { return NTXent(x, rel, s.Temperature) },
	"supcon":           func(s Spec, x *Node, rel Relation) *Node { return SupCon(x, rel, s.Temperature) },
	"multi-similarity": func(s Spec, x *Node, rel Relation) *Node {
		return MultiSimilarity(x, rel, s.Alpha, s.Beta, s.Base)
	},
	"circle":        func(s Spec, x *Node, rel Relation) *Node { return Circle(x, rel, s.Margin, s.Scale) },
	"proxy-anchor":  func(s Spec, x *Node, rel Relation) *Node { return ProxyAnchor(x, rel, s.Margin, s.Scale) },
	"arcface":       func(s Spec, x *Node, rel Relation) *Node { return ArcFace(x, rel, s.Margin, s.Scale) },
	"cross-entropy": func(s Spec, x *Node, rel Relation) *Node { return CrossEntropy(x, rel, s.Temperature) },
}
