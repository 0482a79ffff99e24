package reading

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// alike returns pairs of different labels that are likely one: the same number ("1" and "1.0"), or the same but for
// upper and lower case and blanks. They are in the order of the labels, at most [MostInterned] of which are looked at.
func alike(labels []string) (pairs [][2]string) {
	seen := make(map[string]bool)
	first := make(map[string]string) // by what does not count
	last := ""
	for _, label := range labels {
		if label == last || label == "" || seen[label] {
			continue
		}
		if last = label; len(seen) == MostInterned {
			break
		}
		seen[label] = true
		key := strings.ToLower(strings.Join(strings.Fields(label), " "))
		if v, err := strconv.ParseFloat(key, 64); err == nil && math.Abs(v) < MaxWhole && strings.Trim(key,
			"+-.0123456789e") == "" {
			key = strconv.FormatFloat(v+0, 'g', -1, 64) // -0 is 0
		}
		if other, ok := first[key]; ok {
			pairs = append(pairs, [2]string{other, label})
			continue
		}
		first[key] = label
	}
	return slices.Clip(pairs)
}
