package metric

import "errors"

// Mixture makes another similarity of cosines: Share · cosine + more(i, j) for items i and j, where more is above 0 for
// few pairs, such as those with neighbours in common. It stays in [-1, 1] and is symmetric. Its methods are called from
// several goroutines.
type Mixture interface {
	// Share is in [0, 1].
	Share() float64
	// More calls add for every other item j with more(i, j) above 0, once and in any order. Items are numbers of rows.
	More(i int, add func(j int, more float64))
}

// mixable returns an error unless the options are for cosines where they have a mixture.
func (o Options) mixable() error {
	if o.Mixture != nil && o.Similarity != Cosine {
		return errors.New("metric: a mixture is of cosines: leave out the other similarity or the mixture")
	}
	return nil
}

// errMixture says that metrics of parts of the items have no mixture, whose items are all.
var errMixture = errors.New("metric: metrics by class and by domain are of embeddings alone: leave out the mixture")

// mix has operands, which compare all items of one matrix, score a mixture. nil changes nothing.
func (o *operands) mix(m Mixture) *operands {
	if m == nil {
		return o
	}
	o.mixture, o.places = m, make([]int32, o.right.n)
	for p, i := range o.right.index {
		o.places[i] = int32(p)
	}
	return o
}

// mixed changes the keys of the cosines of the left item at place p with all on the right to those of the mixture.
func (o *operands) mixed(p int, keys []int32) {
	if o.mixture == nil {
		return
	}
	share := o.mixture.Share()
	whole := func(j int32) float64 { return share * float64(keys[j]) }
	// What is added comes before rounding, as the key of a pair must not depend on its order.
	type more struct {
		place int32
		key   int32
	}
	var all []more
	o.mixture.More(int(o.left.index[p]), func(j int, add float64) {
		q := o.places[j]
		all = append(all, more{q, max(-keyMax, min(keyMax, int32(whole(q)+add*keyMax)))})
	})
	for j := range keys {
		keys[j] = int32(whole(int32(j)))
	}
	for _, m := range all {
		keys[m.place] = m.key
	}
}
