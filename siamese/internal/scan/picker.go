package scan

import (
	"cmp"
	"math"
	"slices"
)

// Hit is a row that was found.
type Hit struct {
	Row   int32
	Score float32
}

// Compare orders hits: the highest score first, ties by row.
func Compare(a, b Hit) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Row, b.Row)) }

// before is Compare for scores that are not NaN, in half of the time.
func (h Hit) before(o Hit) bool { return h.Score > o.Score || h.Score == o.Score && h.Row < o.Row }

// Want says what is looked for.
type Want struct {
	K int // rows of each query, at least 1

	// Exact returns the score of a row, in [-1, 1], by which rows are found and ordered. It is called by several goroutines.
	// nil = the score of the kernel, which is not cut to [-1, 1]; hits then have no order, since they are ranked again.
	Exact func(query, row int) float32
	// Margin is how far the kernel's score of a query may be from the exact one before that is cut to [-1, 1]; see [Margin].
	Margin func(query int) float64

	Floor float32 // exact scores below it are not wanted; with Exact only. Below -1 = all are.
	Count bool    // count all rows at or above Floor, also where they are more than K
	// Skip leaves out rows; nil = none.
	Skip func(query, row int) bool
}

// Margin returns the most by which two float32 sums of width products can differ, whatever their orders: twice the
// bound of Higham, Accuracy and Stability of Numerical Algorithms, section 3.1, with some more for the arithmetic of
// limits. query and row are the norms, the largest of all rows.
func Margin(width int, query, row float64) float64 {
	n := float64(width + 8)
	return 2*1.05*n/(1<<24)*query*row + n*math.SmallestNonzeroFloat32
}

// Found is what a scan found for one query: the best rows in order, and with Want.Count how many there are.
type Found struct {
	Hits  []Hit
	Count int
}

// picker keeps the best rows of one query.
type picker struct {
	*Want
	query  int
	margin float64
	limit  *float32 // where the kernel reads it; it only rises
	hits   []Hit    // by the kernel's score
	sure   []Hit    // by the exact score, at most K
	count  int
}

// start sets the first limit.
func (p *picker) start() {
	*p.limit = float32(math.Inf(-1))
	if p.Exact != nil {
		if p.margin = p.Margin(p.query); p.Floor > -1 {
			*p.limit = below(float64(p.Floor) - p.margin)
		}
	}
}

// below returns a float32 at or below x.
func below(x float64) float32 {
	f := float32(x)
	if float64(f) > x {
		f = math.Nextafter32(f, float32(math.Inf(-1)))
	}
	return f
}

// add takes a row whose kernel's score is at or above the limit that was valid when it was computed.
func (p *picker) add(row int32, score float32) {
	if score < *p.limit || p.Skip != nil && p.Skip(p.query, int(row)) {
		return
	}
	if p.Count {
		if float64(score) < float64(p.Floor)+p.margin && p.Exact(p.query, int(row)) < p.Floor {
			return
		}
		p.count++
	}
	p.hits = append(p.hits, Hit{row, score})
	if len(p.hits) >= 2*p.K+64 {
		p.thin()
	}
}

// thin drops hits that cannot be among the K best and raises the limit.
func (p *picker) thin() {
	nth(p.hits, p.K-1)
	worst := p.hits[p.K-1].Score
	if p.Exact == nil {
		p.hits = p.hits[:p.K]
		*p.limit = worst // a tie has a higher row, but other goroutines do not share the limit: keep it simple
		return
	}
	p.raise(float64(worst) - p.margin)
	cut := below(max(float64(*p.limit), p.cutoff(float64(worst)-p.margin)))
	p.hits = slices.DeleteFunc(p.hits, func(h Hit) bool { return h.Score < cut })
	if len(p.hits) > p.K+p.K/2+32 { // many are alike
		p.settle()
	}
}

// cutoff returns the kernel's score below which no row has an exact score of at least the K-th best, which is known to
// be at least worst before it is cut to [-1, 1].
func (p *picker) cutoff(worst float64) float64 {
	if worst <= -1 { // all that are cut to -1 are equal
		return math.Inf(-1)
	}
	return min(worst, 1) - p.margin
}

// raise raises the limit for a K-th best of at least worst.
func (p *picker) raise(worst float64) {
	if !p.Count { // else all are counted
		*p.limit = max(*p.limit, below(p.cutoff(worst)))
	}
}

// settle scores all hits exactly and keeps the K best.
func (p *picker) settle() {
	if p.Exact == nil {
		if len(p.hits) > p.K {
			nth(p.hits, p.K-1)
		}
		p.sure = p.hits[:min(p.K, len(p.hits))]
		return
	}
	for _, h := range p.hits {
		if h.Score = p.Exact(p.query, int(h.Row)); h.Score >= p.Floor {
			p.sure = append(p.sure, h)
		}
	}
	p.hits = p.hits[:0]
	slices.SortFunc(p.sure, Compare)
	if len(p.sure) >= p.K {
		p.sure = p.sure[:p.K]
		p.raise(float64(p.sure[p.K-1].Score))
	}
}

// finish returns the rows found, in order.
func (p *picker) finish() Found {
	if p.Exact != nil && len(p.hits) > p.K {
		nth(p.hits, p.K-1)
		cut := below(p.cutoff(float64(p.hits[p.K-1].Score) - p.margin))
		p.hits = slices.DeleteFunc(p.hits, func(h Hit) bool { return h.Score < cut })
	}
	p.settle()
	return Found{Hits: slices.Clone(p.sure), Count: p.count}
}

// nth puts the n best hits before all others and the next one at place n, in no other order (Hoare's selection).
func nth(h []Hit, n int) {
	for low, high := 0, len(h)-1; low < high; {
		pivot := h[low+(high-low)/2]
		i, j := low, high
		for i <= j {
			for h[i].before(pivot) {
				i++
			}
			for pivot.before(h[j]) {
				j--
			}
			if i <= j {
				h[i], h[j] = h[j], h[i]
				i++
				j--
			}
		}
		switch {
		case n <= j:
			high = j
		case n >= i:
			low = i
		default:
			return
		}
	}
}

// merge returns the best of what several parts of the rows have.
func merge(parts []Found, k int) Found {
	if len(parts) == 1 {
		return parts[0]
	}
	var all Found
	for _, p := range parts {
		all.Hits = append(all.Hits, p.Hits...)
		all.Count += p.Count
	}
	slices.SortFunc(all.Hits, Compare)
	all.Hits = all.Hits[:min(k, len(all.Hits))]
	return all
}
