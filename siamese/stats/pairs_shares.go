package stats

// binIntervals sets the confidence intervals of the shares of all bins of r, for pairs of other items. A share R is
// P/(P+N), with P and N the parts of the positives and of the negatives that are in the bin, each a mean over its
// kind. With m the mean over the pair's kind of being in the bin (1 or 0), the influence of a pair is
//
//	positives   share of the pair (in the bin - m) (1-R)/(P+N)
//	negatives   share of the pair (in the bin - m) (-R)/(P+N)
//
// and the variance v is that of [PairIntervals]. The interval is Wilson's with the effective number of independent
// pairs R(1-R)/v, so it stays within [0, 1]. If the variance of a bin is 0, because all its pairs have one label or
// it has only one, that number is the smaller of the number of its pairs and of its items.
func (s *pairSpread) binIntervals(r *Reliability, kinds [2][]float64, probabilities []float64, confidence float64) {
	for k := range r.EqualWidth {
		b := &r.EqualWidth[k]
		at := widthBin(b.High, defaultBins)
		s.binInterval(b, kinds, func(k int) bool { return widthBin(probabilities[k], defaultBins) == at }, confidence)
	}
	for k := range r.EqualMass {
		b := &r.EqualMass[k]
		s.binInterval(b, kinds, func(k int) bool {
			return b.Low <= probabilities[k] && probabilities[k] <= b.High
		}, confidence)
	}
}

// binInterval sets the interval of the share of one bin; in says whether pair k is in it.
func (s *pairSpread) binInterval(b *Bin, kinds [2][]float64, in func(k int) bool, confidence float64) {
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
		return // r is of other pairs than these
	}
	if e > 0 && len(pairs) > 1 && value > 0 && value < 1 {
		n = value * (1 - value) / (e * e)
	}
	b.Share = Wilson(value, n, confidence)
}
