package reading

import (
	"strconv"

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

// Numbered returns the ids of n items without ids, after seen others: "1", "2", …
func Numbered(seen int64, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = strconv.FormatInt(seen+int64(i)+1, 10)
	}
	return ids
}

// Interner keeps one copy of every label, up to 65,536 of them: more are not labels but
// ids, and remembering those would cost more than it saves. It is for one goroutine.
type Interner map[string]string

// Get returns b as a string, the same one for the same bytes where it is remembered.
func (in Interner) Get(b []byte) string {
	if s, ok := in[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(in) < 1<<16 {
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
