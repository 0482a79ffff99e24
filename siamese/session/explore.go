package session

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"github.com/go-siamese/lab/kernels/cell"
)

// ExploreOptions say what an explorer begins with. The zero value begins with the first test item.
type ExploreOptions struct {
	At string // id of the first item; "" = the first test item of what the model was trained on, else the first item
	K  int    // neighbours that are seen at first; 0 = 10
	// Judged is the table, whose name ends in .csv, in which judged pairs are kept; "" = judged.csv. Pairs that nobody
	// was sure of are in another beside it, which ends in -unsure.csv.
	Judged string
}

// Explored is what [Model.Explore] came to.
type Explored struct {
	// Live says that the explorer is shown and can be used; then Neighbours is nil.
	Live       bool
	Neighbours *Neighbours // of the first item
}

// String says what was found, or that the explorer is there.
func (e *Explored) String() string {
	if e.Live {
		return "an explorer"
	}
	return e.Neighbours.String()
}

// Explore shows an explorer of the frame's items below the cell: an item and those most similar to it, by the model, its
// encoder or features alone, with any share of features; pairs are marked as same or different, and are kept in a table
// that [Frame.SplitPairs] reads. It goes on when its cell has ended, until the kernel does.
//
// Where nobody is there to use it (a notebook that is executed without a browser, a program outside of the kernel) it
// displays the neighbours of the first item and returns them, as [Model.Similar] does.
func (m *Model) Explore(ctx context.Context, f *Frame, opt ExploreOptions) (*Explored, error) {
	name := cmp.Or(opt.Judged, "judged.csv")
	path, err := absolute(name)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(map[string]any{"model": m.Key, "frame": f.Key, "at": opt.At, "k": opt.K, "judged": path,
		"name": name, "chosen": opt.Judged != ""})
	if err != nil {
		return nil, err
	}
	answer, err := m.session.call(ctx, "explore", body, nil)
	if err != nil {
		return nil, err
	}
	var found struct {
		view
		Query string `json:"query"`
	}
	if err := json.Unmarshal(answer.Body, &found); err != nil {
		return nil, fmt.Errorf("the session's answer: %w", err)
	}
	if found.Widget != "" {
		return &Explored{Live: true}, found.display("an explorer; its last state follows")
	}
	n, err := m.Similar(ctx, f, found.Query, opt.K)
	if err != nil {
		return nil, err
	}
	return &Explored{Neighbours: n}, n.Display(ctx)
}

// view is what the worker has opened for a cell to show.
type view struct {
	Widget string         `json:"widget"` // "" = nobody is there to use it
	ID     string         `json:"id"`
	Static map[string]any `json:"static"`
}

// display shows a view. What stays in a saved notebook is an output of its own, which the view hides while it is alive:
// pages whose kernel is gone show nothing in the place of a widget, whatever other form it has.
func (v *view) display(text string) error {
	err := cell.Display(cell.Output{Data: map[string]any{"text/plain": text,
		"application/vnd.jupyter.widget-view+json": map[string]any{"version_major": 2, "version_minor": 0,
			"model_id": v.Widget}}})
	if err != nil {
		return err
	}
	return cell.Display(cell.Output{Data: v.Static, ID: v.ID})
}
