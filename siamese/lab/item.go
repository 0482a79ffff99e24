package lab

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/session"
)

// Item returns the item with an id; in last place in a cell its picture and its HOG are shown, where it has them, and its
// features by block.
func (i *Items) Item(id string) *session.Value { return result(i.frame.Item(stopped(), id)) }

// Class returns the ids of the items of a class, in their order; of one that there is not it is an error.
func (i *Items) Class(label string) []string {
	f := i.Data()
	var ids []string
	for k, l := range f.Labels {
		if l == label {
			ids = append(ids, f.IDs[k])
		}
	}
	if ids == nil {
		names, _ := f.ClassCounts()
		check(fmt.Errorf("there is no class %s: is it %s?", quote.Text(label),
			strings.Join(quote.Nearest(label, names, 3), " or ")))
	}
	return ids
}

// Save writes the items to a table whose format its ending says, such as .parquet, with ids, labels, domains and blocks:
// it opens as the same items.
func (i *Items) Save(path string) { check(i.frame.Save(stopped(), path)) }

// SavePicture writes the picture of an item as PNG.
func (i *Items) SavePicture(id, path string) { check(i.frame.SavePicture(stopped(), id, path)) }

// Digest returns the hash of all values, names, ids, labels and domains: items with the same one are the same.
func (i *Items) Digest() string { return i.Data().Hash() }
