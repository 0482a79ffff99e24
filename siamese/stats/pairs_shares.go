package stats

// sureBins gives the shares of all bins of r intervals for pairs of other items. A share R is P/(P+N), the parts of the
// positives and of the negatives that are in the bin, each a mean over its kind: with 1 for a pair that is in the bin, 0 for
// others, and m the mean of that over the pair's kind, the influence of a pair is
//
//	positives   share of the pair (in the bin - m) (1-R)/(P+N)
//	negatives   share of the pair (in the bin - m) (-R)/(P+N)
//
// and the variance v is that of [PairIntervals]. The interval is Wilson's with R(1-R)/v as the number of pairs, that of
// independent ones that would be as sure, so that it keeps within [0, 1]. Where the spread of a bin tells nothing, as all its
// pairs came out alike or it holds but one, that is the number of its pairs or of its items, whichever is less.
func (s *pairSpread) sureBins(r *Reliability, kinds [2][]float64, probabilities []float64, level float64) {
	for k := range r.EqualWidth {
		b := &r.EqualWidth[k]
		at := widthBin(b.High, defaultBins)
		s.sureBin(b, kinds, func(k int) bool { return widthBin(probabilities[k], defaultBins) == at }, level)
	}
	for k := range r.EqualMass {
		b := &r.EqualMass[k]
		s.sureBin(b, kinds, func(k int) bool { return b.Low <= probabilities[k] && probabilities[k] <= b.High }, level)
	}
}

func (s *pairSpread) sureBin(b *Bin, kinds [2][]float64, in func(k int) bool, level float64) {
	inside := make([]float64, len(s.Label))
	pairs, items := map[[2]int32]bool{}, map[int32]bool{}
	for k := range inside {
		if in(k) && s.weight(k) > 0 {
			inside[k] = 1
			key := s.key(k)
			pairs[key], items[key[0]], items[key[1]] = true, true, true
		}
	}
	var parts [2]float64
	for y, shares := range kinds {
		for k, share := range shares {
			parts[y] += share * inside[k]
		}
	}
	all, value := parts[0]+parts[1], b.Share.Value
	e := s.standardError(influences(kinds, inside, func(is, y float64) float64 { return is * (y - value) / all }))
	n := float64(min(len(pairs), len(items)))
	if n == 0 {
		return // a bin of other pairs
	}
	if e > 0 && len(pairs) > 1 && value > 0 && value < 1 {
		n = value * (1 - value) / (e * e)
	}
	b.Share = Wilson(value, n, level)
}
