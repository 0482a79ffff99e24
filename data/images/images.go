// Package images reads images from folders and IDX files.
//
//   - [Open] reads a folder into memory; [List] lists one, and [Folder.Each] decodes its images one at a time.
//   - [ReadIDX], [ReadIDXImages] and [OpenIDX] read the format of MNIST.
//   - [Decode] reads one PNG, JPEG, TIFF, BMP, GIF or WebP file, upright.
//
// Files are not trusted: damaged ones are errors, not panics, and headers that claim absurd sizes cost no memory.
// Pictures of more than 8 bits a channel keep their values ([Image.Deep]); transparent ones are laid on a background.
// Colour profiles and further pictures of a file are lost; [Report.Several] and [Image.Frames] say of which.
// [Folder.Inventory] says what a folder holds before it is decoded.
//
// The package writes no files and computes no features: those are made of images by the package features, and of a
// folder that does not fit into memory by the package extract.
package images

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/data/internal/selection"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/quote"
)

// Image is a grey or colour picture, of 8 bits a channel or deeper. Its fields can be set by hand; [Image.Validate]
// says whether they agree. Methods do not check it, and may panic where it is not valid.
type Image struct {
	// W and H are the width and the height in pixels.
	W, H int
	// C is the number of channels: 1 is grey, 3 is red, green, blue.
	C int
	// Pix are the values, [H, W, C]: row by row from the top, the channels of a pixel side by side. nil with Deep.
	Pix []uint8
	// Deep are the values of a picture of more than 8 bits a channel, as its file has them, in the order of Pix: 0 to
	// 65535 of 16 bits, any finite ones of floating-point numbers. nil = 8 bits, in Pix.
	Deep []float32
	// Range is what black and white are in the type of Deep: [0, 65536] of 16 bits, [0, 1] of floating-point numbers.
	// Not used without Deep.
	Range [2]float64
	// Frames is how many pictures the file holds that this is the first of: an animation, or pages. 0 = it is not known
	// to hold more than one. Images that are made of this one have 0.
	Frames int
}

// maxPixels bounds the size of one image, so that all sums over its pixels stay exact: products of its counts with
// levels fit 64 bits, and W*H*C fits an int of 32.
const maxPixels = 1 << 28

// Validate returns an error that says what is wrong with the image: no pixel, more than 2^28 pixels, neither 1
// nor 3 channels, a number of values other than W*H*C, Pix and Deep at once, and values of Deep that are not finite.
// nil = the image can be used. It does not look at Pix.
func (m *Image) Validate() error {
	if err := m.ValidateSize(); err != nil {
		return err
	}
	switch {
	case m.C != 1 && m.C != 3:
		return fmt.Errorf("the image has %d channels, want 1 (grey) or 3 (red, green, blue)", m.C)
	case m.Deep != nil:
		return m.validateDeep()
	case len(m.Pix) != m.W*m.H*m.C:
		return fmt.Errorf("the image has %d bytes, want %d for %d x %d pixels of %d channels",
			len(m.Pix), m.W*m.H*m.C, m.W, m.H, m.C)
	}
	return nil
}

// ValidateSize returns an error for an image without pixels or with more than 2^28, as [Image.Validate] does,
// without looking at C and Pix.
func (m *Image) ValidateSize() error {
	switch {
	case m.W <= 0 || m.H <= 0:
		return fmt.Errorf("the image is empty: %d x %d pixels", m.W, m.H)
	case m.W > maxPixels/m.H:
		return fmt.Errorf("the image has %d x %d pixels, more than the %d that are supported", m.W, m.H, maxPixels)
	}
	return nil
}

// Grey returns the image with one channel. A grey image is returned itself, not a copy; of a colour image it returns
// the luma Y' = 0.299 R + 0.587 G + 0.114 B in a new image, rounded where there are 8 bits (ITU-R BT.601).
func (m *Image) Grey() *Image {
	if m.C == 1 {
		return m
	}
	if m.Deep != nil {
		g := &Image{W: m.W, H: m.H, C: 1, Deep: make([]float32, m.W*m.H), Range: m.Range}
		m.DeepGreyInto(g.Deep)
		return g
	}
	g := &Image{W: m.W, H: m.H, C: 1, Pix: make([]uint8, m.W*m.H)}
	m.GreyInto(g.Pix)
	return g
}

// GreyInto writes the luma of a colour image of 8 bits (C is 3) to dst, shape [H, W], as [Image.Grey] computes it. It
// is for callers that reuse a buffer. Weights are whole numbers, so that the result is the same on every machine.
func (m *Image) GreyInto(dst []uint8) {
	for i := range dst {
		p := m.Pix[3*i : 3*i+3 : 3*i+3]
		dst[i] = uint8((299*uint32(p[0]) + 587*uint32(p[1]) + 114*uint32(p[2]) + 500) / 1000)
	}
}

// Images is a set of N images of any sizes, with their ids, labels and domains.
type Images struct {
	// Items are the pictures, [N].
	Items []Image
	// IDs are the item ids, [N], unique and not empty.
	IDs []string
	// Labels are the classes of the items, [N], "" = unknown; nil when no item has one.
	Labels []string
	// Domains are the domains of the items, [N]; nil when there is only one.
	Domains []string
	// Background is the colour that transparent pictures were laid on when they were read, "" = not known.
	Background string
}

// N is the number of images.
func (s *Images) N() int { return len(s.Items) }

// Select returns a new set with the given items, in that order; an item may be named twice. The pixels are shared, not
// copied: changing those of one set changes the other's.
// It panics when an index is out of range.
func (s *Images) Select(items []int) *Images {
	out := &Images{
		Items:   make([]Image, len(items)),
		IDs:     selection.Pick(s.IDs, items),
		Labels:  selection.Pick(s.Labels, items),
		Domains: selection.Pick(s.Domains, items),

		Background: s.Background,
	}
	for k, i := range items {
		out.Items[k] = s.Items[i]
	}
	return out
}

// Sample returns perClass items of every class, drawn without replacement and kept in the order of the set.
// The same seed draws the same items, which share their pixels with the set. Items without a label are never drawn.
// It is an error when perClass is below 1, there is no labelled item, or a class has fewer items.
func (s *Images) Sample(perClass int, seed uint64) (*Images, error) {
	if perClass < 1 {
		return nil, fmt.Errorf("sample of %d items a class: want 1 or more", perClass)
	}
	byClass := map[string][]int{}
	for i, label := range s.Labels {
		if label != "" {
			byClass[label] = append(byClass[label], i)
		}
	}
	if len(byClass) == 0 {
		return nil, errors.New("sample: no item has a label")
	}
	classes := make([]string, 0, len(byClass))
	for label := range byClass {
		classes = append(classes, label)
	}
	slices.Sort(classes) // maps have no order, a seeded draw needs one
	// The second word only keeps this stream apart from others of the same seed. Results that were published depend on
	// it.
	provenance.Seed(seed)
	rng := rand.New(rand.NewPCG(seed, 0x5349414d455345))
	var drawn []int
	for _, label := range classes {
		items := byClass[label]
		if len(items) < perClass {
			return nil, fmt.Errorf("sample of %d items a class: class %q has only %d", perClass, label, len(items))
		}
		rng.Shuffle(len(items), func(a, b int) { items[a], items[b] = items[b], items[a] })
		drawn = append(drawn, items[:perClass]...)
	}
	slices.Sort(drawn) // in the order of the set, whatever the order of classes
	return s.Select(drawn), nil
}

// Validate returns every problem of the set at once, joined: slices of different lengths, ids that are empty or
// used twice, and images that are not valid, each named by its position and id. At most ten of these are listed and the
// rest counted. Where lengths differ, nothing else is looked at.
func (s *Images) Validate() error {
	var errs []error
	n := s.N()
	if len(s.IDs) != n {
		errs = append(errs, fmt.Errorf("%d images have %d ids", n, len(s.IDs)))
	}
	if s.Labels != nil && len(s.Labels) != n {
		errs = append(errs, fmt.Errorf("%d images have %d labels", n, len(s.Labels)))
	}
	if s.Domains != nil && len(s.Domains) != n {
		errs = append(errs, fmt.Errorf("%d images have %d domains", n, len(s.Domains)))
	}
	if errs != nil {
		return errors.Join(errs...)
	}
	more := 0
	report := func(err error) {
		if len(errs) < 10 {
			errs = append(errs, err)
		} else {
			more++
		}
	}
	first := make(map[string]int, n)
	for i := range s.Items {
		if j, used := first[s.IDs[i]]; used {
			report(fmt.Errorf("items %d and %d have the same id %q", j, i, s.IDs[i]))
		} else if s.IDs[i] == "" {
			report(fmt.Errorf("item %d has no id", i))
		}
		first[s.IDs[i]] = i
		if err := s.Items[i].Validate(); err != nil {
			report(fmt.Errorf("item %d (%s): %w", i, quote.Text(s.IDs[i]), err))
		}
	}
	if more > 0 {
		errs = append(errs, fmt.Errorf("and %d more problems", more))
	}
	return errors.Join(errs...)
}
