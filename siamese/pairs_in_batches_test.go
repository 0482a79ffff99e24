package siamese

import (
	"encoding/csv"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

// judgedTable returns n pairs of so many items, some of them again, graded or of no weight.
func judgedTable(rng *rand.Rand, items, n int) Pairs {
	var p Pairs
	for k := range n {
		left := int32(rng.IntN(items))
		right := (left + 1 + int32(rng.IntN(items-1))) % int32(items)
		if k > 0 && rng.IntN(10) == 0 {
			left, right = p.Right[k-1], p.Left[k-1]
		}
		p.Left, p.Right = append(p.Left, left), append(p.Right, right)
		p.Label, p.Weight = append(p.Label, []float32{0, 0.25, 1}[rng.IntN(3)]), append(p.Weight, float32(rng.IntN(4))/2)
	}
	return p
}

func judgedSamplerOf(t *testing.T, p Pairs, n, size int) *judgedSampler {
	t.Helper()
	cfg := batchOptions{BatchPairs: size / 2, Devices: 1}
	table, err := newTableBatches(cfg, p, n)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newJudgedSampler(cfg, table, n)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// told returns what the labels and weights of a batch say of its pairs, by items, the lower one first.
func told(s *judgedSampler, t *testing.T, b batches, at int) map[[2]int32][2]float32 {
	t.Helper()
	part := b.part(at, at+1, len(b.items)/s.size)
	out := map[[2]int32][2]float32{}
	for k := range s.most {
		x, y := part.items[int(part.labels[k])], part.items[int(part.labels[s.most+k])]
		same, different := part.labels[2*s.most+k], part.weights[2*s.most+k]
		key := [2]int32{min(x, y), max(x, y)}
		if _, again := out[key]; again && x != y {
			t.Fatalf("items %d and %d are told twice", x, y)
		}
		if same+different > 0 {
			out[key] = [2]float32{same, different}
		}
	}
	return out
}

// A batch has no item twice and is told all that is known of its items and nothing else; every pair comes before one comes
// again, over draws too; the same seeds give the same batches.
func TestJudgedSampler(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	for range 40 {
		n := 12 + rng.IntN(60)
		p := judgedTable(rng, n, 30+rng.IntN(300))
		size := 2 * (1 + rng.IntN(5))
		s, again := judgedSamplerOf(t, p, n, size), judgedSamplerOf(t, p, n, size)
		want := map[[2]int32][2]float32{} // of all items
		for k := range p.Label {
			key := [2]int32{min(p.Left[k], p.Right[k]), max(p.Left[k], p.Right[k])}
			was := want[key]
			if w := p.Weight[k]; w > 0 {
				want[key] = [2]float32{was[0] + w*p.Label[k], was[1] + w*(1-p.Label[k])}
			}
		}
		all := len(want)
		came := map[[2]int32]bool{}
		const batches = 60
		for draw := uint64(0); len(came) < all; draw++ {
			if draw > 40 {
				t.Fatalf("%d of %d pairs came in %d draws", len(came), all, draw)
			}
			drawn, err := s.draw(batches, streams.Rand(draw, 1), nil)
			if err != nil {
				t.Fatal(err)
			}
			if other, err := again.draw(batches, streams.Rand(draw, 1), nil); err != nil || !cmp.Equal(other, drawn, cmp.AllowUnexported(drawn)) {
				t.Fatalf("%v: the same seeds gave other batches", err)
			}
			for b := range batches {
				items := drawn.items[b*size : (b+1)*size]
				found, known := told(s, t, drawn, b), map[[2]int32][2]float32{}
				for i, item := range items {
					for _, other := range items[:i] {
						if item == other {
							t.Fatalf("item %d is twice in a batch", item)
						}
						key := [2]int32{min(item, other), max(item, other)}
						if amounts, ok := want[key]; ok {
							known[key], came[key] = amounts, true
						}
					}
				}
				if diff := cmp.Diff(known, found); diff != "" {
					t.Fatalf("what is known and what is told differ: %s", diff)
				}
			}
		}
	}
}

// Items that were judged with each other come together: there are more judged pairs than in batches of pairs drawn at random.
func TestJudgedSamplerIsDense(t *testing.T) {
	const n, size, batches = 2000, 64, 50
	p := judgedTable(rand.New(rand.NewPCG(2, 2)), n, 20_000)
	s := judgedSamplerOf(t, p, n, size)
	drawn, err := s.draw(batches, streams.Rand(1, 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for b := range batches {
		found += len(told(s, t, drawn, b))
	}
	if mean := float64(found) / batches; mean < 1.5*size/2 {
		t.Errorf("a batch of %d items has %v judged pairs", size, mean)
	}
}

// Where more is known of a batch than fits, the pairs that brought items into it are told all the same.
func TestJudgedSamplerLimit(t *testing.T) {
	const n, size = 40, 16
	p := judgedTable(rand.New(rand.NewPCG(2, 2)), n, 3000)
	s := judgedSamplerOf(t, p, n, size)
	s.most = 9
	d := &judgedDraw{judgedSampler: s, rng: streams.Rand(3, 3), place: make([]int, n)}
	for _, stratum := range s.table.strata {
		d.queues = append(d.queues, newQueue(stratum.places, nil, d.rng))
	}
	for range 50 {
		d.batch()
		b := batches{items: slices.Clone(d.items), labels: make([]float32, 3*s.most), weights: make([]float32, 3*s.most)}
		d.tell(b.labels, b.weights)
		found := told(s, t, b, 0)
		for _, k := range d.came {
			if _, ok := found[[2]int32{min(p.Left[k], p.Right[k]), max(p.Left[k], p.Right[k])}]; !ok {
				t.Fatalf("pair %d came and is not told", k)
			}
		}
		if len(d.came) == 0 || len(found) != s.most {
			t.Fatalf("%d pairs came, %d are told", len(d.came), len(found))
		}
	}
}

// The graph's relation is what was told, both ways, and nothing of other pairs.
func TestJudgedGraph(t *testing.T) {
	const n, size = 30, 12
	p := judgedTable(rand.New(rand.NewPCG(7, 2)), n, 100)
	s := judgedSamplerOf(t, p, n, size)
	drawn, err := s.draw(1, streams.Rand(1, 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	found := told(s, t, drawn, 0)
	onBackends(t, func(t *testing.T, backend *Backend) {
		out := run1(t, backend, func(in []*Node) []*Node {
			rel := judgedGraph(in[0], in[1], size)
			return []*Node{rel.Positive, rel.Negative}
		}, vector(drawn.labels), vector(drawn.weights))
		for a, x := range drawn.items {
			for b, y := range drawn.items {
				want := found[[2]int32{min(x, y), max(x, y)}]
				if got := [2]float32{out[0][a*size+b], out[1][a*size+b]}; got != want {
					t.Errorf("items %d and %d: %v, want %v", x, y, got, want)
				}
			}
		}
	})
}

// Losses on all pairs of a batch learn from pairs that were judged one by one, also where most are not.
func TestTrainPairsInBatches(t *testing.T) {
	items, train, val := pairsCase(t)
	train = train.pick(places(train)[:900]) // 900 of 7,140
	for _, name := range []string{"triplet", "ntxent", "supcon", "multi-similarity", "circle", "mse"} {
		onOneOfMany(t, name == "supcon", func(t *testing.T, backend *Backend) {
			cfg := toyConfig()
			cfg.Loss, cfg.Monitor = lossOf(name), MonitorAUC
			result, err := TrainPairs(t.Context(), backend, cfg, items, train, val, TrainOptions{})
			if err != nil {
				t.Fatal(err)
			}
			report, err := EvaluatePairs(t.Context(), backend, result.Model, name, items, train, val)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: ROC-AUC %.3f from %.3f", name, report.Trained.ROCAUC, report.Baseline.ROCAUC)
			if report.Trained.ROCAUC < 0.9 || report.Trained.ROCAUC < report.Baseline.ROCAUC+0.05 {
				t.Errorf("%v", report)
			}
		})
	}
}

// A batch whose loss is not finite is saved as the pairs that were told.
func TestNotFiniteBatchOfJudgedPairs(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	items, train, val := pairsCase(t)
	cfg := toyConfig()
	cfg.Loss, cfg.Monitor, cfg.Preprocess.Scale = lossOf("supcon"), MonitorAUC, preprocess.ScaleNone
	for k := range items.F() {
		items.X[int(train.Left[0])*items.F()+k] = 3e38
	}
	_, err = TrainPairs(t.Context(), backend, cfg, items, train, val, TrainOptions{})
	var lost *NotFiniteError
	if !errors.As(err, &lost) {
		t.Fatalf("got %v", err)
	}
	rows, err := csv.NewReader(strings.NewReader(lost.Batch)).ReadAll()
	if err != nil || len(rows) < 50 || !cmp.Equal(rows[0], []string{"left", "right", "same", "different"}) {
		t.Fatalf("%v: %d rows, %q", err, len(rows), rows[0])
	}
	for _, row := range rows[1:] {
		k := slices.IndexFunc(places(train), func(k int32) bool {
			l, r := items.IDs[train.Left[k]], items.IDs[train.Right[k]]
			return l == row[0] && r == row[1] || l == row[1] && r == row[0]
		})
		if k < 0 || train.same(k) != (row[3] == "0") {
			t.Fatalf("row %q is pair %d", row, k)
		}
	}
}
