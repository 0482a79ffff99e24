package place

import (
	"os"
	"slices"
	"time"
)

// Kept is a file or a folder of a store that has a bound.
type Kept struct {
	Path  string
	Used  time.Time // when it was last of use
	Bytes int64
}

// RemoveOldest removes what was used longest ago until the rest takes no more than most bytes. What another process has
// removed is no error.
func RemoveOldest(all []Kept, most int64) error {
	total := int64(0)
	for _, k := range all {
		total += k.Bytes
	}
	for _, k := range slices.SortedFunc(slices.Values(all), func(a, b Kept) int { return a.Used.Compare(b.Used) }) {
		if total <= most {
			break
		}
		total -= k.Bytes
		if err := os.RemoveAll(k.Path); err != nil {
			return err
		}
	}
	return nil
}
