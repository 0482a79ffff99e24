package siamese

import (
	"fmt"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/internal/itemset"
)

// fitBatches returns c with batches of which each takes no more than items() items, if Config.SmallerBatches allows
// that (else it does not ask), and notes of what it changed. Where items are too few for any batch it changes nothing:
// samplers say what is needed.
func fitBatches(c Config, items func() int) (Config, []string) {
	if !c.SmallerBatches || !c.Loss.NeedsBatch() {
		return c, nil
	}
	most := items() / 2 / max(1, c.Devices) * max(1, c.Devices) // a multiple of the devices
	if most < 1 || c.BatchPairs <= most {
		return c, nil
	}
	notes := []string{fmt.Sprintf("batches have %d items, since no more can be in one; %d were asked for", 2*most,
		2*c.BatchPairs)}
	c.BatchPairs = most
	if asked := c.XBMSize; asked%(2*most) != 0 {
		c.XBMSize = max(1, asked/(2*most)) * 2 * most
		notes = append(notes, fmt.Sprintf("the cross-batch memory has %d items, a multiple of a batch; %d were asked for",
			c.XBMSize, asked))
	}
	return c, notes
}

// labelled is how many items of f are of a class, where separator stands between the classes in a label.
func labelled(f *data.Frame, separator string) int {
	if f == nil || f.Labels == nil { // which is refused later
		return 0
	}
	n := 0
	for _, classes := range itemset.LabelsOf(f, separator).Of {
		n += min(1, len(classes))
	}
	return n
}
