package evaluate

import (
	"testing"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/pairstest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/stats"
)

// Losses on all pairs of a batch learn from pairs that were labelled one by one, also where most are not.
func TestTrainPairsInBatches(t *testing.T) {
	items, train, val := pairstest.PairsCase(t)
	train = train.Pick(pairstest.Places(train)[:900]) // 900 of 7,140
	for _, name := range []string{"triplet", "ntxent", "supcon", "multi-similarity", "circle", "mse"} {
		devicetest.OnOneOfMany(t, name == "supcon", func(t *testing.T, backend *device.Backend) {
			cfg := toymodel.Config()
			cfg.Loss, cfg.Monitor = labtest.LossOf(name), siamese.MonitorAUC
			result, err := siamese.TrainPairs(t.Context(), backend, cfg, items, train, val, siamese.TrainOptions{})
			if err != nil {
				t.Fatal(err)
			}
			report, err := pairsOf(t.Context(), backend, result.Model, name, items, train, val, Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: ROC-AUC %.3f from %.3f", name, report.Trained.Values[stats.ROCAUC],
				report.Baseline.Values[stats.ROCAUC])
			if report.Trained.Values[stats.ROCAUC] < 0.9 ||
				report.Trained.Values[stats.ROCAUC] < report.Baseline.Values[stats.ROCAUC]+0.05 {
				t.Errorf("%v", report)
			}
		})
	}
}
