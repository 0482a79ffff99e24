package search

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/go-siamese/lab/siamese/study/space"
)

// Importance is how much a setting matters.
type Importance struct {
	Name  string  `json:"name"`
	Share float64 `json:"share"` // of all settings; shares add up to 1
}

// String returns the setting and its share.
func (i Importance) String() string { return fmt.Sprintf("%s %.1f %%", i.Name, 100*i.Share) }

// gridSteps is the number of places of a range that are told apart.
const gridSteps = 50

// Importances returns how much each setting matters for being among the best tenth of the complete trials, the most
// important first: by PED-ANOVA (Watanabe et al. 2023) with conditions (Conditional PED-ANOVA, 2026), as Optuna 5.0 has
// it by default. It compares where the best tenth lie along a setting with where all trials do, so that it is of the
// trials and not of the space; with fewer than some 50 trials it says little. Settings that nothing is known of share
// evenly. It is nil for an empty space.
func Importances(s space.Space, trials []Trial) []Importance {
	var all []Trial
	for _, t := range trials {
		if t.State == Complete && !math.IsNaN(t.Score) && !math.IsInf(t.Score, 0) {
			all = append(all, t)
		}
	}
	out := make([]Importance, len(s))
	total := 0.
	top := topTenth(all)
	for i, p := range s {
		out[i] = Importance{p.Name, divergence(p, all, top)}
		total += out[i].Share
	}
	for i := range out {
		if total > 0 {
			out[i].Share /= total
		} else {
			out[i].Share = 1 / float64(len(s))
		}
	}
	slices.SortStableFunc(out, func(a, b Importance) int { return cmp.Compare(b.Share, a.Share) })
	return out
}

// topTenth returns the trials that are as good as the best tenth, rounded up.
func topTenth(all []Trial) []Trial {
	if len(all) < 2 {
		return nil
	}
	scores := make([]float64, len(all))
	for i, t := range all {
		scores[i] = -t.Score
	}
	slices.Sort(scores)
	cut := -scores[int(math.Ceil(.1*float64(len(all))))-1]
	return slices.DeleteFunc(slices.Clone(all), func(t Trial) bool { return t.Score < cut })
}

// divergence returns the Pearson divergence of the best trials' values of a setting from all trials', as far as the
// setting has an effect: what it is worth falls with the share of trials in which it has none.
func divergence(p space.Param, all, top []Trial) float64 {
	of := func(trials []Trial) (values []float64) {
		for _, t := range trials {
			if v, ok := t.Point[p.Name]; ok {
				values = append(values, v)
			}
		}
		return values
	}
	values, best := of(all), of(top)
	if len(values) < 2 || len(best) == 0 {
		return 0
	}
	alpha, beta := float64(len(best))/float64(len(top)), float64(len(values))/float64(len(all))
	quantile := float64(len(top)) / float64(len(all))
	a, b := onGrid(p, best), onGrid(p, values)
	sum := 0.
	for i := range a {
		a, b := a[i]+1e-12, b[i]+1e-12
		sum += b * (a/b - 1) * (a/b - 1)
	}
	return alpha * alpha / beta * sum * quantile * quantile
}

// onGrid returns the probabilities of the places of a setting, smoothed: by [newChoices], or by normal distributions
// whose width follows Scott's rule.
func onGrid(p space.Param, values []float64) []float64 {
	if p.Kind == space.KindChoice {
		counts := make([]int, len(p.Choices))
		for _, v := range values {
			counts[int(v)]++
		}
		places, weights := occupied(counts)
		return mixtureOf(newChoices(len(counts), places), weights, len(counts))
	}
	low, high := p.Low, p.High
	steps := gridSteps
	if p.Kind == space.KindInt && p.Log {
		steps = min(int(math.Ceil(math.Log(high-low+1)/math.Log(2)))+1, steps)
	} else if p.Kind == space.KindInt {
		steps = min(int(high-low)+1, steps)
	}
	if p.Log {
		low, high = math.Log(low), math.Log(high)
	}
	counts := make([]int, steps)
	width := (high - low) / float64(steps-1)
	for _, v := range values {
		if p.Log {
			v = math.Log(v)
		}
		counts[min(max(int(math.Ceil((v-low)/width-.5)), 0), steps-1)]++
	}
	places, weights := occupied(counts)
	return mixtureOf(scott(places, weights, steps), weights, steps)
}

// occupied returns the places that have values, and how many.
func occupied(counts []int) (places, weights []float64) {
	for i, n := range counts {
		if n > 0 {
			places, weights = append(places, float64(i)), append(weights, float64(n))
		}
	}
	return places, weights
}

// mixtureOf returns the probabilities of places 0 to n-1 under components with weights and a last one of weight 1.
func mixtureOf(of kernels, weights []float64, n int) []float64 {
	m := parzen{of: []kernels{of}}
	total := 1.
	for _, w := range weights {
		total += w
	}
	for _, w := range append(slices.Clone(weights), 1) {
		m.weights = append(m.weights, w/total)
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = math.Exp(m.log([]float64{float64(i)}))
	}
	return out
}

// scott returns normal distributions at the places of a grid, of one width by Scott's rule (1992) for counted values,
// and a wide one.
func scott(places, weights []float64, steps int) *normals {
	low, high := 0., float64(steps-1)
	total, mean, square := 0., 0., 0.
	var sums []float64
	for i, w := range weights {
		total += w
		sums = append(sums, total)
		mean += w * places[i]
	}
	mean /= total
	for i, w := range weights {
		square += w * (places[i] - mean) * (places[i] - mean)
	}
	sd := math.Sqrt(square / max(1, total-1))
	// Quartiles as Optuna has them: of whole counts.
	first, _ := slices.BinarySearch(sums, math.Floor(total/4))
	third, found := slices.BinarySearch(sums, math.Floor(total*3/4))
	if found {
		third++
	}
	between := places[min(len(places)-1, third)] - places[first]
	width := max(1.059*min(between/1.34, sd)*math.Pow(total, -.2), .5/1.64)
	n := &normals{p: space.Param{Kind: space.KindInt, Low: low, High: high}, low: low - .5, high: high + .5}
	for _, at := range places {
		n.mean, n.sd = append(n.mean, at), append(n.sd, width)
	}
	n.mean, n.sd = append(n.mean, (low+high)/2), append(n.sd, high-low+1)
	for k := range n.mean {
		n.mass = append(n.mass, logMass((n.low-n.mean[k])/n.sd[k], (n.high-n.mean[k])/n.sd[k]))
	}
	return n
}
