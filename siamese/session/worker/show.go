package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/go-siamese/lab/data/describe"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese/explain/explained"
	"github.com/go-siamese/lab/siamese/internal/tables"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/store"
	"github.com/go-siamese/lab/siamese/session/internal/wire"
	"github.com/go-siamese/lab/siamese/show"
)

// record returns the record of a value that a special call is about.
func (w *Worker) record(key string) (*store.Record, error) {
	if len(key) < 64 {
		return nil, &goneError{key}
	}
	r, err := w.store.Get(key)
	if errors.Is(err, store.ErrNone) {
		return nil, &goneError{key}
	}
	return r, err
}

// modelFacts returns what clients know of a model that is kept.
func (w *Worker) modelFacts(key string) (*session.Model, error) {
	r, err := w.record(key)
	if err != nil {
		return nil, err
	}
	facts := &session.Model{}
	return facts, json.Unmarshal(r.Facts, facts)
}

// showArgs say what to draw of a value.
type showArgs struct {
	Key    string `json:"key"`
	Part   string `json:"part"`   // of a report; "" = all
	Count  int    `json:"count"`  // of pairs
	Number int    `json:"number"` // of the model among several, from 1; 0 = all of them
}

// showValue answers with the tables and pictures of a value, and draws them at every call: that takes some hundredths
// of a second.
func showValue(ctx context.Context, w *Worker, c *client, body []byte) (wire.Message, error) {
	var args showArgs
	if err := decodeArgs("show", body, &args); err != nil {
		return wire.Message{}, err
	}
	r, err := w.record(args.Key)
	if err != nil {
		return wire.Message{}, err
	}
	t := &task{w: w, flight: &flight{}, key: args.Key, cell: c.cell, begun: time.Now()}
	defer t.release()
	outputs, err := t.parts(ctx, r, args)
	if err != nil {
		return wire.Message{}, err
	}
	type sent struct {
		session.Picture
		Buffer int
	}
	answer, list := wire.Message{}, []sent{}
	for _, o := range outputs {
		one := sent{Picture: session.Picture{Text: o.Text, HTML: o.HTML, SVG: o.SVG, Width: o.Width, Height: o.Height}}
		if o.PNG != nil {
			answer.Buffers = append(answer.Buffers, o.PNG)
			one.Buffer = len(answer.Buffers)
		}
		list = append(list, one)
	}
	for _, e := range r.Told {
		if e.Kind == provenance.Changes {
			answer.Told = append(answer.Told, e)
		}
	}
	answer.Body, err = json.Marshal(list)
	return answer, err
}

// parts draws what is asked for of a value: all of it, or a part of a report.
func (t *task) parts(ctx context.Context, r *store.Record, args showArgs) (show.Outputs, error) {
	if r.Kind == kindReport {
		return t.reportOutputs(ctx, r, args)
	}
	return t.outputs(ctx, r)
}

// shownRows bounds the rows of a frame that are shown.
const shownRows = 200

// outputs draws a value.
func (t *task) outputs(ctx context.Context, r *store.Record) (show.Outputs, error) {
	switch r.Kind {
	case kindFrame:
		f, err := input[*frameObject](ctx, t, r.Key)
		if err != nil {
			return nil, err
		}
		return show.FrameOutputs(f.Frame, shownRows), nil
	case kindDescription:
		d, err := input[*jsonObject[describe.Description]](ctx, t, r.Key)
		if err != nil {
			return nil, err
		}
		return show.DescribeOutputs(d.of), nil
	case kindSplit:
		s, err := input[*splitObject](ctx, t, r.Key)
		if err != nil {
			return nil, err
		}
		return show.LeakageOutputs(s.leakage), nil
	case kindModel:
		m, err := input[*modelObject](ctx, t, r.Key)
		if err != nil {
			return nil, err
		}
		if len(m.History) > 0 {
			return show.HistoryOutputs(m.Result)
		}
	case kindReport:
		return t.reportOutputs(ctx, r, showArgs{})
	case kindSweep:
		s, err := input[*sweepObject](ctx, t, r.Key)
		if err != nil {
			return nil, err
		}
		return show.TrialsOutputs(s.Sweep)
	case kindSearch:
		return searchOutputs(ctx, t, r.Key)
	case kindExplanation:
		return t.explanationOutputs(ctx, r)
	case kindBlocks:
		x, err := input[*jsonObject[explained.Blocks]](ctx, t, r.Key)
		if err != nil {
			return nil, err
		}
		return show.BlocksOutputs(x.of), nil
	case kindDuplicates:
		return t.duplicatesOutputs(r)
	case kindAdvice:
		return t.adviceOutputs(ctx, r)
	case kindDecisions:
		return t.decisionsOutputs(ctx, r.Args)
	case kindNeighbours:
		var n session.Neighbours
		if err := json.Unmarshal(r.Facts, &n); err != nil {
			return nil, err
		}
		return t.neighboursOutputs(r, &n)
	case kindDrawn:
		return t.drawnOutputs(ctx, r)
	case kindCosines:
		return t.cosinesOutputs(ctx, r)
	case kindTrainings:
		return t.trainingsOutputs(r)
	case kindItem:
		return t.itemOutputs(ctx, r)
	}
	return show.Outputs{{Text: r.Text}}, nil
}

// neighboursOutputs returns neighbours as a table, and as pictures where the items are.
func (t *task) neighboursOutputs(r *store.Record, n *session.Neighbours) (show.Outputs, error) {
	header, rows := []string{"item", "label", "domain", "ordered by", "cosine", "verdict", "probability"}, [][]string{}
	for _, one := range n.List {
		probability := ""
		if one.Probability > 0 {
			probability = fmt.Sprintf("%.3f", one.Probability)
		}
		order := ""
		if n.Gallery != "" {
			order = fmt.Sprintf("%.4f", one.Similarity)
		}
		rows = append(rows, []string{one.ID, one.Label, one.Domain, order, fmt.Sprintf("%.4f", one.Cosine),
			verdict(one.Same), probability})
	}
	header, rows = tables.Filled(header, rows, "label", "domain", "ordered by")
	title := fmt.Sprintf("nearest to %s%s", n.Query, inBrackets(n.Label))
	if n.Gallery != "" {
		title += ", " + n.Gallery
	}
	if n.Recall != "" {
		title += ", approximately: " + n.Recall
	}
	out := show.TableOutputs(title, header, rows)
	if r.Op == similarIn { // an index has no pictures
		return out, nil
	}
	var args similarArgs
	if err := decodeArgs(r.Op, r.Args, &args); err != nil {
		return nil, err
	}
	pictures, err := t.pictureOf(args.Frame)
	if err != nil || pictures == nil {
		return out, err
	}
	ofQuery, err := t.pictureOf(args.Other)
	if err != nil {
		return nil, err
	}
	query := show.Tile{Text: n.Query, Caption: captioned(n.Query, n.Label), Mark: show.Query}
	if ofQuery != nil {
		query.Image = ofQuery(n.Query)
	}
	row := []show.Tile{query}
	for _, one := range n.List {
		tile := show.Tile{Image: pictures(one.ID), Text: one.ID,
			Caption: fmt.Sprintf("%.3f\n%s", one.Cosine, captioned(one.ID, one.Label))}
		switch {
		case one.Label == "" || n.Label == "":
		case one.Label == n.Label:
			tile.Mark = show.Right
		default:
			tile.Mark = show.Wrong
		}
		row = append(row, tile)
	}
	grid, err := show.GridOutputs(title, [][]show.Tile{row})
	return append(grid, out...), err
}

// captioned returns an item's id with its label, if any, in a line below it.
func captioned(id, label string) string {
	if label == "" {
		return id
	}
	return id + "\n" + strings.TrimSpace(inBrackets(label))
}

// opened returns an open file of a value.
func (w *Worker) opened(key, name string) (*os.File, error) {
	r, err := w.record(key)
	if err != nil {
		return nil, err
	}
	if _, ok := r.Files[name]; !ok {
		return nil, option.Errorf("file", "the %s has no file %q", r.Kind, name)
	}
	return os.Open(w.store.Path(r.Key, name))
}

// openFile answers with an open file of a value.
func openFile(_ context.Context, w *Worker, _ *client, body []byte) (wire.Message, error) {
	var args struct {
		Key  string `json:"key"`
		File string `json:"file"`
	}
	if err := decodeArgs("file", body, &args); err != nil {
		return wire.Message{}, err
	}
	f, err := w.opened(args.Key, args.File)
	if err != nil {
		return wire.Message{}, err
	}
	return wire.Message{Files: []*os.File{f}}, nil
}
