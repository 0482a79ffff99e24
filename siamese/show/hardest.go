package show

import (
	"errors"
	"fmt"
	"image"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/siamese/report"
)

// Pictures returns what finds the picture of an item by its id, nil where there is none.
func Pictures(images *images.Images) func(id string) image.Image {
	at := make(map[string]int, images.N())
	for i, id := range images.IDs {
		at[id] = i
	}
	return func(id string) image.Image {
		i, ok := at[id]
		if !ok {
			return nil
		}
		return images.Items[i].Std()
	}
}

// Hardest displays up to count pairs of each kind that the trained encoder of a report gets most wrong: of one class
// and least similar, of different classes and most similar. picture finds the picture of an item; where it is nil, or
// has none, the item's id stands.
func Hardest(r *report.Report, count int, picture func(id string) image.Image) error {
	return displaySection(HardestHTML(r, count, picture))
}

// HardestHTML returns what [Hardest] displays: a column for each pair. It returns an error when the report has no
// details, or a picture cannot be encoded.
func HardestHTML(r *report.Report, count int, picture func(id string) image.Image) (string, error) {
	if err := r.Check(); err != nil {
		return "", err
	}
	if r.Details == nil {
		return "", fmt.Errorf("report %q has no pairs: evaluate with Options.Details", r.Name)
	}
	if count < 1 {
		return "", errors.New("hardest pairs: count must be at least 1")
	}
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
	var out string
	one := r.Details.Of[0]
	for _, kind := range []struct {
		title string
		pairs []report.HardPair
		mark  Mark
	}{{"Of one class, and least similar, by column", one.Same, Right},
		{"Of different classes, and most similar, by column", one.Different, Wrong}} {
		if len(kind.pairs) == 0 {
			continue
		}
		rows := make([][]Tile, 2)
		for _, p := range kind.pairs[:min(count, len(kind.pairs))] {
			rows[0] = append(rows[0], tile(p.Left, named(p.LeftClass), kind.mark))
			rows[1] = append(rows[1], tile(p.Right, fmt.Sprintf("%s\ncosine %.3f", named(p.RightClass), p.Cosine),
				kind.mark))
		}
		grid, err := GridHTML(kind.title, rows)
		if err != nil {
			return "", err
		}
		out += grid
	}
	return out, nil
}
