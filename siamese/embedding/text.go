package embedding

import (
	"fmt"

	"github.com/go-siamese/lab/data/quote"
)

// String returns a line: how many embeddings of how many numbers there are, and the warnings.
func (e *Embeddings) String() string {
	text := fmt.Sprintf("%d embeddings of %d numbers", e.N, e.E)
	for _, w := range e.Warnings() {
		text += "; warning: " + quote.Line(w)
	}
	return text
}

// String returns "item 12 (cosine 0.9812)".
func (n Neighbour) String() string { return fmt.Sprintf("item %d (cosine %.4f)", n.Item, n.Cosine) }
