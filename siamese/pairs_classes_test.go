package siamese

import (
	"testing"

	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/pairstest"
	"github.com/go-siamese/lab/siamese/pairs"
)

// Given pairs train with every loss on batches by way of their classes.
func TestTrainOnClassesOfPairs(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	items, given, val := pairstest.PairsCase(t)
	all := pairs.Pairs{Left: append(given.Left, val.Left...), Right: append(given.Right, val.Right...),
		Label: append(given.Label, val.Label...)}
	if items.Labels, err = all.Classes(items.N()); err != nil {
		t.Fatal(err)
	}
	cfg := toyConfig()
	cfg.Loss, cfg.Monitor = labtest.LossOf("supcon"), MonitorMAP
	trainItems, _ := given.Only(items)
	valItems, _ := val.Only(items)
	result, err := Train(t.Context(), backend, cfg, trainItems, valItems, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if best := result.History[result.Best-1]; best.ValAUC < 0.9 {
		t.Errorf("it did not learn: %+v", best)
	}
}
