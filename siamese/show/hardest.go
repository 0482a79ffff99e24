package show

import (
	"errors"
	"fmt"
	"image"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/siamese/report"
)

// Pictures returns what finds the picture of an item by its id, nil where there is none. Of several pictures with one
// id the last is found. Pictures are converted when they are asked for.
func Pictures(images *images.Images) func(id string) image.Image {
	// One pass over the ids, so that each search takes O(1): a page asks for dozens among thousands.
	at := make(map[string]int, images.N())
	for i, id := range images.IDs {
		at[id] = i
	}
	return func(id string) image.Image {
		i, ok := at[id]
		if !ok {
			return nil
		}
		return images.Items[i].Eight().Std()
	}
}

// Hardest displays up to count pairs of each kind that the trained encoder of a report gets most wrong: of one class
// and least similar, of different classes and most similar. picture finds the picture of an item; where it is nil, or
// has none, the item's id stands. Errors are those of [HardestOutputs].
//
//	pictures := show.Must(builtin.Images())
//	show.OK(show.Hardest(compared.Reports[0], 10, show.Pictures(pictures)))
func Hardest(r *report.Report, count int, picture func(id string) image.Image) error {
	return displayed(HardestOutputs(r, count, picture))
}

// HardestOutputs returns what [Hardest] displays: a column for each pair, the hardest first, with the classes of the
// items where the report is on items and not on given pairs. It returns an error when count is less than 1, the report
// has no details or is invalid, or a picture cannot be encoded.
func HardestOutputs(r *report.Report, count int, picture func(id string) image.Image) (Outputs, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	if r.Details == nil {
		return nil, fmt.Errorf("report %q has no pairs: evaluate with Options.Details", r.Name)
	}
	if count < 1 {
		return nil, errors.New("hardest pairs: count must be at least 1")
	}
	// tile is the picture of an item, or else its id.
	tile := func(id, caption string, mark Mark) Tile {
		t := Tile{Caption: caption, Mark: mark}
		if picture != nil {
			t.Image = picture(id)
		}
		if t.Image == nil {
			t.Text = id
		}
		return t
	}
	var out Outputs
	// The first method of details is the trained encoder.
	one := r.Details.Of[0]
	for _, kind := range []struct {
		title string
		pairs []report.HardPair
		mark  Mark
	}{{hardestTitle(true, !r.GivenPairs) + ", by column", one.Same, Right},
		{hardestTitle(false, !r.GivenPairs) + ", by column", one.Different, Wrong}} {
		if len(kind.pairs) == 0 {
			continue
		}
		// Left items are above, right ones below, so that the two of a pair can be compared at a glance.
		rows := make([][]Tile, 2)
		for _, p := range kind.pairs[:min(count, len(kind.pairs))] {
			above, below := "", "cosine "+number(p.Cosine)
			if !r.GivenPairs { // items of given pairs have no classes
				above, below = named(p.LeftClass), named(p.RightClass)+"\n"+below
			}
			rows[0] = append(rows[0], tile(p.Left, above, kind.mark))
			rows[1] = append(rows[1], tile(p.Right, below, kind.mark))
		}
		grid, err := GridOutputs(kind.title, rows)
		if err != nil {
			return nil, err
		}
		out = append(out, grid...)
	}
	return out, nil
}
