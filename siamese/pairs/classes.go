package pairs

import "strconv"

// Classes returns a class, "1", "2", …, for every item of a frame of n items, by which [siamese.Train] can use losses on all pairs
// of a batch: items that a pair calls the same (label 1/2 or more, weight above 0) are of one class, and so are items that
// a chain of such pairs links. Items of two classes count as different from then on, whether a pair says so or not: it is
// for pairs that leave out nothing that is the same. An item in no pair has no class ("").
//
// Unsound pairs (see [Pairs.Validate]), and pairs that call two items different which others make the same, are errors.
func (p Pairs) Classes(n int) ([]string, error) {
	if _, err := p.Validate(n); err != nil {
		return nil, err
	}
	var same []int32
	for k := range p.Label {
		if p.Same(k) && p.WeightOf(k) > 0 {
			same = append(same, int32(k))
		}
	}
	linked := newPairGraph(p.Pick(same), n, nil, nil)
	set := func(item int32) int32 { // the items that hang together; below 0 is an item alone
		if node := linked.node[item]; node >= 0 {
			return linked.component[node]
		}
		return -1 - item
	}
	var against named
	for k := range p.Label {
		if !p.Same(k) && p.WeightOf(k) > 0 && set(p.Left[k]) == set(p.Right[k]) {
			against.add("pair %d (items %d and %d)", k, p.Left[k], p.Right[k])
		}
	}
	if err := against.problem("items called different that other pairs, or a chain of them, call the same: correct the labels, or train on the pairs themselves"); err != nil {
		return nil, err
	}
	classes, numbers := make([]string, n), map[int32]int{}
	for _, item := range p.Items(n) {
		s := set(int32(item))
		if numbers[s] == 0 {
			numbers[s] = len(numbers) + 1
		}
		classes[item] = strconv.Itoa(numbers[s])
	}
	return classes, nil
}
