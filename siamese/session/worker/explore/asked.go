package explore

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/quote"
)

// asked is a message of the script.
type asked struct {
	Do   string `json:"do"`
	Seq  string `json:"seq"` // by which the page knows its answer
	Text string `json:"text"`
	// Begin says that a change of settings is the first of a movement: the order's moves are counted from before it.
	Begin    bool     `json:"begin"`
	Settings settings `json:"settings"`
	IDs      []string `json:"ids"`
	Verdict  string   `json:"verdict"`
	Left     string   `json:"left"`
	Right    string   `json:"right"`
}

// mostPast bounds the queries that one can go back to.
const mostPast = 200

// do does what the script asks for. e.mu is held.
func (e *Explorer) do(m *asked) {
	switch m.Do {
	case "hello": // a page wants to know whether somebody is there
		_ = e.view.script.Send(map[string]any{"hello": true}) // a view that was closed hears nothing
		return
	case "complete":
		e.complete(m.Text)
		return
	case "pictures":
		e.pictures(m.IDs)
		return
	}
	e.said = ""
	e.seq = m.Seq
	switch m.Do {
	case "set":
		next := e.valid(m.Settings)
		if m.Begin {
			e.before = e.now
		}
		e.now = next
	case "look":
		if err := e.goTo(m.Text); err != nil {
			e.done = m.Seq
			e.say("%v", err)
			return
		}
	case "random":
		if n := len(e.g.IDs); n > 1 {
			i := e.random.IntN(n - 1)
			if i >= e.items.at[e.now.Query] { // never the same again
				i++
			}
			_ = e.goTo(e.g.IDs[i]) // it is there
		}
	case "back":
		if n := len(e.past); n > 0 {
			e.now.Query, e.past = e.past[n-1], e.past[:n-1]
		}
	case "judge":
		e.done = m.Seq
		e.judge(m.Left, m.Right, m.Verdict)
		return
	}
	e.want()
}

// goTo makes an item the query. e.mu is held.
func (e *Explorer) goTo(id string) error {
	if _, ok := e.items.at[id]; !ok {
		text := "there is no item " + quote.Cut(id, 60)
		if near := quote.Nearest(id, e.g.IDs, 3); len(near) > 0 {
			text += ": did you mean " + strings.Join(quote.All(near), " or ") + "?"
		}
		return fmt.Errorf("%s", text)
	}
	if id == e.now.Query {
		return nil
	}
	e.past = append(e.past, e.now.Query)
	e.past = e.past[max(0, len(e.past)-mostPast):]
	e.now.Query = id
	return nil
}

// valid returns settings that can be: what a page of other code or a strange one sends is brought into range. The query
// is not changed by it. e.mu is held.
func (e *Explorer) valid(s settings) settings {
	s.Query = e.now.Query
	if !slices.Contains(e.kinds(), s.Kind) {
		s.Kind = kindModel
	}
	s.Share = max(0, min(1, s.Share))
	s.K = max(1, min(mostShown, cmp.Or(s.K, 10)))
	if s.Expand = max(0, min(mostNear, s.Expand)); !e.expands() {
		s.Expand = 0
	}
	for _, rule := range []*string{&s.Label, &s.Domain} {
		if *rule != "" && *rule != "same" && *rule != "other" && !strings.HasPrefix(*rule, "=") {
			*rule = ""
		}
	}
	return s
}

// kinds returns the kinds of similarity that there are.
func (e *Explorer) kinds() []string {
	if e.g.Prepared == "" {
		return []string{kindModel, kindEncoder, kindPlain}
	}
	return []string{kindModel, kindEncoder, kindPrepared, kindPlain}
}

// complete offers the items whose ids have a text in them. e.mu is held.
func (e *Explorer) complete(text string) {
	v := e.view
	e.begin(func() {
		list, total := e.items.offered(text)
		offered := []item{}
		for _, i := range list {
			offered = append(offered, e.item(i))
		}
		_ = v.script.Send(map[string]any{"offered": offered, "total": total, "text": text})
	})
}

// judge keeps a judgement of a pair; "" takes it back. e.mu is held.
func (e *Explorer) judge(left, right, verdict string) {
	l, ok := e.items.at[left]
	r, also := e.items.at[right]
	if !ok || !also || l == r {
		return
	}
	if err := e.judged.set(e.ctx, l, r, verdict); err != nil {
		e.said = fmt.Sprintf("not kept: %v", err)
	}
	e.publishJudged()
	e.redraw()
}
