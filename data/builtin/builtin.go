// Package builtin holds the built-in dataset: 20,000 small grey images of two domains, embedded in the program.
//
// [Images] returns all of it, [Sample] some items of every class, and [Attribution] the sources and licences. Features
// are made of the images by the package features.
package builtin

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"sync"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/parallel"
)

// The images, with their attribution: the licences ask that it goes where they go.
//
//go:embed files
var builtinFiles embed.FS

// builtinClasses are the class names of the two domains, in the order of the label values.
var builtinClasses = []struct {
	domain  string
	classes []string
}{
	{"digits", []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}},
	{"fashion", []string{"t-shirt", "trouser", "pullover", "dress", "coat",
		"sandal", "shirt", "sneaker", "bag", "ankle-boot"}},
}

// Images returns the built-in dataset: 20,000 grey images of 28x28 pixels, two domains with ten classes each.
// First the 10,000 handwritten digits of MNIST's test split (domain "digits", labels "digits/0" to "digits/9"), then
// the 10,000 clothing photos of Fashion-MNIST's test split (domain "fashion", labels "fashion/t-shirt" to
// "fashion/ankle-boot"). Ids are "digits/00000" to "digits/09999" and "fashion/00000" to "fashion/09999", the number
// being the position in the source. The caller owns the pixels; what was decoded stays in memory for the next call, 16 MB.
// Sources and licences: [Attribution].
func Images() (*images.Images, error) {
	all, err := decoded()
	if err != nil {
		return nil, err
	}
	return owned(&images.Images{Items: slices.Clone(all.Items), IDs: slices.Clone(all.IDs),
		Labels: slices.Clone(all.Labels), Domains: slices.Clone(all.Domains)}), nil
}

// decoded returns the built-in dataset, which nobody may change: nearly all of the time of a call is decompression.
var decoded = sync.OnceValues(decode)

// owned gives a set that shares its pixels with another one pixels of its own.
func owned(s *images.Images) *images.Images {
	for i := range s.Items {
		s.Items[i].Pix = slices.Clone(s.Items[i].Pix)
	}
	return s
}

// decode reads the embedded files.
func decode() (*images.Images, error) {
	parts := make([]*images.Images, len(builtinClasses))
	// Side by side: nearly all of the time is decompression.
	err := parallel.Each(context.Background(), len(parts), len(parts), func(_, i int) (err error) {
		parts[i], err = readBuiltin(builtinClasses[i].domain, builtinClasses[i].classes)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("built-in dataset: %w", err)
	}
	all := &images.Images{}
	for _, part := range parts {
		all.Items = slices.Concat(all.Items, part.Items)
		all.IDs = slices.Concat(all.IDs, part.IDs)
		all.Labels = slices.Concat(all.Labels, part.Labels)
		all.Domains = slices.Concat(all.Domains, part.Domains)
	}
	return all, nil
}

// readBuiltin returns the images of one domain; classes are named in the order of the label values.
func readBuiltin(domain string, classes []string) (*images.Images, error) {
	pictures, err := builtinFiles.Open("files/" + domain + "-images-idx3-ubyte.gz")
	if err != nil {
		return nil, err
	}
	defer pictures.Close()
	labels, err := builtinFiles.Open("files/" + domain + "-labels-idx1-ubyte.gz")
	if err != nil {
		return nil, err
	}
	defer labels.Close()
	const maxBytes = 10_000 * 28 * 28
	return images.ReadIDXImages(pictures, labels, domain, classes, maxBytes)
}

// Sample returns a smaller setting of the built-in dataset: perClass items (1 to 892) of each of the 20 classes,
// drawn with the seed and kept in the order of [Images].
func Sample(perClass int, seed uint64) (*images.Images, error) {
	all, err := decoded()
	if err != nil {
		return nil, err
	}
	some, err := all.Sample(perClass, seed)
	if err != nil {
		return nil, err
	}
	return owned(some), nil
}

// Attribution returns where the built-in images come from, their authors and licences, as Markdown.
// Whoever passes the images on passes this on too.
func Attribution() string {
	text, err := builtinFiles.ReadFile("files/README.md")
	if err != nil {
		panic(err) // embedded at build time: it cannot be missing
	}
	return string(text)
}
