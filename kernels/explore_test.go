package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// exploreCell trains what is explored.
const exploreCell = `items := lab.Builtin(30)
split := items.Split(lab.Seed(7))
model := split.Train(lab.Set("Layers", []int{16}), lab.Set("Epochs", 2), lab.Set("PairsPerEpoch", 512), lab.Set("ValPairs", 200),
	lab.Set("FeatureShare", 0.25))
`

// explorePage is a front end that has an explorer.
type explorePage struct{ *panelPage }

// state is the state of the newest explorer.
func (p explorePage) state() map[string]any {
	for _, id := range slices.Backward(p.opened) {
		if s := p.states[id]; s != nil && s["found"] != nil {
			return s
		}
	}
	return nil
}

// part is a part of the newest explorer's state.
func (p explorePage) part(into any, key string) {
	p.t.Helper()
	raw, err := json.Marshal(p.state()[key])
	if err != nil {
		p.t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		p.t.Fatal(err)
	}
}

// exploreNeighbour is one of the items that are seen.
type exploreNeighbour struct {
	ID, Label, Agrees string
	Cosine            float64
	Was               int
}

// exploreFound is what is seen.
type exploreFound struct {
	Query  struct{ ID, Label string }
	List   []exploreNeighbour
	Before string
	Above  int
}

func (p explorePage) found() (f exploreFound) {
	p.t.Helper()
	p.part(&f, "found")
	return f
}

// ask sends a request and waits for its answer.
func (p explorePage) ask(n int, m map[string]any) {
	p.t.Helper()
	m["seq"] = fmt.Sprint(n)
	for _, id := range slices.Backward(p.opened) {
		if s := p.states[id]; s != nil && s["found"] != nil {
			p.comm(id, map[string]any{"method": "custom", "content": m})
			break
		}
	}
	if m["seq"] != "0" {
		p.until(fmt.Sprint("the answer to ", m), func() bool { return p.state()["seq"] == m["seq"] })
	}
}

// TestExplore: an explorer outlives its cell: items are found by what is typed, neighbours follow shares and filters,
// pictures come when they are asked for, and judged pairs are in a table that trains; headless the same cell shows the
// same neighbours.
func TestExplore(t *testing.T) {
	t.Parallel()
	p := explorePage{&panelPage{realKernel: startKernel(t), states: map[string]map[string]any{}}}
	p.run(exploreCell, true)
	path := filepath.Join(t.TempDir(), "judged.csv")
	show := "model.Explore(lab.Judged(" + strconv.Quote(path) + "))\n"
	p.run(show, true)
	first := p.found()
	if len(first.List) != 10 || first.Query.Label == "" || first.Above < 0 || p.state()["alive"] != true {
		t.Fatalf("%+v", first)
	}
	if !slices.ContainsFunc(p.shown, func(data map[string]any) bool {
		static, _ := data["text/html"].(string)
		return strings.Contains(static, "siamese-explore-static") && strings.Contains(static, "data:image/png")
	}) {
		t.Errorf("what stays is %.500v", p.shown)
	}

	// The cell has ended.
	n := 0
	ask := func(m map[string]any) {
		t.Helper()
		n++
		p.ask(n, m)
	}
	ask(map[string]any{"do": "set", "begin": true, "settings": map[string]any{"kind": "model", "share": 1, "k": 12,
		"label": "same"}})
	if got := p.found(); len(got.List) != 12 || got.Before == "" || got.Above != -1 || slices.ContainsFunc(got.List,
		func(n exploreNeighbour) bool {
			return n.Label != first.Query.Label || n.Agrees != "same" || n.Was < 1
		}) {
		t.Errorf("%+v", got)
	}
	p.ask(0, map[string]any{"do": "complete", "text": first.List[1].ID})
	p.ask(0, map[string]any{"do": "pictures", "ids": []string{first.Query.ID, first.List[1].ID, "<b>"}})
	var offered, pictures int
	p.until("what is offered, and pictures", func() bool {
		for _, m := range p.said {
			var c struct {
				Data struct {
					Content struct {
						Offered  []struct{ ID string }
						Pictures []string
					}
				}
			}
			if err := json.Unmarshal(m.Content, &c); err != nil {
				t.Fatal(err)
			}
			if list := c.Data.Content.Offered; len(list) > 0 {
				if offered = len(list); list[0].ID != first.List[1].ID {
					t.Fatalf("%+v is offered", list)
				}
			}
			for i := range c.Data.Content.Pictures {
				if _, err := png.Decode(bytes.NewReader(m.Buffers[i])); err != nil {
					t.Fatal(err)
				}
				pictures++
			}
		}
		p.said = nil
		return offered > 0 && pictures == 2
	})

	// All pairs of some items are judged, as a person would who knows their labels, one the other way, and of one nobody
	// is sure. Plain features choose them: on every machine the same ones.
	var ids, labels []string
	for _, rule := range []string{"same", "other"} {
		ask(map[string]any{"do": "set", "begin": true, "settings": map[string]any{"kind": "plain", "k": 8, "label": rule}})
		for _, one := range p.found().List {
			ids, labels = append(ids, one.ID), append(labels, one.Label)
		}
	}
	for l := range ids {
		for r := range l {
			verdict := map[bool]string{true: "same", false: "different"}[labels[l] == labels[r]]
			ask(map[string]any{"do": "judge", "left": ids[l], "right": ids[r], "verdict": verdict})
		}
	}
	ask(map[string]any{"do": "look", "text": ids[0]})
	f := p.found()
	ask(map[string]any{"do": "judge", "left": f.Query.ID, "right": f.List[0].ID, "verdict": map[string]string{
		"same": "different", "different": "same"}[f.List[0].Agrees]})
	ask(map[string]any{"do": "judge", "left": f.Query.ID, "right": f.List[1].ID, "verdict": "unsure"})
	var judged struct {
		Total, Against int
		Code           string
	}
	p.part(&judged, "judged")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil || judged.Total != len(lines) || judged.Total < 120 || judged.Against != 1 { // one more line, one unsure
		t.Errorf("%d lines, %v: %+v", len(lines), err, judged)
	}
	p.until("what stays", func() bool {
		text, _ := p.shown[len(p.shown)-1]["text/plain"].(string) // the cell has ended: nothing else shows anything
		return strings.Contains(text, f.Query.ID) && strings.Contains(text, "unsure")
	})

	// The Go that the page shows trains on them.
	if want := "items.Pairs(" + strconv.Quote(path) + ").Train()"; judged.Code != want {
		t.Errorf("%s, not %s", judged.Code, want)
	}
	sides := `, func(o *session.PairOptions) { o.Val, o.Test = 0.4, 0.2 }).Train(`
	less := `lab.Set("Layers", []int{16}), lab.Set("Epochs", 1), lab.Set("PairsPerEpoch", 128), lab.Set("BatchPairs", 16)`
	o := p.run("trained := "+strings.TrimSuffix(judged.Code, ").Train()")+sides+less+")\n"+
		"fmt.Println(\"epochs\", len(trained.History))\n", true)
	if out := strings.Join(o.outputs, "\n"); !strings.Contains(out, "epochs 1") {
		t.Errorf("%s: %s", judged.Code, out)
	}

	// A cell that runs again has an explorer in the place of its last one, and none is kept of values that are removed.
	for range 2 {
		p.run("model.Explore(lab.At("+strconv.Quote(first.List[1].ID)+"), lab.Judged("+strconv.Quote(path)+"))\n", true)
	}
	p.run(show, true)
	if s := p.status(); s.Explorers != 2 {
		t.Errorf("two cells show %d explorers", s.Explorers)
	}
	p.run("_, err := lab.Session().Clear(context.Background(), model.Session().Key)\nfmt.Println(err)\n", true)
	if s := p.status(); s.Explorers != 0 {
		t.Errorf("%d explorers of a model that was removed", s.Explorers)
	}
	p.until("the end of explorers of a model that was removed", func() bool { return p.state() == nil })
	p.run(exploreCell+show, true)

	// The worker is killed in the middle of what a page shows.
	p.killed(show, p.state())
	var again struct{ Total int }
	if p.part(&again, "judged"); p.state()["alive"] != true || again.Total != judged.Total {
		t.Errorf("opened again: %+v", again)
	}

	// Nobody is there: the same neighbours, and those of another item.
	p.shown = nil
	p.run(show, false)
	if !slices.ContainsFunc(p.shown, func(data map[string]any) bool {
		text, _ := data["text/plain"].(string)
		return strings.Contains(text, "nearest to "+first.Query.ID) && strings.Contains(text, first.List[9].ID)
	}) {
		t.Errorf("headless: %v", slices.Collect(maps.Keys(p.shown[0])))
	}
	p.shown = nil
	p.run("model.Explore(lab.At("+strconv.Quote(first.List[3].ID)+"))\n", false)
	if text := fmt.Sprint(p.shown); !strings.Contains(text, "nearest to "+first.List[3].ID) {
		t.Errorf("headless at another: %.500s", text)
	}
}
