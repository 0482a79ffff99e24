package pairs

import (
	"strconv"

	"github.com/go-siamese/lab/data/memory"
	"github.com/go-siamese/lab/data/option"
)

// Classes returns a class, "1", "2", …, for each of n items, so that [siamese.Train] can use losses that need classes.
// Classes are numbered in the order of their first items. Items linked by a chain of same pairs (label 1/2 or more,
// weight above 0) are of one class. Items of two classes then count as different even if no pair says so: use it only
// if the pairs include everything that is the same. An item in no pair has the class "", which is no class.
//
// It returns an error for invalid pairs (see [Pairs.Validate]), for more items than there is memory for, and if a pair
// labels items of one class different.
func (p Pairs) Classes(n int) ([]string, error) {
	if _, err := p.Validate(n); err != nil {
		return nil, err
	}
	const bytesOfItem = 32 // its node in the graph, its class, and the marks
	err := memory.Check("making classes of pairs", bytesOfItem*float64(n), option.Do("use fewer items"))
	if err != nil {
		return nil, err
	}
	// Pairs of weight 0 say nothing: whoever set it does not trust the label.
	var same []int32
	for k := range p.Label {
		if p.Same(k) && p.WeightOf(k) > 0 {
			same = append(same, int32(k))
		}
	}
	linked := newPairGraph(p.Pick(same), n, nil, nil)
	// set returns what tells the class of an item: its component, or a negative number of its own if no pair links it.
	set := func(item int32) int32 {
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
	if err = against.problem("items labelled different that other pairs, or a chain of them, label the same: " +
		"correct the labels, or train on the pairs themselves"); err != nil {
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
