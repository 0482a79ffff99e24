package evaluate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/labtest"
)

// The recommended configuration is valid, and trains on features that are fewer than its components only with an error.
func TestRecommended(t *testing.T) {
	cfg := siamese.Recommended()
	if err := cfg.Validate(); err != nil {
		t.Error(err)
	}
	if cmp.Diff(cfg.Layers, siamese.DefaultConfig().Layers) != "" || cfg.Dropout != siamese.DefaultConfig().Dropout {
		t.Error("the encoder is not the default one")
	}
	if skip := classifierConfig(cfg, labtest.InBlocks("t", 12, 1)).FeatureShare; skip != 0 {
		t.Errorf("a classifier's hidden layer has features beside it, in the share %g", skip)
	}
	if _, err := siamese.Untrained(t.Context(), cfg, labtest.InBlocks("t", 12, 1)); err == nil {
		t.Error("100 components of fewer features")
	}
}
