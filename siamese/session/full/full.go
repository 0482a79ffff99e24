// Package full opens what a session keeps as the library's own objects, for cells that go on where the session's calls
// end: a model to cut, a report to compare, a frame to transform. A cell that imports it links all of the lab, as one
// that uses the library without a session does; frames alone come without it, see [session.Frame.Data].
package full

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/describe"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/explain/explained"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/study"
)

// Frame returns the frame itself, mapped as [session.Frame.Data] does.
func Frame(ctx context.Context, f *session.Frame) (*data.Frame, error) { return f.Data(ctx) }

// Split returns the split of the items of frame, which must be the one that it was drawn of.
func Split(ctx context.Context, s *session.Split, frame *data.Frame) (*split.Split, error) {
	return opened(ctx, &s.Value, "split.json", func(path string) (*split.Split, error) { return split.Load(path, frame) })
}

// Model returns the model itself. The caller closes it.
func Model(ctx context.Context, m *session.Model) (*siamese.Model, error) {
	return opened(ctx, &m.Value, "model.safetensors", siamese.Load)
}

// Report returns the report itself.
func Report(ctx context.Context, r *session.Report) (*report.Compared, error) {
	return opened(ctx, &r.Value, "report.json", report.Load)
}

// Search returns the search itself, with the winner's model, which the caller closes. Its report is nil where the search
// was cut off before it was evaluated.
func Search(ctx context.Context, s *session.Search) (*study.Search, error) {
	r, err := opened(ctx, &s.Value, "report.json", report.Load)
	var told *session.Error
	if errors.As(err, &told) && slices.Contains(told.Options, "file") { // it has no such file
		r, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := &study.Search{Result: s.Result}
	if r != nil {
		out.Report = r.One()
	}
	out.Model, err = opened(ctx, &s.Value, "model.safetensors", siamese.Load)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Pairs returns the labelled pairs on their sides. They are of the items of frame, which must be the one that they were
// read for.
func Pairs(ctx context.Context, p *session.Pairs, frame *data.Frame) (*pairs.Split, error) {
	items, err := opened(ctx, &p.Value, "split.json", func(path string) (*split.Split, error) { return split.Load(path, frame) })
	if err != nil {
		return nil, err
	}
	return opened(ctx, &p.Value, "pairs.parquet", func(path string) (*pairs.Split, error) {
		all, _, err := table.OpenPairs(ctx, path, frame, table.PairOptions{Same: "1", ByRow: frame.Numbered})
		if err != nil {
			return nil, err
		}
		return pairs.ApplySplit(pairs.Pairs(all), frame, items)
	})
}

// Description returns the description itself.
func Description(ctx context.Context, d *session.Description) (*describe.Description, error) {
	return opened(ctx, &d.Value, "description.json", parsed[describe.Description])
}

// Explanation returns the explanation itself.
func Explanation(ctx context.Context, x *session.Explanation) (*explained.Pair, error) {
	return opened(ctx, &x.Value, "explanation.json", parsed[explained.Pair])
}

// opened loads a file of a value. The file is held open meanwhile, and read by the name that the system has for it: it
// can be read even when the session has removed the value.
func opened[T any](ctx context.Context, v *session.Value, name string, load func(path string) (*T, error)) (*T, error) {
	file, err := v.File(ctx, name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return load(fmt.Sprintf("/dev/fd/%d", file.Fd()))
}

// parsed reads a file that holds one value as JSON.
func parsed[T any](path string) (*T, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	out := new(T)
	return out, json.Unmarshal(text, out)
}
