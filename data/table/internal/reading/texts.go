package reading

import (
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data"
)

// Texts are the columns of a table that are not features, each [N]; nil = the table has
// none. Different values may be set by several goroutines at a time.
type Texts struct{ IDs, Labels, Domains []string }

// Of returns the column of that role, which is the id, label or domain, to be read or
// replaced.
func (t *Texts) Of(role data.Role) *[]string {
	switch role {
	case data.RoleID:
		return &t.IDs
	case data.RoleLabel:
		return &t.Labels
	}
	return &t.Domains
}

// AllEmpty reports whether every text is "".
func AllEmpty(all []string) bool {
	for _, s := range all {
		if s != "" {
			return false
		}
	}
	return true
}

// Numbered returns the ids of n items without ids, after seen others: "1", "2", … They share one memory, as that is all
// that a table of one column is made of.
func Numbered(seen int64, n int) []string {
	ids := make([]string, n)
	var digits strings.Builder
	digits.Grow(int(NumberedBytes(seen, n)) - textHeader*n)
	var number [20]byte
	for i := range ids {
		start := digits.Len()
		digits.Write(strconv.AppendInt(number[:0], seen+int64(i)+1, 10))
		ids[i] = digits.String()[start:] // the memory never moves
	}
	return ids
}

// textHeader is what a string takes beside its bytes.
const textHeader = 16

// TextBytes is the most that a text of that many bytes takes beside its header: the allocator rounds up.
func TextBytes(length int) int64 { return int64(length+length/8) + 8 }

// NumberedBytes is what the ids of [Numbered] take.
func NumberedBytes(seen int64, n int) int64 {
	bytes := int64(n) * textHeader
	first, last := seen+1, seen+int64(n)
	for low, digits := int64(1), int64(1); low <= last && digits < 19; low, digits = 10*low, digits+1 {
		if count := min(last, 10*low-1) - max(first, low) + 1; count > 0 {
			bytes += count * digits
		}
	}
	return bytes
}

// MostInterned is how many labels an [Interner] remembers: more are not labels but ids, and remembering those would
// cost more than it saves.
const MostInterned = 1 << 16

// Interner keeps one copy of every label, up to [MostInterned] of them. It is for one goroutine.
type Interner map[string]string

// Get returns b as a string, the same one for the same bytes where it is remembered.
func (in Interner) Get(b []byte) string {
	if s, ok := in[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(in) < MostInterned {
		in[s] = s
	}
	return s
}

// MakeTexts returns n empty texts for every column that has a role other than feature, nil
// for the others.
func (p *Plan) MakeTexts(n int) Texts {
	var t Texts
	for _, role := range p.Roles {
		if role != data.RoleFeature && role != data.RoleIgnore {
			*t.Of(role) = make([]string, n)
		}
	}
	return t
}
