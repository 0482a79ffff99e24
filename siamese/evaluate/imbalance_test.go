package evaluate

import (
	"testing"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/stats"
)

// One class of 3 items beside one of 5,000: losses on pairs and on batches train on both, and keep the rare
// class apart from the frequent ones.
func TestTrainOnNaturalImbalance(t *testing.T) {
	backend := devicetest.Go(t)
	all := labtest.Toy("t", 3, 5000, 9, 0.3, 1) // class by class
	var items []int
	for i := range all.N() {
		if class, k := i/5000, i%5000; class == 0 || class == 1 && k < 40 || class == 2 && k < 3 {
			items = append(items, i)
		}
	}
	train, val := all.Select(items), labtest.Toy("v", 3, 12, 9, 0.3, 2)
	for _, name := range []string{"mse", "supcon", "triplet", "proxy-anchor"} {
		cfg := toymodel.Config()
		cfg.Loss, cfg.Monitor, cfg.ProxyLRMultiplier, cfg.Dropout = labtest.LossOf(name), siamese.MonitorMAP, 10, 0
		result, err := siamese.Train(t.Context(), backend, cfg, train, val, siamese.TrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		report, err := itemsOf(t.Context(), backend, result.Model, name, labtest.Toy("w", 3, 12, 9, 0.3, 4), val,
			Options{})
		if err != nil {
			t.Fatal(err)
		}
		if report.Trained.Values[stats.MAPAtR] < 0.9 ||
			report.Trained.Values[stats.MAPAtR] <= report.Baseline.Values[stats.MAPAtR] {
			t.Errorf("%s: %v", name, report)
		}
	}
}
