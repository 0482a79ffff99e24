package hnsw

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/go-siamese/lab/siamese/internal/scan"
)

// links are those of nodes 0, 1, ….
type links struct {
	most   int     // of a node on a level above 0; twice as many on level 0
	levels []uint8 // the highest of every node
	of     [][]uint32
	entry  int
}

// capacity returns the most links of a node on a level.
func capacity(links, level int) int {
	if level == 0 {
		return 2 * links
	}
	return links
}

// parse returns links as they are written: for every node and each of its levels from 0 on the count of links and the
// nodes. What hnswlib would follow out of its memory is an error.
func parse(words []uint32, levels []uint8, entry, most int) (*links, error) {
	t := &links{most: most, levels: levels, of: make([][]uint32, len(levels)), entry: entry}
	if len(levels) == 0 {
		if entry != 0 || len(words) != 0 {
			return nil, errors.New("there are links and no nodes")
		}
		return t, nil
	}
	if entry < 0 || entry >= len(levels) || levels[entry] != slices.Max(levels) {
		return nil, fmt.Errorf("a search cannot begin at node %d", entry)
	}
	for i, top := range levels {
		rest := words
		for level := range int(top) + 1 {
			if len(words) == 0 || int64(words[0]) > int64(min(capacity(most, level), len(words)-1)) {
				return nil, fmt.Errorf("node %d: too many links, or too few", i)
			}
			count := int(words[0])
			for _, to := range words[1 : 1+count] {
				if int64(to) >= int64(len(levels)) || int(to) == i || int(levels[to]) < level {
					return nil, fmt.Errorf("node %d: it cannot be linked to node %d on level %d", i, to, level)
				}
			}
			words = words[1+count:]
		}
		t.of[i] = rest[:len(rest)-len(words)]
	}
	if len(words) != 0 {
		return nil, errors.New("there are links of no node")
	}
	return t, nil
}

// flat returns the links as parse reads them.
func (t *links) flat() []uint32 { return slices.Concat(t.of...) }

// at returns the links of a node on a level.
func (t *links) at(node, level int) []uint32 {
	words := t.of[node]
	for range level {
		words = words[1+words[0]:]
	}
	return words[1 : 1+words[0]]
}

// without returns the links between nodes that are not gone, which have the numbers from 0 on in their order. In place
// of a node that is gone come the nearest of those that it leads to, in both directions where there is room.
func (t *links) without(gone func(node int) bool, row func(node int) ([]float32, error)) (*links, error) {
	dead := make([]bool, len(t.levels))
	number := make([]uint32, len(t.levels))
	out := &links{most: t.most, entry: -1}
	var kept []int
	for i, top := range t.levels {
		if dead[i] = gone(i); dead[i] {
			continue
		}
		number[i] = uint32(len(kept)) //nolint:gosec // nodes are int32
		kept, out.levels = append(kept, i), append(out.levels, top)
		if out.entry < 0 || top > out.levels[out.entry] {
			out.entry = len(kept) - 1
		}
	}
	if len(kept) == len(t.levels) {
		return t, nil
	}
	out.entry = max(out.entry, 0)
	if !dead[t.entry] {
		out.entry = int(number[t.entry])
	}
	r := repair{t, dead, row, make(map[[2]int][]uint32)}
	for _, i := range kept {
		for level := range int(t.levels[i]) + 1 {
			if err := r.mend(i, level); err != nil {
				return nil, err
			}
		}
	}
	for _, i := range kept {
		var words []uint32
		for level := range int(t.levels[i]) + 1 {
			list := r.list(i, level)
			words = append(words, uint32(len(list))) //nolint:gosec // at most the capacity
			for _, to := range list {
				words = append(words, number[to])
			}
		}
		out.of = append(out.of, words)
	}
	return out, nil
}

// repair replaces links to nodes that are gone.
type repair struct {
	*links
	dead []bool
	row  func(node int) ([]float32, error)
	by   map[[2]int][]uint32 // links of a node on a level, where they changed
}

// list returns the links of a node on a level, to nodes that are left.
func (r *repair) list(node, level int) []uint32 {
	if list, ok := r.by[[2]int{node, level}]; ok {
		return list
	}
	return r.at(node, level)
}

// mend replaces the links of a node on a level that lead to nodes that are gone.
func (r *repair) mend(node, level int) error {
	list := r.list(node, level)
	live := slices.DeleteFunc(slices.Clone(list), func(to uint32) bool { return r.dead[to] })
	lost := len(list) - len(live)
	if lost == 0 {
		return nil
	}
	near, err := r.nearest(node, r.behind(node, level), lost)
	if err != nil {
		return err
	}
	for _, to := range near {
		live = append(live, to)
		back := r.list(int(to), level)
		if len(back) < capacity(r.most, level) && !slices.Contains(back, uint32(node)) { //nolint:gosec // nodes are int32
			r.by[[2]int{int(to), level}] = append(slices.Clone(back), uint32(node)) //nolint:gosec // as above
		}
	}
	r.by[[2]int{node, level}] = live
	return nil
}

// behind returns nodes that are left, are not linked to a node, and can be reached from it by way of nodes that are
// gone alone.
func (r *repair) behind(node, level int) []uint32 {
	const most = 512                            // looked at
	seen := map[uint32]bool{uint32(node): true} //nolint:gosec // nodes are int32
	var ways, found []uint32
	for _, to := range r.list(node, level) {
		if seen[to] = true; r.dead[to] {
			ways = append(ways, to)
		}
	}
	for len(ways) > 0 && len(seen) < most {
		next := ways[0]
		ways = ways[1:]
		for _, to := range r.at(int(next), level) {
			if seen[to] {
				continue
			}
			if seen[to] = true; r.dead[to] {
				ways = append(ways, to)
			} else {
				found = append(found, to)
			}
		}
	}
	return found
}

// nearest returns the n of some nodes that are nearest to one.
func (r *repair) nearest(node int, among []uint32, n int) ([]uint32, error) {
	if len(among) <= n {
		return among, nil
	}
	own, err := r.row(node)
	if err != nil {
		return nil, err
	}
	near := make(map[uint32]float32, len(among))
	for _, to := range among {
		row, err := r.row(int(to))
		if err != nil {
			return nil, err
		}
		near[to] = scan.Cosine(own, row)
	}
	slices.SortFunc(among, func(a, b uint32) int { return cmp.Or(cmp.Compare(near[b], near[a]), cmp.Compare(a, b)) })
	return among[:n], nil
}
