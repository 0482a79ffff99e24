package advise

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese/embedding"
)

const (
	voters = 10 // nearest training items that are asked
	// mostGiven is the largest posterior of a label that looks wrong. Of 40 labels flipped among 2,000 built-in images
	// .05 found 32, with 7 false alarms; without it there were 33 and 58. It was chosen on that draw; testdata/measure
	// makes others.
	mostGiven = .05
)

// judged is what the models of a fold say of its items.
type judged struct {
	items  []int
	logits [][]float32 // [items][classes], -Inf for classes that the model does not know
	votes  [][]int     // [items][voters] classes of the nearest
}

// labels looks for labels that look wrong.
func (r *runner) labels(ctx context.Context) error {
	names, class := r.frame.Classes()
	_, counts := r.frame.ClassCounts()
	large := 0
	for _, n := range counts {
		if n >= 3 {
			large++
		}
	}
	if large < 2 {
		r.refuse("no look at labels", fmt.Errorf("%d class(es) have three items or more: two are needed, of which one can "+
			"be left out", large))
		return nil
	}
	// More folds leave more to fit on, and no item may vouch for its own label.
	folds := min(mostFolds, slices.Max(counts))
	sides, err := split.FoldItems(r.frame, folds, split.ItemOptions{Stratify: true, Seed: r.opt.Seed, Groups: r.groups})
	if err != nil {
		r.refuse("no look at labels", err)
		return nil
	}
	found := make([]judged, len(sides))
	tell := r.teller(partLabels, len(sides))
	err = parallel.Each(ctx, len(sides), 0, func(_, k int) error {
		defer tell()
		var err error
		found[k], err = judge(ctx, r.frame, class, len(names), sides[k])
		return err
	})
	if err != nil {
		return err
	}
	r.advice.Labels = r.suspects(found, names, class)
	return nil
}

// judge returns what a model of the training side of a fold says of its test side.
func judge(ctx context.Context, all *data.Frame, class []int, classes int, s *split.Split) (judged, error) {
	out := judged{items: s.Test}
	f, err := directions(ctx, all, s.Train)
	if err != nil {
		return out, err
	}
	m, err := fit(ctx, f, s.Train)
	if err != nil {
		return out, err
	}
	train, known, err := m.rows(ctx, f.Select(s.Train))
	if err != nil {
		return out, err
	}
	test, asked, err := m.rows(ctx, f.Select(s.Test))
	if err != nil {
		return out, err
	}
	out.logits = m.logits(train, embedding.Pick(class, s.Train), classes, test)
	near, err := embedding.Nearest(asked, known, min(voters, known.N), false)
	for _, list := range near {
		var votes []int
		for _, n := range list {
			votes = append(votes, class[s.Train[n.Item]])
		}
		out.votes = append(out.votes, votes)
	}
	return out, err
}

// logits returns the logarithms of the posteriors of every class for the rows of test, but for a constant: in the
// coordinates of PLDA a class with n items of mean ū has its own mean, on an axis of variance ψ between classes, at
//
//	N(nψ/(1+nψ) ū, ψ/(1+nψ))
//
// and an item of it differs from that by N(0, 1) (Ioffe 2006). Classes are as probable as they are frequent.
func (m *model) logits(train *embedding.Embeddings, class []int, classes int, test *embedding.Embeddings) [][]float32 {
	k := m.plda.K()
	mean, count := make([]float64, classes*k), make([]float64, classes)
	u := make([]float64, k)
	for i, c := range class {
		m.coordinates(u, train.Row(i))
		for d, v := range u {
			mean[c*k+d] += v
		}
		count[c]++
	}
	spread, constant := make([]float64, classes*k), make([]float64, classes)
	for c, n := range count {
		constant[c] = math.Log(n / float64(len(class))) // -Inf without items
		for d, between := range m.plda.Between {
			if n > 0 {
				mean[c*k+d] *= between / (1 + n*between) // of the sum
			}
			spread[c*k+d] = 1 + between/(1+n*between)
			constant[c] -= math.Log(spread[c*k+d]) / 2
		}
	}
	out := make([][]float32, test.N)
	parallel.For(test.N, func(i int) {
		u := make([]float64, k)
		m.coordinates(u, test.Row(i))
		row := make([]float32, classes)
		for c := range classes {
			sum := constant[c]
			for d, v := range u {
				r := v - mean[c*k+d]
				sum -= r * r / spread[c*k+d] / 2
			}
			row[c] = float32(sum)
		}
		out[i] = row
	})
	return out
}

// coordinates writes the coordinates of a row in PLDA's axes to u.
func (m *model) coordinates(u []float64, row []float32) {
	clear(u)
	for j, v := range row {
		x := float64(v) - m.plda.Mean[j]
		for d, axis := range m.plda.Axes[j*len(u) : (j+1)*len(u)] {
			u[d] += x * axis
		}
	}
}

// softmax writes the probabilities of logits at a temperature to p.
func softmax(p []float64, logits []float32, temperature float64) {
	most := float64(slices.Max(logits))
	sum := 0.
	for c, v := range logits {
		p[c] = math.Exp((float64(v) - most) / temperature)
		sum += p[c]
	}
	for c := range p {
		p[c] /= sum
	}
}

// suspects returns the check of labels.
func (r *runner) suspects(found []judged, names []string, class []int) *LabelCheck {
	out := &LabelCheck{}
	type item struct {
		number int
		logits []float32
		votes  []int
	}
	var items []item
	for _, one := range found {
		for k, i := range one.items {
			if math.IsInf(float64(one.logits[k][class[i]]), -1) { // the only one of its class outside the training side
				out.Unchecked++
				continue
			}
			items = append(items, item{i, one.logits[k], one.votes[k]})
		}
	}
	out.Checked = len(items)
	p := make([]float64, len(names))
	out.Temperature = temperature(len(items), p, func(k int) ([]float32, int) {
		return items[k].logits, class[items[k].number]
	})
	// What items of a label have on average: the threshold of its class.
	own, count := make([]float64, len(names)), make([]float64, len(names))
	agree := 0
	for _, one := range items {
		softmax(p, one.logits, out.Temperature)
		c := class[one.number]
		own[c] += p[c]
		count[c]++
		if best(p) == c {
			agree++
		}
	}
	// Where labels of a class are often wrong or hard, less is asked of an item to count as one of it.
	for c, n := range count {
		own[c] /= n // NaN for none, which nothing reaches
	}
	if len(items) > 0 {
		out.Agreement = float64(agree) / float64(len(items))
	}
	for _, one := range items {
		softmax(p, one.logits, out.Temperature)
		given, to := class[one.number], -1
		for c, v := range p {
			if v >= own[c] && (to < 0 || v > p[to]) {
				to = c
			}
		}
		if to < 0 || to == given || p[given] > mostGiven {
			continue
		}
		// Neighbours are asked too, since they err otherwise than normal distributions do.
		votes := map[int]int{}
		for _, c := range one.votes {
			votes[c]++
		}
		if 2*votes[to] < len(one.votes) || votes[to] <= votes[given] {
			continue
		}
		out.Suspects = append(out.Suspects, Suspect{ID: r.frame.IDs[one.number], Item: r.items[one.number],
			Label: names[given], Suggested: names[to], Probability: p[to], Given: p[given],
			Neighbours: float64(votes[to]) / float64(len(one.votes))})
	}
	slices.SortFunc(out.Suspects, func(a, b Suspect) int {
		return cmp.Or(cmp.Compare(b.Probability*a.Given, a.Probability*b.Given), cmp.Compare(a.Item, b.Item))
	})
	return out
}

// best returns the place of the largest number.
func best(p []float64) int {
	at := 0
	for c, v := range p {
		if v > p[at] {
			at = c
		}
	}
	return at
}

// temperature returns that at which the labels of n items are the most probable, out of 1 to 64 in steps of 2^(1/4).
func temperature(n int, p []float64, item func(k int) (logits []float32, class int)) float64 {
	chosen, least := 1., math.Inf(1)
	for step := range 25 {
		t, loss := math.Exp2(float64(step)/4), 0.
		for k := range n {
			logits, class := item(k)
			softmax(p, logits, t)
			loss -= math.Log(max(p[class], 1e-12))
		}
		if loss < least {
			chosen, least = t, loss
		}
	}
	return chosen
}
