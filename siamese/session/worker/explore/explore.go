// Package explore is the explorer of a model's items, which the session's worker shows below a cell: an item and those
// most similar to it, as pictures or rows, by the model, its encoder or features alone, with any share of features. Pairs
// are marked as same or different, and are kept in a table that trains.
//
// What the items are as vectors it asks of an [Engine], which is the worker. The page is one script, explore.js, which
// needs neither a build nor a network; ids and labels are text there.
package explore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-siamese/lab/kernels/cell"
	"github.com/go-siamese/lab/kernels/widget"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/session/worker/widgetkit"
)

// Space is what items are compared in.
type Space string

// The spaces. A model's own cosine is a weighted mean of those of its encoder and of its features.
const (
	Encoder  Space = "encoder"  // the output of the encoder alone
	Prepared Space = "prepared" // the features as the encoder gets them
	Plain    Space = "plain"    // the features, standardised only
)

// Engine computes for an explorer.
type Engine interface {
	// Begin says that the explorer begins something, and returns what says that it has ended. ok is false where the worker
	// ends: then nothing may begin. It never waits for an explorer.
	Begin() (end func(), ok bool)
	// Rows returns all items as unit vectors in a space, and what ends their use.
	Rows(ctx context.Context, space Space) (*embedding.Embeddings, func(), error)
}

// Gallery is what is explored.
type Gallery struct {
	IDs             []string // unique
	Labels, Domains []string // of the items; nil = none has one, "" = it has none
	Numbered        bool     // the ids are no more than numbers of rows

	Share     float64 // of the features in the model's cosine
	Threshold float64 // of the model's cosine
	// Prepared is what the features are called as the encoder gets them, such as "whitened components"; "" = they are
	// the plain ones.
	Prepared string
	// Picture finds the picture of an item, nil where there is none; nil = items are no pictures.
	Picture func(id string) image.Image
	// Expand returns unit vectors expanded by their k nearest among themselves; nil = that cannot be chosen.
	Expand func(ctx context.Context, z *embedding.Embeddings, k int) (*embedding.Embeddings, error)
}

// Explorer is the explorer of a model's items. It may be shown again: what is shown is then its newest view.
type Explorer struct {
	ctx    context.Context // of the worker: the explorer ends with it
	engine Engine
	g      *Gallery
	items  *items
	thumbs *widgetkit.Pictures
	work   sync.WaitGroup // what runs for it
	open   atomic.Bool    // it has a view
	last   lastScored

	expanses expansions

	mu     sync.Mutex
	judged *judged
	view   *view
	now    settings
	before settings // what moves in the order are counted from
	past   []string // ids of earlier queries, the last one last
	found  *found   // what is seen
	seq    string   // of the page's last request
	done   string   // of the last one that was answered
	said   string   // a message for the user
	busy   bool     // something is looked for
	stale  bool     // what is looked for has changed since
	slow   bool     // it takes a while
	draws  bool     // what stays in the notebook is drawn soon
	moved  time.Time
	random *rand.Rand
}

// New returns the explorer of a gallery. ctx ends what it does.
func New(ctx context.Context, engine Engine, g *Gallery) *Explorer {
	return &Explorer{ctx: ctx, engine: engine, g: g, items: newItems(g.IDs),
		thumbs: widgetkit.NewPictures(g.Picture, thumbSide),
		random: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))}
}

// Shown is a view of an explorer, for the cell to show.
type Shown struct {
	Widget string         `json:"widget"` // id of the widget
	ID     string         `json:"id"`     // under which the static part is to be displayed
	Static map[string]any `json:"static"` // what stays in a saved notebook, by MIME type
}

// ShowOptions say what a view begins with.
type ShowOptions struct {
	At     string // id of the first query
	K      int    // neighbours that are seen; 0 = 10
	Judged string // path of the table of judged pairs, which ends in .csv
	Name   string // what the path is called on the page
	// Closed is called when the page or the kernel has closed the view, as it does when the cell runs again.
	Closed func()
}

// Show opens a view. An older one is closed: an explorer is in one place. Errors are those of the table of judged pairs,
// of the items as vectors, and of a query that is not there.
func (e *Explorer) Show(ctx context.Context, opt ShowOptions) (*Shown, error) {
	k := opt.K
	if k == 0 {
		k = 10
	}
	if _, ok := e.items.at[opt.At]; !ok {
		return nil, fmt.Errorf("there is no item %q", opt.At)
	}
	pairs, err := openJudged(ctx, opt.Judged, opt.Name, e.g)
	if err != nil {
		return nil, err
	}
	begin := settings{Query: opt.At, Kind: kindModel, Share: e.g.Share, K: min(k, mostShown)}
	first, err := e.find(ctx, begin, begin)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.view != nil {
		_ = e.view.script.Close() // the kernel may have closed it
	}
	e.judged, e.now, e.before, e.past, e.found, e.said = pairs, begin, begin, nil, first, ""
	e.stale = e.busy // what is being looked for is of the older view: look again
	v := newView(e)
	v.script.OnClose(func() {
		e.closed(v)
		opt.Closed()
	})
	v.id, e.view = cell.NewID(), v
	e.open.Store(true)
	v.script.State = e.state()
	if err := widget.Open(ctx, v.script); err != nil {
		e.forget()
		return nil, fmt.Errorf("the explorer: %w", err)
	}
	static, err := e.staticBundle(v.id, first, e.judged.marks(first.Query.ID))
	if err != nil {
		return nil, err
	}
	return &Shown{Widget: v.script.ID(), ID: v.id, Static: static}, nil
}

// Open reports whether the explorer has a view. It waits for nothing.
func (e *Explorer) Open() bool { return e.open.Load() }

// forget leaves the explorer without a view. e.mu is held.
func (e *Explorer) forget() {
	e.view = nil
	e.open.Store(false)
}

// closed hears that a view was closed.
func (e *Explorer) closed(v *view) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.view == v {
		e.forget()
	}
}

// Close takes the explorer's view away, if it has one. What stays of it on the page is seen instead.
func (e *Explorer) Close() {
	e.mu.Lock()
	v := e.view
	e.forget()
	e.mu.Unlock()
	if v != nil {
		_ = v.script.Close() // the kernel may have closed it
	}
}

// Wait waits until nothing runs any more for the explorer, which has no view or whose ctx has ended.
func (e *Explorer) Wait() {
	// A message that is handled now may begin something; later ones see that there is no view.
	e.mu.Lock()
	e.forget()
	e.mu.Unlock()
	e.work.Wait()
}

// begin does something beside the explorer, unless the worker ends. e.mu is held.
func (e *Explorer) begin(f func()) bool {
	end, ok := e.engine.Begin()
	if ok {
		e.work.Go(func() {
			defer end()
			f()
		})
	}
	return ok
}

// message handles what the script sends.
func (e *Explorer) message(content json.RawMessage) {
	var m asked
	if json.Unmarshal(content, &m) != nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.view == nil {
		return
	}
	end, ok := e.engine.Begin() // a judgement is written
	if !ok {
		return
	}
	defer end()
	e.do(&m)
}

// say shows a message. e.mu is held.
func (e *Explorer) say(format string, args ...any) {
	e.said = fmt.Sprintf(format, args...)
	e.publish()
}

// want looks for what the settings ask for, now or when what is looked for has been found. e.mu is held.
func (e *Explorer) want() {
	e.stale = true
	if e.busy {
		if e.slow {
			e.expanses.cancel() // nobody waits for it any more
		}
		return
	}
	e.busy = e.begin(e.look)
}

// look finds what is wanted until nothing else is.
func (e *Explorer) look() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for e.stale && e.ctx.Err() == nil {
		e.stale = false
		now, before, seq := e.now, e.before, e.seq
		e.mu.Unlock()
		late := time.AfterFunc(patience, e.takesLong)
		got, err := e.find(e.ctx, now, before)
		late.Stop()
		e.mu.Lock()
		e.slow, e.done = false, seq
		if err != nil {
			if !e.stale || !errors.Is(err, context.Canceled) {
				e.say("%v", err)
			}
			continue
		}
		e.found = got
		e.publish()
		e.redraw()
	}
	e.busy = false
}

// patience is after which time the page says that something is computed.
const patience = 300 * time.Millisecond

// takesLong says that what is looked for takes a while.
func (e *Explorer) takesLong() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.busy && !e.slow {
		e.slow = true
		e.publish()
	}
}
