package search

import (
	"errors"

	"github.com/go-siamese/lab/data/quote"
)

func (i Item) text() string {
	text := quote.Text(i.ID)
	if i.Label != "" {
		text += " [" + quote.Cut(i.Label, 60) + "]"
	}
	if i.Domain != "" {
		text += " of " + quote.Cut(i.Domain, 60)
	}
	return text
}

// joined returns all of the errors as one, nil for none.
func joined(all ...error) error { return errors.Join(all...) }
