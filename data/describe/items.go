package describe

import (
	"maps"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/selection"
)

// describeClasses counts items by class and domain. Items without a label count for their domain only.
func (d *Description) describeClasses(f *data.Frame) {
	names, index := f.Classes()
	d.Labelled = len(names) > 0
	d.Classes = make([]ClassStats, len(names))
	for c, name := range names {
		d.Classes[c].Name = name
	}
	// A class counts once for a domain, however many items it has there.
	type cell struct {
		class  int
		domain string
	}
	domains := make(map[string]*DomainStats)
	seen := make(map[cell]bool)
	for i, c := range index {
		if c < 0 {
			d.Unlabelled++
		} else {
			d.Classes[c].Items++
		}
		if f.Domains == nil {
			continue
		}
		name := f.Domains[i]
		if domains[name] == nil {
			domains[name] = &DomainStats{Name: name}
		}
		domains[name].Items++
		switch {
		case c < 0:
			domains[name].Unlabelled++
		case !seen[cell{c, name}]:
			seen[cell{c, name}] = true
			domains[name].Classes++
			d.Classes[c].Domains++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(domains)) {
		d.Domains = append(d.Domains, *domains[name])
	}
	if d.Labelled {
		small, large := d.extremeClasses()
		d.Imbalance = float64(large.Items) / float64(small.Items)
	}
}

// extremeClasses returns the first of the smallest and of the largest classes. There must be a class.
func (d *Description) extremeClasses() (small, large ClassStats) {
	small, large = d.Classes[0], d.Classes[0]
	for _, c := range d.Classes {
		if c.Items < small.Items {
			small = c
		}
		if c.Items > large.Items {
			large = c
		}
	}
	return small, large
}

// describeDuplicates names the items of duplicate groups and finds those with different labels: one of the labels is
// wrong, or the features do not tell the classes apart. Items without a label contradict nobody.
func (d *Description) describeDuplicates(f *data.Frame) {
	d.DuplicateIDs = make([][]string, len(d.Duplicates.Near))
	for k, group := range d.Duplicates.Near {
		d.DuplicateIDs[k] = selection.Pick(f.IDs, group)
		// The first label that is known; another one beside it is a conflict.
		label := ""
		for _, i := range group {
			if f.Labels == nil || f.Labels[i] == "" {
				continue
			}
			if label != "" && label != f.Labels[i] {
				d.Conflicts = append(d.Conflicts, k)
				break
			}
			label = f.Labels[i]
		}
	}
}

// surplus is how many items groups hold beyond one each: what would be dropped to leave no duplicates.
func surplus(groups [][]int) int {
	k := 0
	for _, g := range groups {
		k += len(g) - 1
	}
	return k
}
