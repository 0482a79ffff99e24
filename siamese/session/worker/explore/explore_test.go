package explore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/embedding"
)

// engine has the rows of each space.
type engine map[Space]*embedding.Embeddings

func (e engine) Begin() (end func(), ok bool) { return func() {}, true }

var errEngine = errors.New("not here")

func (e engine) Rows(_ context.Context, space Space) (*embedding.Embeddings, func(), error) {
	if z := e[space]; z != nil {
		return z, func() {}, nil
	}
	return nil, nil, errEngine
}

// rows returns n unit vectors of a width; those of zero are zero.
func rows(rng *rand.Rand, n, width int, zero ...int) *embedding.Embeddings {
	z := &embedding.Embeddings{N: n, E: width, Values: make([]float32, n*width)}
	for i := range z.Values {
		z.Values[i] = float32(rng.NormFloat64())
	}
	for _, i := range zero {
		clear(z.Row(i))
	}
	z.ToUnit()
	return z
}

// newExplorer returns an explorer of n items of three labels and two domains, whose view is not open: item 4 is zero for
// the encoder, item 5 for the features. Some have no label.
func newExplorer(t testing.TB, n int) *Explorer {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	g := &Gallery{Share: .25, Threshold: .1, Prepared: "whitened features"}
	for i := range n {
		g.IDs = append(g.IDs, fmt.Sprintf("Item-%d", i))
		g.Labels = append(g.Labels, []string{"a", "b<i>", "c", ""}[i%4])
		g.Domains = append(g.Domains, []string{"x", "y"}[i%2])
	}
	ctx, cancel := context.WithCancel(t.Context())
	e := New(ctx, engine{Encoder: rows(rng, n, 6, 4), Prepared: rows(rng, n, 9, 5), Plain: rows(rng, n, 4)}, g)
	var err error
	if e.judged, err = openJudged(ctx, filepath.Join(t.TempDir(), "judged.csv"), "judged.csv", g); err != nil {
		t.Fatal(err)
	}
	e.now = settings{Query: "Item-0", Kind: kindModel, Share: .25, K: 3}
	e.before = e.now
	if e.found, err = e.find(ctx, e.now, e.now); err != nil {
		t.Fatal(err)
	}
	e.view = newView(e)
	t.Cleanup(func() {
		cancel()
		e.Wait()
	})
	return e
}

// oracle is the cosine of two items by the definition: sqrt(1-s) z beside sqrt(s) x, of unit length.
func oracle(e engine, share float64, i, j int) float64 {
	row := func(i int) []float64 {
		var out []float64
		for _, part := range []struct {
			z      *embedding.Embeddings
			weight float64
		}{{e[Encoder], 1 - share}, {e[Prepared], share}} {
			for _, v := range part.z.Row(i) {
				out = append(out, math.Sqrt(part.weight)*float64(v))
			}
		}
		return out
	}
	dot := func(a, b []float64) (sum float64) {
		for k := range a {
			sum += a[k] * b[k]
		}
		return sum
	}
	a, b := row(i), row(j)
	size := math.Sqrt(dot(a, a) * dot(b, b))
	if size == 0 {
		return 0
	}
	return dot(a, b) / size
}

// TestShare: any share of features is what a model with that share has, also of items that are zero for the encoder or
// by their features.
func TestShare(t *testing.T) {
	e := newExplorer(t, 12)
	for _, share := range []float64{0, .3, .5, 1} {
		for query := range 12 {
			got, err := e.scores(t.Context(), settings{Kind: kindModel, Share: share}, query)
			if err != nil {
				t.Fatal(err)
			}
			for i, c := range got {
				if want := oracle(e.engine.(engine), share, query, i); math.Abs(float64(c)-want) > 1e-6 {
					t.Errorf("share %v, items %d and %d: %v, not %v", share, query, i, c, want)
				}
			}
		}
	}
}

// TestFind: neighbours, and their places before, are those of sorting all items; the query is never among them.
func TestFind(t *testing.T) {
	e := newExplorer(t, 40)
	ids := func(s settings) []string {
		query := e.items.at[s.Query]
		scores, err := e.scores(t.Context(), s, query)
		if err != nil {
			t.Fatal(err)
		}
		var all []int
		for i := range scores {
			label, own := e.g.Labels[i], e.g.Labels[query]
			domain := e.g.Domains[i]
			if i != query && (s.Label == "" || s.Label == "same" && label == own || s.Label == "other" && label != own ||
				s.Label == "="+label) && (s.Domain == "" || s.Domain == "="+domain) {
				all = append(all, i)
			}
		}
		slices.SortStableFunc(all, func(a, b int) int { return int(math.Copysign(1, float64(scores[b]-scores[a]))) })
		var out []string
		for _, i := range all {
			out = append(out, e.g.IDs[i])
		}
		return out
	}
	base := settings{Query: "Item-7", Kind: kindModel, Share: .25, K: 5}
	for _, now := range []settings{base, {Kind: kindModel, Share: .9, K: 7}, {Kind: kindEncoder, K: 4},
		{Kind: kindPrepared, K: 4, Label: "same"}, {Kind: kindPlain, K: 40, Label: "other", Domain: "=y"},
		{Kind: kindPlain, K: 3, Label: "=b<i>"}, {Kind: kindPlain, K: 3, Label: "=none of them"}} {
		now.Query = base.Query
		for _, before := range []settings{base, {Kind: kindEncoder, Domain: "=x"}} {
			got, err := e.find(t.Context(), now, before)
			if err != nil {
				t.Fatal(err)
			}
			before.Query, before.K = now.Query, now.K
			all, earlier := ids(now), ids(before)
			if got.Among != len(all) || len(got.List) != min(now.K, len(all)) {
				t.Fatalf("%+v: %d of %d, not of %d", now, len(got.List), got.Among, len(all))
			}
			for k, n := range got.List {
				was := slices.Index(earlier, n.ID) + 1
				if was == 0 {
					was = -1
				}
				if now == before {
					was = 0
				}
				if n.ID != all[k] || n.Was != was {
					t.Errorf("%+v from %+v: %d is %s, was %d; not %s, %d", now, before, k+1, n.ID, n.Was, all[k], was)
				}
				i := e.items.at[n.ID]
				if want := agrees(e.g.Labels[i], e.g.Labels[7]); n.Agrees != want || n.Label != e.g.Labels[i] {
					t.Errorf("%s [%s] agrees %q, not %q", n.ID, n.Label, n.Agrees, want)
				}
			}
			if (got.Above >= 0) != (now == base) || (got.Before == "") != (now == before) {
				t.Errorf("%+v from %+v: %d above, before %q", now, before, got.Above, got.Before)
			}
		}
	}
	if _, err := e.find(t.Context(), settings{Query: "<b>"}, settings{}); err == nil {
		t.Error("a query that is not there")
	}
}

// TestExpand: expanded items are those of the gallery as settings compare it, the query too; a change of what does not
// count for it expands nothing again; one that nobody waits for any more is ended and not told.
func TestExpand(t *testing.T) {
	e := newExplorer(t, 30)
	raw := e.engine.(engine)
	var by []int
	e.g.Expand = func(_ context.Context, z *embedding.Embeddings, k int) (*embedding.Embeddings, error) {
		by = append(by, k)
		for i := range z.N {
			for j := range z.N {
				if want := oracle(raw, .3, i, j); math.Abs(z.Cosine(i, j)-want) > 1e-6 && z.E == 15 {
					t.Fatalf("items %d and %d: %v, not %v", i, j, z.Cosine(i, j), want)
				}
			}
		}
		out := *z
		out.Values = slices.Clone(z.Values)
		for i := range z.N { // each gives way to the next one
			copy(out.Row(i), z.Row((i+1)%z.N))
		}
		return &out, nil
	}
	plain := settings{Query: "Item-8", Kind: kindModel, Share: .3, K: 4}
	now := plain
	now.Query, now.Expand = "Item-7", 6
	want, err := e.find(t.Context(), plain, plain)
	if err != nil {
		t.Fatal(err)
	}
	before := plain
	before.Query = "Item-7"
	got, err := e.find(t.Context(), now, before)
	if err != nil {
		t.Fatal(err)
	}
	if got.Above != -1 || !strings.Contains(e.words(now), "6 nearest") || got.Before == "" {
		t.Errorf("%+v", got)
	}
	for k, n := range got.List {
		if i := e.items.at[n.ID]; e.g.IDs[(i+1)%30] != want.List[k].ID || n.Was < 1 {
			t.Errorf("%d is %s, was %d; the expanded one is that of %s", k, n.ID, n.Was, want.List[k].ID)
		}
	}
	other := now
	other.Query, other.K, other.Label = "Item-3", 9, "same"
	for _, s := range []settings{other, {Query: "Item-1", Kind: kindPlain, Share: .9, K: 3, Expand: 2},
		{Query: "Item-2", Kind: kindPlain, Share: .1, K: 3, Expand: 2}, now} {
		if _, err := e.find(t.Context(), s, s); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(by, []int{6, 2}) {
		t.Errorf("expanded by %v", by)
	}

	// It takes a while, and the user goes on.
	begun := make(chan struct{}, 1)
	e.g.Expand = func(ctx context.Context, z *embedding.Embeddings, k int) (*embedding.Embeddings, error) {
		if k != 9 {
			return z, nil
		}
		begun <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	}
	set := func(n int, expand int) {
		s := settings{Kind: kindModel, Share: .3, K: 4, Expand: expand}
		raw, err := json.Marshal(asked{Do: "set", Seq: fmt.Sprint(n), Settings: s})
		if err != nil {
			t.Fatal(err)
		}
		e.message(raw)
	}
	set(1, 9)
	<-begun
	e.takesLong()
	set(2, 8)
	idle(e)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.found.Settings.Expand != 8 || e.said != "" || e.done != "2" || e.slow {
		t.Errorf("%+v, said %q, request %s", e.found.Settings, e.said, e.done)
	}
}

// TestOffered: the id itself is offered first, then those that begin with what was typed; of many, twenty.
func TestOffered(t *testing.T) {
	ids := []string{"ba", "AB", "a", "xab", "b"}
	for i := range 30 {
		ids = append(ids, fmt.Sprintf("n%02d", i))
	}
	s := newItems(ids)
	for _, c := range []struct {
		text  string
		want  []int
		total int
	}{{"a", []int{2, 1, 0, 3}, 4}, {"AB", []int{1, 3}, 2}, {"zz", nil, 0}, {"xab", []int{3}, 1}} {
		got, total := s.offered(c.text)
		if !slices.Equal(got, c.want) || total != c.total {
			t.Errorf("%q: %v of %d, not %v of %d", c.text, got, total, c.want, c.total)
		}
	}
	if got, total := s.offered("N"); len(got) != mostOffered || total != 30 || got[0] != 5 {
		t.Errorf("%d of %d from %d", len(got), total, got[0])
	}
	if got, total := s.offered(""); len(got) != mostOffered || total != 35 {
		t.Errorf("nothing typed: %d of %d", len(got), total)
	}
}

// idle waits until nothing is looked for: what was begun ends by itself.
func idle(e *Explorer) {
	for done := false; !done; runtime.Gosched() {
		e.mu.Lock()
		done = !e.busy
		e.mu.Unlock()
	}
}

// TestMessages: what a page asks for is done; what it could not ask for, or is not there, changes nothing.
func TestMessages(t *testing.T) {
	e := newExplorer(t, 30)
	n := 0
	say := func(m map[string]any) {
		t.Helper()
		n++
		m["seq"] = fmt.Sprint(n)
		raw, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		e.message(raw)
		idle(e)
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.done != e.seq || e.done != fmt.Sprint(n) {
			t.Errorf("request %d is answered by %s", n, e.done)
		}
	}
	set := func(begin bool, s map[string]any) { say(map[string]any{"do": "set", "begin": begin, "settings": s}) }
	set(true, map[string]any{"kind": kindModel, "share": .5, "k": 4})
	set(false, map[string]any{"kind": kindModel, "share": .6, "k": 4})
	if e.before.Share != .25 || e.found.Settings.Share != .6 || len(e.found.List) != 4 || e.found.Before == "" {
		t.Errorf("one movement: from %+v to %+v", e.before, e.found.Settings)
	}
	set(true, map[string]any{"kind": "no such", "share": 7, "k": 5000, "label": "x", "query": "Item-9"})
	want := settings{Query: "Item-0", Kind: kindModel, Share: 1, K: mostShown}
	if e.before.Share != .6 || e.now != want {
		t.Errorf("from %+v to %+v, not %+v", e.before, e.now, want)
	}
	say(map[string]any{"do": "look", "text": "Item-9"})
	say(map[string]any{"do": "look", "text": "Item-99"})
	if e.found.Query.ID != "Item-9" || !strings.Contains(e.said, "did you mean") || len(e.past) != 1 {
		t.Errorf("%s: %q, past %q", e.found.Query.ID, e.said, e.past)
	}
	for range 5 {
		was := e.found.Query.ID
		if say(map[string]any{"do": "random"}); e.found.Query.ID == was {
			t.Errorf("by chance: again %s", was)
		}
	}
	for range 9 {
		say(map[string]any{"do": "back"})
	}
	if e.found.Query.ID != "Item-0" || len(e.past) != 0 {
		t.Errorf("back at %s, past %q", e.found.Query.ID, e.past)
	}
	say(map[string]any{"do": "judge", "left": "Item-0", "right": "Item-0", "verdict": same})
	say(map[string]any{"do": "judge", "left": "Item-0", "right": "<b>", "verdict": same})
	say(map[string]any{"do": "judge", "left": "Item-0", "right": "Item-1", "verdict": "perhaps"})
	if !strings.Contains(e.said, "perhaps") || e.told().Total != 0 {
		t.Errorf("%q, %+v", e.said, e.told())
	}
	say(map[string]any{"do": "judge", "left": "Item-0", "right": "Item-4", "verdict": different})
	if got := e.told(); got.Total != 1 || got.Against != 1 || !got.List[0].Against ||
		e.judged.marks("Item-0")["Item-4"] != different {
		t.Errorf("%+v", got)
	}
	e.engine = engine{}
	say(map[string]any{"do": "random"})
	if e.said != errEngine.Error() {
		t.Errorf("an engine that fails: %q", e.said)
	}
	e.message([]byte("{"))
}

// TestStatic: what stays in a notebook has pictures and a table, and ids and labels as text.
func TestStatic(t *testing.T) {
	e := newExplorer(t, 30)
	e.g.IDs[1], e.g.IDs[4] = `<script>"1`, "<b>4"
	f, err := e.find(t.Context(), settings{Query: "Item-0", Kind: kindModel, Share: .5, K: 25}, e.now)
	if err != nil {
		t.Fatal(err)
	}
	for _, pictures := range []bool{false, true} {
		if pictures {
			e.g.Picture = func(id string) image.Image {
				if id == "Item-2" {
					return nil
				}
				return image.NewGray(image.Rect(0, 0, 9, 7))
			}
		}
		data, err := e.staticBundle("view", f, map[string]string{`<script>"1`: different})
		if err != nil {
			t.Fatal(err)
		}
		text, page := data["text/plain"].(string), data["text/html"].(string)
		if strings.Contains(page, "<script>") || strings.Contains(page, "<b>4") || strings.Contains(page, "b<i>") ||
			!strings.Contains(page, "&lt;b&gt;4") || !strings.Contains(text, different) {
			t.Errorf("%s\n%s", text, page)
		}
		if _, ok := data["image/png"]; ok != pictures || strings.Contains(page, "data:image/png") != pictures {
			t.Errorf("pictures %v: %v", pictures, ok)
		}
	}
	want := []string{"3", "3 (up from 9)", "3 (down from 1)", "3 (new)", "3"}
	var got []string
	for _, was := range []int{0, 9, 1, -1, 3} {
		got = append(got, place(3, was))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// BenchmarkMove is what a movement of the share costs in the worker, for 20,000 items of 256 numbers in both spaces.
func BenchmarkMove(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n = 20_000
	e := newExplorer(b, n)
	e.engine = engine{Encoder: rows(rng, n, 256), Prepared: rows(rng, n, 256)}
	now := settings{Query: "Item-7", Kind: kindModel, Share: .4, K: 20}
	before := now
	before.Share = .5
	for query := 0; b.Loop(); query++ {
		now.Query = e.g.IDs[query%n] // a query of its own each time: a movement that goes on costs less
		if _, err := e.find(b.Context(), now, before); err != nil {
			b.Fatal(err)
		}
	}
}
