package evaluate

import (
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/siamese"
)

// trainedOn returns a warning if m was trained on items with exactly the values of items of test, by the hashes in the
// model; none where the model has no hashes. It catches what ids cannot: the same item under another name.
func trainedOn(m *siamese.Model, test *data.Frame) ([]string, error) {
	if len(m.TrainedOn) == 0 {
		return nil, nil
	}
	// Columns in the order of the model, so that the order in a file does not matter.
	hashes, err := duplicates.RowHashes(test, m.Transform.Columns)
	if err != nil {
		return nil, err
	}
	known, first := 0, 0 // number of items that were trained on, and the first of them
	for i, h := range hashes {
		if _, found := slices.BinarySearch(m.TrainedOn, h); found {
			if known++; known == 1 {
				first = i
			}
		}
	}
	if known == 0 {
		return nil, nil
	}
	how := "trained on"
	if m.FeaturesPLDA != nil && m.FeaturesPLDA.Adapted > 0 {
		how += " or adapted to"
	}
	return []string{fmt.Sprintf("%d of %d test items have exactly the values of an item that the model was %s "+
		"(first: %q): metrics on them are too good; evaluate the model on the split that it was trained on, or split "+
		"with Duplicates", known, test.N(), how, test.IDs[first])}, nil
}
