package evaluate

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// The recommended configuration is valid, and of features that vary in fewer directions than it asks for it takes what
// there is: told before training, kept in the model, and said again by an evaluation.
func TestRecommended(t *testing.T) {
	cfg := siamese.Recommended()
	if err := cfg.Validate(); err != nil {
		t.Error(err)
	}
	if cmp.Diff(cfg.Layers, siamese.DefaultConfig().Layers) != "" || cfg.Dropout != siamese.DefaultConfig().Dropout {
		t.Error("the encoder is not the default one")
	}
	altered := cfg
	altered.Augment = augment.Usual(0.3)
	if classifierConfig(altered, labtest.InBlocks("t", 12, 1)).Augment.On() {
		t.Error("the classifier asks for views, and an evaluation has no pictures")
	}
	if skip := classifierConfig(cfg, labtest.InBlocks("t", 12, 1)).FeatureShare; skip != 0 {
		t.Errorf("a classifier's hidden layer has features beside it, in the share %g", skip)
	}
	backend := devicetest.Go(t)
	train, val, test := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2),
		labtest.Toy("e", 4, 10, 9, 0.5, 3)
	cfg.Layers, cfg.Epochs, cfg.BatchPairs, cfg.SamplesPerClass, cfg.PairsPerEpoch = []int{8, 4}, 1, 16, 4, 64
	var first *siamese.Progress
	path := filepath.Join(t.TempDir(), "m.safetensors")
	result, err := siamese.Train(t.Context(), backend, cfg, train, val, siamese.TrainOptions{Checkpoint: path,
		Progress: func(p siamese.Progress) {
			if first == nil {
				first = &p
			}
		}})
	if err != nil {
		t.Fatal(err)
	}
	const want = "preprocessing has 9 components"
	if result.Model.Transform.Width() != 9 || first.Step != 0 || len(first.Warnings) != 1 ||
		!strings.HasPrefix(first.Warnings[0], want) || !slices.Equal(result.Warnings, first.Warnings) {
		t.Errorf("%d components, told %q at step %d, then %q", result.Model.Transform.Width(), first.Warnings,
			first.Step,
			result.Warnings)
	}
	model, err := siamese.Load(path)
	if err != nil || !slices.Equal(model.Notes, result.Warnings) {
		t.Fatalf("%+v, %v", model, err)
	}
	report, err := Items(t.Context(), backend, One(model), "x", val, test, Options{NoIntervals: true})
	if err != nil || !slices.Contains(report.One().Warnings, model.Notes[0]) {
		t.Errorf("%v, %v", report, err)
	}
	cfg.Preprocess.FewerComponents = false
	_, err = siamese.Untrained(t.Context(), cfg, train)
	labtest.WantOptions(t, err, "components")
}
