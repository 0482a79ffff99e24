package metric

import (
	"cmp"
	"math"
	"slices"
)

// The oracles here are written from the definitions, in quadratic time, and share nothing with the code they check.

// oracleVerification returns the metrics by trying every threshold.
func oracleVerification(scores []float64, same []bool, weights []float64, opt VerificationOptions) Verification {
	opt = opt.withDefaults()
	w := func(i int) float64 {
		if weights == nil {
			return 1
		}
		return weights[i]
	}
	var v Verification
	var auc float64
	for i := range scores {
		if !same[i] {
			v.Negatives += w(i)
			continue
		}
		v.Positives += w(i)
		for j := range scores {
			if same[j] {
				continue
			}
			switch {
			case scores[i] > scores[j]:
				auc += w(i) * w(j)
			case scores[i] == scores[j]:
				auc += w(i) * w(j) / 2
			}
		}
	}
	v.ROCAUC = auc / v.Positives / v.Negatives

	thresholds := slices.Clone(scores)
	slices.Sort(thresholds)
	thresholds = slices.Compact(thresholds)
	slices.Reverse(thresholds)
	accepted := func(t float64) (tp, fp float64) {
		for i, s := range scores {
			if s >= t && same[i] {
				tp += w(i)
			} else if s >= t {
				fp += w(i)
			}
		}
		return tp, fp
	}
	for _, f := range opt.FPRs {
		v.FNRAtFPR = append(v.FNRAtFPR, OperatingPoint{Want: f, FNR: 1})
	}
	for b, p := range []*Prevalent{&v.Natural, &v.Balanced} {
		wp, wn := 1/(v.Positives+v.Negatives), 1/(v.Positives+v.Negatives)
		if b == 1 {
			wp, wn = .5/v.Positives, .5/v.Negatives
		}
		p.Prevalence = wp * v.Positives
		p.BestAccuracy.Value = wn * v.Negatives
		p.MinCost.Value = opt.CostFN * wp * v.Positives
		before := 0.0
		for _, t := range thresholds {
			tp, fp := accepted(t)
			if tp > 0 {
				p.AveragePrecision += (tp - before) / v.Positives * (tp * wp) / (tp*wp + fp*wn)
			}
			before = tp
			fn, tn := v.Positives-tp, v.Negatives-fp
			p.BestAccuracy.Value = max(p.BestAccuracy.Value, tp*wp+tn*wn)
			p.BestF1.Value = max(p.BestF1.Value, 2*tp*wp/(2*tp*wp+fp*wn+fn*wp))
			p.MinCost.Value = min(p.MinCost.Value, opt.CostFP*fp*wn+opt.CostFN*fn*wp)
			if b == 0 {
				for i := range v.FNRAtFPR {
					if o := &v.FNRAtFPR[i]; fp/v.Negatives <= o.Want {
						o.FNR = min(o.FNR, fn/v.Positives)
					}
				}
			}
		}
	}
	v.EER = oracleEER(thresholds, accepted, v.Positives, v.Negatives)
	return v
}

// oracleEER follows the ROC curve in 64 halvings of the chord that crosses FPR = FNR.
func oracleEER(thresholds []float64, accepted func(float64) (float64, float64), pos, neg float64) float64 {
	x0, y0 := 0.0, 1.0
	for _, t := range thresholds {
		tp, fp := accepted(t)
		x1, y1 := fp/neg, 1-tp/pos
		if y1 <= x1 {
			lo, hi := 0.0, 1.0
			for range 64 {
				mid := (lo + hi) / 2
				if x0+mid*(x1-x0) < y0+mid*(y1-y0) {
					lo = mid
				} else {
					hi = mid
				}
			}
			return x0 + lo*(x1-x0)
		}
		x0, y0 = x1, y1
	}
	return math.NaN()
}

// oracleQuery returns the metrics of one query: its scores against all references, skip (-1 for none) left out.
func oracleQuery(scores []float64, label int32, refs []int32, skip int, ks []int) QueryMetrics {
	var order []int
	for j := range refs {
		if j != skip {
			order = append(order, j)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b)) })
	q := QueryMetrics{Nearest: -1, NDCG: make([]float64, len(ks)), KNN: make([]bool, len(ks))}
	if len(order) > 0 {
		q.Nearest = order[0]
	}
	for _, j := range order {
		if refs[j] == label {
			q.R++
		}
	}
	if q.R == 0 {
		return q
	}
	hitsUpTo := func(k int) (hits int) {
		for _, j := range order[:min(k, len(order))] {
			if refs[j] == label {
				hits++
			}
		}
		return hits
	}
	q.FirstHit = 1
	for hitsUpTo(q.FirstHit) == 0 {
		q.FirstHit++
	}
	for i := 1; i <= q.R; i++ {
		if refs[order[i-1]] == label {
			q.APAtR += float64(hitsUpTo(i)) / float64(i) / float64(q.R)
		}
	}
	q.RPrecision = float64(hitsUpTo(q.R)) / float64(q.R)
	for n, k := range ks {
		var dcg, ideal float64
		votes := map[int32]int{}
		most := 0
		for i, j := range order[:min(k, len(order))] {
			if refs[j] == label {
				dcg += math.Ln2 / math.Log(float64(i+2))
			}
			if i < q.R {
				ideal += math.Ln2 / math.Log(float64(i+2))
			}
			votes[refs[j]]++
			most = max(most, votes[refs[j]])
		}
		q.NDCG[n] = dcg / ideal
		for _, j := range order { // the class met first among those with the most votes
			if votes[refs[j]] == most {
				q.KNN[n] = refs[j] == label
				break
			}
		}
	}
	return q
}

// oracleScore returns the similarity of two embeddings, kept to the grid that AllPairs keeps.
func oracleScore(a, b []float32, sim Similarity, unit float64) float64 {
	var ab, aa, bb, d float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		ab, aa, bb, d = ab+x*y, aa+x*x, bb+y*y, d+(x-y)*(x-y)
	}
	s := ab
	switch {
	case sim == Cosine && aa*bb == 0:
		return 0
	case sim == Cosine:
		s = ab / math.Sqrt(aa*bb)
	case sim == Euclidean:
		s = -math.Sqrt(d)
	}
	return math.Trunc(s/unit) * unit
}
