package explore

import (
	"strings"
	"sync"
)

// items finds items by their ids.
type items struct {
	ids   []string
	at    map[string]int            // number of an item
	lower func() (lowered []string) // the ids in lower case, made when they are first asked for
}

func newItems(ids []string) *items {
	s := &items{ids: ids, at: make(map[string]int, len(ids))}
	for i, id := range ids {
		s.at[id] = i
	}
	s.lower = sync.OnceValue(func() []string {
		out := make([]string, len(ids))
		for i, id := range ids {
			out[i] = strings.ToLower(id)
		}
		return out
	})
	return s
}

// mostOffered is how many ids are offered for what was typed.
const mostOffered = 20

// offered returns the numbers of the items whose ids have a text in them, at most [mostOffered], and how many there are:
// first the id itself, then those that begin with it, then the others, each in the order of the items. Case does not
// count.
func (s *items) offered(text string) (list []int, total int) {
	text = strings.ToLower(text)
	var exact, begin, inside []int
	keep := func(to *[]int, i int) {
		if len(*to) < mostOffered {
			*to = append(*to, i)
		}
	}
	for i, id := range s.lower() {
		switch at := strings.Index(id, text); {
		case at < 0:
			continue
		case len(id) == len(text):
			keep(&exact, i)
		case at == 0:
			keep(&begin, i)
		default:
			keep(&inside, i)
		}
		total++
	}
	list = append(append(exact, begin...), inside...)
	return list[:min(len(list), mostOffered)], total
}
