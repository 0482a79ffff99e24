package batch

import (
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
)

// domainSampler draws batches like a classSampler, but a share of the batches is of one domain, so that their negative
// pairs are within it, and in the others a share of the classes alternates domains, so that their positive pairs are
// across. All items of a class in a domain are used once before any is used again.
//
// Without it an encoder can learn domains instead of classes: items of two domains differ for reasons that have nothing
// to do with their classes, and such negative pairs are easy.
type domainSampler struct {
	*classSampler
	cells   [][]cell // of a class, one for each domain it has items in, in order of first use
	within  float64  // share of the batches of one domain
	across  float64  // share of draws of a class in other batches in which its domains alternate
	domains []int32  // large enough to fill a batch
}

// cell are the items of a class in a domain.
type cell struct {
	domain int32
	items  []int32
	left   []int32 // that are still to come, see queue.left; the only state between draws
}

// newDomainSampler returns a sampler of the batches of s by domain. It returns an error if batches of one domain are
// asked for and no domain has enough labelled items for one, of two classes, one of them with two items.
func newDomainSampler(cfg Options, frame *data.Frame, s *classSampler) (*domainSampler, error) {
	d := &domainSampler{classSampler: s, cells: make([][]cell, len(s.items)), within: cfg.DomainBatches,
		across: cfg.AcrossDomains}
	// Domains are numbered by first use: of equal seeds and frames all draws are equal.
	numbers, items := map[string]int32{}, []int(nil) // of domains by name; labelled items of a domain
	domain := make([]int32, len(s.labels.Of))        // of an item; 0 for items without a label, which are not used
	for i, list := range s.labels.Of {
		if len(list) == 0 {
			continue
		}
		if domain[i] = itemset.NumberOf(numbers, itemset.DomainOf(frame, i)); int(domain[i]) == len(items) {
			items = append(items, 0)
		}
		items[domain[i]]++
	}
	// of a domain: classes, and whether one has two items
	classes, pairs := make([]int, len(items)), make([]bool, len(items))
	for c, list := range s.items {
		for _, item := range list {
			of := domain[item] // a linear search: a class has items in a few domains
			k := slices.IndexFunc(d.cells[c], func(one cell) bool { return one.domain == of })
			if k < 0 {
				k = len(d.cells[c])
				d.cells[c] = append(d.cells[c], cell{domain: of})
				classes[of]++
			}
			d.cells[c][k].items = append(d.cells[c][k].items, item)
			pairs[of] = pairs[of] || len(d.cells[c][k].items) > 1
		}
	}
	// A domain that cannot fill a batch by itself is in batches of all domains only.
	for of, n := range items {
		if n >= s.size && classes[of] > 1 && pairs[of] {
			d.domains = append(d.domains, int32(of))
		}
	}
	if d.within > 0 && len(d.domains) == 0 {
		return nil, option.Errorf("domain_batches", "none of %d domains has the %d labelled items of a batch, of two "+
			"classes, one of them with two items: set it to 0, or make batches smaller", len(items), s.size)
	}
	return d, nil
}

// Draw returns n batches, as [classSampler.Draw]. Classes take turns among the batches of all domains, and apart from
// that among those of each domain; domains take turns too.
func (s *domainSampler) Draw(n int, rng *rand.Rand, _ func() (*embedding.Embeddings, error)) (Batches, error) {
	d := &domainDraw{domainSampler: s, rng: rng, in: make([]int, len(s.labels.Of))}
	for _, cells := range s.cells {
		queues := make([]queue, len(cells))
		for k, c := range cells {
			queues[k] = NewQueue(c.items, c.left, rng)
		}
		d.queues, d.used = append(d.queues, queues), append(d.used, make([]int, len(cells)))
	}
	// Turns of classes, for batches of all domains and for those of each domain.
	all := newTurns(len(s.cells), rng)
	domains, ofDomain := newTurns(len(s.domains), rng), make([]turns, len(s.domains))
	for k := range ofDomain {
		ofDomain[k] = newTurns(len(s.cells), rng)
	}
	for range n { // a batch
		d.begin()
		// Whether a batch is of one domain is drawn for each, so that their share holds on average.
		if s.within > 0 && rng.Float64() < s.within {
			k := domains.next(rng)
			for d.room > 0 {
				d.fromDomain(ofDomain[k].next(rng), s.domains[k])
			}
			continue
		}
		for d.room > 0 {
			d.fromAll(all.next(rng))
		}
	}
	for c, cells := range s.cells {
		for k := range cells {
			cells[k].left = d.queues[c][k].left()
		}
	}
	return Batches{Items: d.items, Labels: s.labels.Numbers(d.items)}, nil
}

// Skip draws the batches and drops them.
func (s *domainSampler) Skip(n int, rng *rand.Rand) error {
	_, err := s.Draw(n, rng, nil)
	return err
}

// domainDraw is a draw in progress.
type domainDraw struct {
	*domainSampler
	rng    *rand.Rand
	queues [][]queue // of a class, by cell
	used   [][]int   // items of a cell that have come in this batch
	items  []int32   // of all batches so far
	in     []int     // number of the last batch with an item; 0 = none yet
	batch  int       // number of this batch, from 1
	room   int       // for items in this batch
}

// begin begins the next batch.
func (d *domainDraw) begin() {
	d.batch++
	d.room = d.size
	for _, used := range d.used {
		clear(used)
	}
}

// take adds the next item of a cell to the batch, or returns false if all are in it. An item of several classes that
// came for another class is passed over, and counts as used.
func (d *domainDraw) take(class, k int) bool {
	q, used := &d.queues[class][k], &d.used[class][k]
	for *used < len(q.items) {
		item := q.next(*used, d.rng)
		*used++
		if d.in[item] != d.batch { // else it came for another class
			d.in[item] = d.batch
			d.items, d.room = append(d.items, item), d.room-1
			return true
		}
	}
	return false
}

// fromDomain adds up to perClass items of a class in a domain to the batch; none if the class has none there.
func (d *domainDraw) fromDomain(class int, domain int32) {
	k := slices.IndexFunc(d.cells[class], func(c cell) bool { return c.domain == domain })
	if k < 0 {
		return
	}
	for range min(d.perClass, d.room) {
		if !d.take(class, k) {
			return
		}
	}
}

// fromAll adds up to perClass items of a class to the batch. With probability across its domains alternate, in random
// order; otherwise each item's domain is drawn by the number of items, as if domains were not known.
func (d *domainDraw) fromAll(class int) {
	cells := d.rng.Perm(len(d.cells[class])) // that may have items left
	inTurn := d.across > 0 && d.rng.Float64() < d.across
	// room is for items of this class; a cell without items left is taken out of cells.
	for room, turn := min(d.perClass, d.room), 0; room > 0 && len(cells) > 0; {
		at := turn % len(cells)
		if !inTurn {
			at = d.bySize(class, cells)
		}
		if d.take(class, cells[at]) {
			room, turn = room-1, at+1
		} else {
			cells, turn = slices.Delete(cells, at, at+1), at // all items of this one are in the batch
		}
	}
}

// bySize draws the index of one of cells, with probability proportional to its number of items, whether or not they are
// in the batch already.
func (d *domainDraw) bySize(class int, cells []int) int {
	all := 0
	for _, k := range cells {
		all += len(d.cells[class][k].items)
	}
	at := d.rng.IntN(all)
	for place, k := range cells {
		if at -= len(d.cells[class][k].items); at < 0 {
			return place
		}
	}
	return len(cells) - 1
}

// turns yields the numbers 0 to n-1 in random order, endlessly, each once in every round of n.
type turns struct {
	order []int
	at    int
}

// newTurns returns turns that begin with a random permutation.
func newTurns(n int, rng *rand.Rand) turns { return turns{order: rng.Perm(n)} }

// next returns the next number, and shuffles for the next round where one has ended.
func (t *turns) next(rng *rand.Rand) int {
	if t.at == len(t.order) {
		rng.Shuffle(len(t.order), func(i, j int) { t.order[i], t.order[j] = t.order[j], t.order[i] })
		t.at = 0
	}
	t.at++
	return t.order[t.at-1]
}
