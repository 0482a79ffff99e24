package scan

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// matrix returns n rows of unit length; every seventh is a copy of an earlier one, and row 3 is zero.
func matrix(rng *rand.Rand, n, width int) []float32 {
	out := make([]float32, n*width)
	for i := range n {
		row := out[i*width:][:width]
		if i%7 == 6 {
			copy(row, out[rng.IntN(i)*width:][:width])
			continue
		}
		var sum float64
		for k := range row {
			row[k] = float32(rng.NormFloat64())
			sum += float64(row[k]) * float64(row[k])
		}
		for k := range row {
			row[k] = float32(float64(row[k]) / math.Sqrt(sum))
		}
		if i == 3 {
			clear(row)
		}
	}
	return out
}

func exact(queries, rows []float32, width int) func(q, r int) float32 {
	return func(q, r int) float32 {
		var sum float64
		for k, v := range queries[q*width:][:width] {
			sum += float64(v) * float64(rows[r*width+k])
		}
		return float32(max(-1, min(1, sum)))
	}
}

// oracle scores and sorts all rows.
func oracle(q, n int, want Want) []Found {
	out := make([]Found, q)
	for i := range out {
		var all []Hit
		for r := range n {
			if s := want.Exact(i, r); s >= want.Floor && (want.Skip == nil || !want.Skip(i, r)) {
				all = append(all, Hit{int32(r), s})
			}
		}
		slices.SortFunc(all, Compare)
		if want.Count {
			out[i].Count = len(all)
		}
		out[i].Hits = all[:min(want.K, len(all))]
	}
	return out
}

func wantSame(t *testing.T, name string, got, want []Found) {
	t.Helper()
	for i := range want {
		if !slices.Equal(got[i].Hits, want[i].Hits) || got[i].Count != want[i].Count {
			t.Fatalf("%s, query %d: %v, want %v", name, i, got[i], want[i])
		}
	}
}

// Every kernel finds what sorting all scores finds: few and many queries, any width, one row to several tiles, all K,
// a floor, counts and rows left out.
func TestFloats(t *testing.T) {
	for _, k := range kernels() {
		was := fastest
		fastest = k
		rng := rand.New(rand.NewPCG(1, 2))
		for _, size := range [][3]int{{1, 1, 1}, {3, 50, 5}, {8, 3000, 37}, {9, 13, 16}, {40, 1201, 19}, {70, 500, 256},
			{130, 37, 3}, {2, 700, 256}} {
			q, n, width := size[0], size[1], size[2]
			queries, rows := matrix(rng, q, width), matrix(rng, n, width)
			get := func(_ []float32, from, to int) []float32 { return rows[from*width : to*width] }
			for _, want := range []Want{{K: 1}, {K: 10}, {K: 10, Skip: func(q, r int) bool { return (q+r)%3 == 0 }},
				{K: n}, {K: 7, Floor: .2, Count: true}, {K: 2, Floor: 0, Count: true}, {K: 5, Floor: 2}} {
				if want.Floor == 0 && !want.Count {
					want.Floor = -2
				}
				want.Exact = exact(queries, rows, width)
				want.Margin = func(int) float64 { return Margin(width, 1.0001, 1.0001) }
				got, err := Floats(t.Context(), queries, q, width, get, n, want)
				if err != nil {
					t.Fatal(err)
				}
				wantSame(t, fmt.Sprintf("%s %v K=%d floor=%v", k.name, size, want.K, want.Floor), got,
					oracle(q, n, want))
			}
		}
		fastest = was
	}
}

// Rows that are all alike, scores beyond 1 and -1, which are cut and then tie, and a worst order: each row better than
// those before.
func TestFloatsOfTies(t *testing.T) {
	const n, q, width = 5000, 12, 24
	for name, number := range map[string]func(i, k int) float32{
		"alike":   func(_, k int) float32 { return float32(k) / 100 },
		"beyond":  func(i, _ int) float32 { return 1 + float32(i%5)/10 },
		"below":   func(i, _ int) float32 { return -1 - float32(i%5)/10 },
		"rising":  func(i, _ int) float32 { return .2 * float32(i) / n },
		"nothing": func(int, int) float32 { return 0 },
	} {
		rows, queries := make([]float32, n*width), make([]float32, q*width)
		for i := range rows {
			rows[i] = number(i/width, i%width)
		}
		for i := range queries {
			queries[i] = .2
		}
		want := Want{K: 20, Floor: -2, Exact: exact(queries, rows, width),
			Margin: func(int) float64 { return Margin(width, 1, 10) }}
		got, err := Floats(t.Context(), queries, q, width,
			func(buf []float32, from, to int) []float32 { return buf[:copy(buf, rows[from*width:to*width])] }, n, want)
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, name, got, oracle(q, n, want))
	}
}

// Scores of codes are integer products times the scale of the row, whatever the number of queries.
func TestCodes(t *testing.T) {
	if !HasCodes() {
		// The decoded rows are scanned instead, by Floats: see package search.
		t.Log("this processor has no kernel of bytes")
		return
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for _, size := range [][3]int{{1, 1, 1}, {8, 1000, 64}, {9, 4001, 70}, {45, 333, 256}} {
		q, n, width := size[0], size[1], size[2]
		queries, rows := matrix(rng, q, width), matrix(rng, n, width)
		wide := CodeWidth(width)
		tile, of := NewCodeTile(n, width), NewCodeTile(q, width)
		for i := range n {
			tile.Sums[i], tile.Scales[i] = Encode(tile.Codes[i*wide:][:wide], rows[i*width:][:width])
		}
		for i := range q {
			of.Sums[i], of.Scales[i] = Encode(of.Codes[i*wide:][:wide], queries[i*width:][:width])
		}
		want := Want{K: 12, Floor: -2}
		got, err := Codes(t.Context(), queries, q, width, func(_ CodeTile, from, to int) CodeTile {
			return CodeTile{tile.Codes[from*wide : to*wide], tile.Sums[from:to], tile.Scales[from:to]}
		}, n, want)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range got {
			slices.SortFunc(f.Hits, Compare)
		}
		want.Floor, want.Exact = float32(math.Inf(-1)), func(i, r int) float32 {
			var sum int32
			for k := range wide {
				sum += int32(of.Codes[i*wide+k]) * int32(tile.Codes[r*wide+k])
			}
			if score := float64(sum) * float64(of.Scales[i]*tile.Scales[r]); width > 9 &&
				math.Abs(score-float64(exact(queries, rows, width)(i, r))) > .03 {
				t.Fatalf("%v: the score of codes %v is far from the right one", size, score)
			}
			return float32(sum) * tile.Scales[r]
		}
		wantSame(t, fmt.Sprint(size), got, oracle(q, n, want))
	}
}

// The largest sums of codes are right, for one query and for a panel.
func TestWidestCodes(t *testing.T) {
	if !HasCodes() {
		t.Log("this processor has no kernel of bytes")
		return
	}
	const n = 13
	rows := make([]float32, n*MaxCodes)
	for i := range rows {
		rows[i] = []float32{1, -1}[i/MaxCodes%2] / 256 // of unit length
	}
	tile := NewCodeTile(n, MaxCodes)
	for i := range n {
		tile.Sums[i], tile.Scales[i] = Encode(tile.Codes[i*MaxCodes:][:MaxCodes], rows[i*MaxCodes:][:MaxCodes])
	}
	for _, q := range []int{1, n} {
		got, err := Codes(t.Context(), rows, q, MaxCodes, func(_ CodeTile, from, to int) CodeTile {
			return CodeTile{tile.Codes[from*MaxCodes : to*MaxCodes], tile.Sums[from:to], tile.Scales[from:to]}
		}, n, Want{K: n})
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range got {
			for _, h := range f.Hits {
				want := float32(127*MaxCodes) / 256 // in units of the query's scale
				if int(h.Row)%2 != i%2 {
					want = -want
				}
				if math.Abs(float64(h.Score/want-1)) > 1e-5 {
					t.Errorf("query %d, row %d: %v, want %v", i, h.Row, h.Score, want)
				}
			}
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("enough")
	rows := make([]float32, 100000)
	get := func(_ []float32, from, to int) []float32 {
		cancel(reason)
		return rows[from:to]
	}
	if _, err := Floats(ctx, []float32{1}, 1, 1, get, len(rows), Want{K: 1}); !errors.Is(err, reason) {
		t.Errorf("the error is %v", err)
	}
}

func BenchmarkFloats(b *testing.B) {
	const q, n, width = 1000, 20000, 256
	rng := rand.New(rand.NewPCG(5, 6))
	queries, rows := matrix(rng, q, width), matrix(rng, n, width)
	get := func(_ []float32, from, to int) []float32 { return rows[from*width : to*width] }
	for _, k := range kernels() {
		b.Run(fmt.Sprintf("%s/Q=%d/N=%d/E=%d/K=10", k.name, q, n, width), func(b *testing.B) {
			was := fastest
			fastest = k
			for b.Loop() {
				if _, err := Floats(b.Context(), queries, q, width, get, n, Want{K: 10, Floor: -2,
					Exact: exact(queries, rows, width), Margin: func(int) float64 { return Margin(width, 1, 1) }}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*q/b.Elapsed().Seconds(), "queries/s")
			fastest = was
		})
	}
}
