package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"math"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/session/internal/store"
	"github.com/go-siamese/lab/siamese/session/internal/wire"
	"github.com/go-siamese/lab/siamese/show"
)

// itemFacts are what an item has.
type itemFacts struct {
	Item   string      `json:"item"` // its id
	Label  string      `json:"label,omitempty"`
	Domain string      `json:"domain,omitempty"`
	Blocks []itemBlock `json:"blocks"`
}

// itemBlock is what an item has in a block of features.
type itemBlock struct {
	Block    string  `json:"block"`
	Features int     `json:"features"`
	Zero     int     `json:"zero"`    // that are 0
	Missing  int     `json:"missing"` // that are NaN
	Mean     float64 `json:"mean"`    // of those that are there, like Low and High; 0 where none is
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
}

// itemArgs look at one item.
type itemArgs struct {
	Frame string `json:"frame"`
	ID    string `json:"id"`
}

func (a *itemArgs) inputs() []string { return []string{a.Frame} }
func (a *itemArgs) files() []string  { return nil }

func (a *itemArgs) run(ctx context.Context, t *task) (*made, error) {
	f, err := input[*frameObject](ctx, t, a.Frame)
	if err != nil {
		return nil, err
	}
	i, err := itemOf(f.Frame, a.ID)
	if err != nil {
		return nil, err
	}
	facts := itemFacts{Item: a.ID, Label: at(f.Labels, i), Domain: at(f.Domains, i)}
	lines := []string{quote.Text(a.ID) + inBrackets(facts.Label)}
	for _, b := range f.Blocks {
		one := blockOf(b, f.Row(i)[b.Start:b.End])
		facts.Blocks = append(facts.Blocks, one)
		lines = append(lines, fmt.Sprintf("  %s: %d features, mean %.4g, from %.4g to %.4g", quote.Line(one.Block), one.Features,
			one.Mean, one.Low, one.High))
	}
	return &made{name: quote.Cut(a.ID, 60), text: strings.Join(lines, "\n"), facts: facts}, nil
}

// blockOf returns what an item has in a block.
func blockOf(b data.Block, values []float32) itemBlock {
	one := itemBlock{Block: b.Name, Features: len(values)}
	low, high, sum, n := math.Inf(1), math.Inf(-1), 0.0, 0
	for _, v := range values {
		switch {
		case v != v:
			one.Missing++
			continue
		case v == 0:
			one.Zero++
		}
		low, high, sum, n = min(low, float64(v)), max(high, float64(v)), sum+float64(v), n+1
	}
	if n > 0 {
		one.Low, one.High, one.Mean = low, high, sum/float64(n)
	}
	return one
}

// itemOutputs returns the picture of an item, where it has one, the drawing of its HOG, where that is a block, and a
// table of its blocks.
func (t *task) itemOutputs(ctx context.Context, r *store.Record) (show.Outputs, error) {
	var facts itemFacts
	if err := json.Unmarshal(r.Facts, &facts); err != nil {
		return nil, err
	}
	f, err := input[*frameObject](ctx, t, r.Inputs[0])
	if err != nil {
		return nil, err
	}
	picture, err := t.pictureOf(r.Inputs[0])
	if err != nil {
		return nil, err
	}
	i, err := itemOf(f.Frame, facts.Item)
	if err != nil {
		return nil, err
	}
	title := facts.Item + inBrackets(facts.Label)
	var out show.Outputs
	if picture != nil {
		if m := picture(facts.Item); m != nil {
			if out, err = pictureOutputs(title, m, hogOf(f.Frame, i, m.Bounds())); err != nil {
				return nil, err
			}
		}
	}
	rows := [][]string{}
	for _, b := range facts.Blocks {
		rows = append(rows, []string{b.Block, fmt.Sprint(b.Features), fmt.Sprint(b.Zero), fmt.Sprint(b.Missing),
			fmt.Sprintf("%.4g", b.Mean), fmt.Sprintf("%.4g", b.Low), fmt.Sprintf("%.4g", b.High)})
	}
	return append(out, show.TableOutputs("features of "+title, []string{"block", "features", "zero", "missing", "mean",
		"lowest", "highest"}, rows)...), nil
}

// hogOf draws the HOG of an item whose picture has these bounds; nil where the frame has none.
func hogOf(f *data.Frame, i int, bounds image.Rectangle) image.Image {
	c, err := features.ParseSettings(f.Settings)
	b, blockErr := f.Block("hog")
	if err != nil || blockErr != nil || c.HOG.Orientations == 0 {
		return nil
	}
	w, h := bounds.Dx(), bounds.Dy()
	if c.Width > 0 {
		w, h = c.Width, c.Height
	}
	return drawHOG(f.Row(i)[b.Start:b.End], c.HOG, w, h)
}

// writeFrame writes a frame to a table, or the picture of an item to a PNG.
func writeFrame(ctx context.Context, w *Worker, c *client, body []byte) (wire.Message, error) {
	var args struct {
		Frame string `json:"frame"`
		Path  string `json:"path"`
		ID    string `json:"id"` // "" = the frame
	}
	if err := decodeArgs("write", body, &args); err != nil {
		return wire.Message{}, err
	}
	t := &task{w: w, flight: &flight{}, key: args.Frame, cell: c.cell}
	defer t.release()
	f, err := input[*frameObject](ctx, t, args.Frame)
	if err != nil {
		return wire.Message{}, err
	}
	if args.ID == "" {
		err = table.Save(args.Path, f.Frame)
	} else {
		err = t.writePicture(f.Frame, args.Frame, args.ID, args.Path)
	}
	if err != nil {
		return wire.Message{}, err
	}
	return wire.Message{Told: []provenance.Event{{Kind: provenance.FileWritten, Text: args.Path}}}, nil
}

// writePicture writes the picture of an item.
func (t *task) writePicture(f *data.Frame, key, id, path string) error {
	if _, err := itemOf(f, id); err != nil {
		return err
	}
	picture, err := t.pictureOf(key)
	if err != nil {
		return err
	}
	if picture == nil {
		return option.Errorf("Item", "the items are no pictures, or these have changed since they were opened")
	}
	m := picture(id)
	if m == nil {
		return option.Errorf("Item", "the item %s has no picture", quote.Text(id))
	}
	return atomicfile.Write(path, func(to io.Writer) error { return png.Encode(to, m) })
}
