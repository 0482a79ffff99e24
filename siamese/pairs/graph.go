package pairs

// pairGraph is the graph of a split by item: its nodes are groups of items, its edges the pairs between them. Items in
// no pair are in no node. A split without lost pairs exists only along its connected components.
//
// Edges are in one list, in the order of nodes (compressed sparse rows): the search visits those of a node together.
type pairGraph struct {
	pairs Pairs      // with both items in use
	node  []int32    // of an item, -1 = none
	size  []int      // items of a node
	first []int32    // edges of node v are first[v] to first[v+1]
	edges []pairEdge // two for every pair of two nodes, one from each

	component []int32   // of a node
	members   [][]int32 // nodes of a component
	amounts   []amounts // of a component
	total     amounts   // of all components
}

// pairEdge is an edge to a node with the cost of losing the pair. All positive pairs together cost 1, as do all
// negative ones, so that the rarer kind is not sacrificed for the more frequent.
type pairEdge struct {
	to   int32
	cost float32
}

// amounts are numbers of items, positive pairs and negative pairs, in this order. Every side should have its share of
// each. They are floats because they are only compared as shares.
type amounts [3]float64

// add adds b to a.
func (a *amounts) add(b amounts) {
	for i := range a {
		a[i] += b[i]
	}
}

// newPairGraph returns the graph of the pairs with both items in use, [n] (nil = all are). groups are those of the n
// items, "" or nil = an item is alone. Nodes are numbered by their first items. The pairs must be valid for n items. It
// takes O(n + B) operations and memory.
func newPairGraph(pairs Pairs, n int, groups []string, use []bool) *pairGraph {
	g := &pairGraph{node: make([]int32, n)}
	for i := range g.node {
		g.node[i] = -1
	}
	var places []int32
	for k := range int32(pairs.Len()) {
		if use == nil || use[pairs.Left[k]] && use[pairs.Right[k]] {
			places = append(places, k)
		}
	}
	g.pairs = pairs.Pick(places)
	// Items of one group share the node of the first of them.
	names := map[string]int32{}
	for _, i := range g.pairs.Items(n) { // a group of which no item is in pairs has no node
		v := int32(len(g.size))
		if groups != nil && groups[i] != "" {
			if known, ok := names[groups[i]]; ok {
				v = known
			} else {
				names[groups[i]] = v
			}
		}
		if int(v) == len(g.size) {
			g.size = append(g.size, 0)
		}
		g.node[i] = v
		g.size[v]++
	}
	g.connect(g.pairs)
	g.split(g.pairs)
	return g
}

// connect sets first and edges, in two passes over the pairs: one counts the edges of each node, one places them. Pairs
// within a node have no edge, because they cannot be lost.
func (g *pairGraph) connect(pairs Pairs) {
	g.first = make([]int32, len(g.size)+1)
	var kinds [2]float32
	for k := range pairs.Label {
		kinds[kindOf(pairs, k)]++ // pairs within a node included
		if a, b := g.node[pairs.Left[k]], g.node[pairs.Right[k]]; a != b {
			g.first[a+1]++
			g.first[b+1]++
		}
	}
	for v := range g.size {
		g.first[v+1] += g.first[v]
	}
	g.edges = make([]pairEdge, g.first[len(g.size)])
	at := append([]int32(nil), g.first...) // the next free place of a node
	for k := range pairs.Label {
		a, b := g.node[pairs.Left[k]], g.node[pairs.Right[k]]
		if a == b {
			continue
		}
		// See pairEdge: all pairs of a kind cost 1 together.
		cost := 1 / kinds[kindOf(pairs, k)]
		g.edges[at[a]], g.edges[at[b]] = pairEdge{b, cost}, pairEdge{a, cost}
		at[a]++
		at[b]++
	}
}

// kindOf is 1 for a positive pair and 0 for a negative one: the index of its kind in lists of two. In amounts its place
// is 2 - kindOf.
func kindOf(pairs Pairs, k int) int {
	if pairs.Same(k) {
		return 1
	}
	return 0
}

// split sets the connected components, by breadth-first search from the lowest node that is in none, and their amounts.
func (g *pairGraph) split(pairs Pairs) {
	g.component = make([]int32, len(g.size))
	for v := range g.component {
		g.component[v] = -1
	}
	for v := range int32(len(g.size)) {
		if g.component[v] >= 0 {
			continue
		}
		c := int32(len(g.members))
		g.component[v] = c
		found := []int32{v}
		for at := 0; at < len(found); at++ {
			for _, e := range g.edgesOf(found[at]) {
				if g.component[e.to] < 0 {
					g.component[e.to] = c
					found = append(found, e.to)
				}
			}
		}
		g.members = append(g.members, found)
	}
	// Both items of a pair are in one component: that of the left one will do.
	g.amounts = make([]amounts, len(g.members))
	for v, items := range g.size {
		g.amounts[g.component[v]][0] += float64(items)
	}
	for k := range pairs.Label {
		g.amounts[g.component[g.node[pairs.Left[k]]]][2-kindOf(pairs, k)]++
	}
	for _, a := range g.amounts {
		g.total.add(a)
	}
}

// edgesOf returns the edges of node v. Several pairs of two nodes are several edges.
func (g *pairGraph) edgesOf(v int32) []pairEdge { return g.edges[g.first[v]:g.first[v+1]] }
