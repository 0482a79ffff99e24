package explore

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/widget"
	"github.com/go-siamese/lab/siamese/session/worker/widgetkit"
)

//go:embed explore.js
var script string

//go:embed explore.css
var style string

// view is an explorer on a page.
type view struct {
	id     string // of its static part
	script *widget.Any
}

// newView returns a view that is not open.
func newView(e *Explorer) *view {
	v := &view{script: &widget.Any{Module: widgetkit.Module(script), CSS: style, Ended: map[string]any{"alive": false},
		Text: "an explorer", Layout: widget.Layout{Width: "100%"}}}
	v.script.OnMessage(func(content json.RawMessage, _ [][]byte) { e.message(content) })
	return v
}

// mostNames bounds the labels and the domains that the page offers to choose from.
const mostNames = 1000

// info is what the script has of the items.
type info struct {
	Items    int      `json:"items"`
	Kinds    []kind   `json:"kinds"`
	Share    float64  `json:"share"` // the model's
	Most     int      `json:"most"`  // neighbours that can be asked for
	Labels   []string `json:"labels"`
	Domains  []string `json:"domains"`
	Left     [2]int   `json:"left"` // how many labels and domains are not among these
	Pictures bool     `json:"pictures"`
	Expand   int      `json:"expand"` // by how many of its nearest an item can be expanded; 0 = it cannot
	Notice   string   `json:"notice"`
}

// kind is a kind of similarity as the script has it.
type kind struct {
	Name  string `json:"name"`
	Title string `json:"title"`
}

// state returns what the script shows. e.mu is held.
func (e *Explorer) state() map[string]any {
	about := info{Items: len(e.g.IDs), Share: e.g.Share, Most: max(1, min(mostShown, len(e.g.IDs)-1)),
		Pictures: e.g.Picture != nil, Notice: e.judged.notice}
	if e.expands() {
		about.Expand = min(mostNear, about.Most)
	}
	titles := map[string]string{kindModel: "the trained model", kindEncoder: "its encoder alone",
		kindPrepared: e.g.Prepared, kindPlain: "plain features"}
	for _, name := range e.kinds() {
		about.Kinds = append(about.Kinds, kind{name, titles[name]})
	}
	about.Labels, about.Left[0] = names(e.g.Labels)
	about.Domains, about.Left[1] = names(e.g.Domains)
	all := e.seen()
	all["judged"] = e.told()
	all["alive"], all["info"], all["shown"] = true, about, ""
	if e.view != nil {
		all["shown"] = e.view.id
	}
	return all
}

// seen returns the part of the state that changes. e.mu is held.
func (e *Explorer) seen() map[string]any {
	return map[string]any{"found": e.found, "marks": e.judged.marks(e.found.Query.ID), "said": e.said, "slow": e.slow,
		"seq": e.done, "past": len(e.past)}
}

// publish tells the script. e.mu is held.
func (e *Explorer) publish() {
	if e.view != nil {
		_ = e.view.script.Set(e.seen()) // a view that was closed hears nothing
	}
}

// publishJudged tells the script of judged pairs too. e.mu is held.
func (e *Explorer) publishJudged() {
	if e.view != nil {
		all := e.seen()
		all["judged"] = e.told()
		_ = e.view.script.Set(all)
	}
}

// names returns the texts of a list, numbers first and in their order, each once, at most [mostNames], and how many are
// left out.
func names(list []string) ([]string, int) {
	seen, out := map[string]bool{"": true}, []string{}
	for _, name := range list {
		if !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		x, xErr := strconv.Atoi(a)
		y, yErr := strconv.Atoi(b)
		switch {
		case xErr == nil && yErr == nil:
			return cmp.Or(cmp.Compare(x, y), cmp.Compare(a, b))
		case xErr == nil:
			return -1
		case yErr == nil:
			return 1
		}
		return cmp.Compare(a, b)
	})
	n := min(len(out), mostNames)
	return out[:n], len(out) - n
}

// String names the explorer by its items.
func (e *Explorer) String() string { return "explorer of " + quote.Count(len(e.g.IDs), "item") }

// String names the gallery.
func (g *Gallery) String() string { return quote.Count(len(g.IDs), "item") }

// String names the view.
func (s *Shown) String() string { return "a view of an explorer, widget " + s.Widget }
