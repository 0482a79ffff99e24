package siamese

import "strconv"

// Classes returns a class, "1", "2", …, for every item of a frame of n items, by which [Train] can use losses on all pairs
// of a batch: items that a pair calls the same (label 1/2 or more, weight above 0) are of one class, and so are items that
// a chain of such pairs links. Items of two classes count as different from then on, whether a pair says so or not: it is
// for pairs that leave out nothing that is the same. An item in no pair has no class ("").
//
// Unsound pairs (see [Pairs.Validate]), and pairs that call two items different which others make the same, are errors.
func (p Pairs) Classes(n int) ([]string, error) {
	if _, err := p.Validate(n); err != nil {
		return nil, err
	}
	links := newLinks(n)
	for k := range p.Label {
		if p.same(k) && p.weight(k) > 0 {
			links.join(p.Left[k], p.Right[k])
		}
	}
	var against named
	for k := range p.Label {
		if !p.same(k) && p.weight(k) > 0 && links.of(p.Left[k]) == links.of(p.Right[k]) {
			against.add("pair %d (items %d and %d)", k, p.Left[k], p.Right[k])
		}
	}
	if err := against.problem("items called different that other pairs, or a chain of them, call the same: correct the labels, or train on the pairs themselves"); err != nil {
		return nil, err
	}
	classes, numbers := make([]string, n), map[int32]int{}
	for _, item := range p.items(n) {
		first := links.of(int32(item))
		if numbers[first] == 0 {
			numbers[first] = len(numbers) + 1
		}
		classes[item] = strconv.Itoa(numbers[first])
	}
	return classes, nil
}

// links are sets of items that grow together, each a tree that every item knows its way up in.
type links []int32

func newLinks(n int) links {
	l := make(links, n)
	for i := range l {
		l[i] = int32(i)
	}
	return l
}

// of returns the item that stands for the set of another.
func (l links) of(item int32) int32 {
	for l[item] != item {
		l[item] = l[l[item]] // the next way is half as long
		item = l[item]
	}
	return item
}

// join makes the sets of two items one, for which its first item stands.
func (l links) join(a, b int32) {
	a, b = l.of(a), l.of(b)
	l[max(a, b)] = min(a, b)
}
