package reading

import (
	"fmt"
	"sync/atomic"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// Account is the memory that the reading of one file may take: all of it, the frame as well
// as what decoders need on the way, within [Budget]. What is to be allocated is taken first.
// It is safe for several goroutines.
type Account struct {
	file  string
	size  int64 // of the file
	limit int64
	used  atomic.Int64
	whole *Account // the account of the file, where this one is of a part; nil = it is that
}

// NewAccount returns the account of a file, nothing taken.
func NewAccount(in *Input, opt *Options) *Account {
	return &Account{file: in.Name, size: in.Size, limit: Budget(opt, in.Size)}
}

// Part returns an account for a part of the file, such as the frame of a scan, that takes from
// this one. [Account.Close] gives all of it back at once.
func (a *Account) Part() *Account { return &Account{whole: a} }

// Close gives back what a part took. The part is empty then and may be used again.
func (a *Account) Close() { a.whole.used.Add(-a.used.Swap(0)) }

// Take counts n bytes, or returns an error of type [*tableerr.Error] that names MaxBytes and
// counts nothing.
func (a *Account) Take(n int64) error {
	whole := a
	if a.whole != nil {
		whole = a.whole
	}
	if n < 0 || whole.used.Add(n) > whole.limit {
		if n > 0 {
			whole.used.Add(-n)
		}
		return whole.full(fmt.Sprintf("reading it takes more than %s of memory", bytesText(whole.limit)))
	}
	if a != whole {
		a.used.Add(n)
	}
	return nil
}

// Give takes back n bytes that were taken: they are free again.
func (a *Account) Give(n int64) {
	a.used.Add(-n)
	if a.whole != nil {
		a.whole.used.Add(-n)
	}
}

// Rows counts n items of a plan: their features, the places of their texts, and what is
// needed to number them or to find ids that occur twice. What texts hold is counted by
// [Account.Text] as it is read. Call it before room is made for rows that a header claims.
func (a *Account) Rows(p *Plan, n int64) error {
	row := rowBytes(p)
	whole := a
	if a.whole != nil {
		whole = a.whole
	}
	if n < 0 || n > whole.limit/row {
		return whole.full(fmt.Sprintf("it claims %d items x %d features, more than %s, in a file of %d bytes", n,
			len(p.Features), bytesText(whole.limit), whole.size))
	}
	return a.Take(n * row)
}

// What texts take besides their content. Maps are between 7/16 and 7/8 full.
const (
	textBytes    = 16 // a string
	numberBytes  = 16 // the digits of a number that serves as id
	idEntryBytes = 48 // an entry of the map that finds ids which occur twice
)

// rowBytes is what an item takes beyond the content of its texts.
func rowBytes(p *Plan) int64 {
	row := int64(4 * len(p.Features))
	for _, role := range p.Roles {
		if role != data.RoleFeature && role != data.RoleIgnore {
			row += textBytes
		}
	}
	if p.Has(data.RoleID) {
		return row + idEntryBytes
	}
	return row + textBytes + numberBytes
}

// Text returns b as a string and counts it, unless known has it.
func (a *Account) Text(known Interner, b []byte) (string, error) {
	if s, ok := known[string(b)]; ok {
		return s, nil
	}
	if err := a.Take(int64(len(b))); err != nil {
		return "", err
	}
	return known.Get(b), nil
}

// full is the error for a file that needs too much.
func (a *Account) full(problem string) error {
	return &tableerr.Error{File: a.file, Problem: problem,
		Fix: option.Do("raise %s if the file is sound", "MaxBytes").Or("use Scan")}
}

// bytesText spells a size for people.
func bytesText(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}
