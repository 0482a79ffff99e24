package siamese

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/pairs"
)

// An adapted model has another PLDA of the features and, on validation items, a threshold of its own; what it was
// adapted to is noted, also in a file, and the model that it is from stays as it was.
func TestAdapt(t *testing.T) {
	backend := devicetest.Go(t)
	train, val, other := labtest.InBlocks("t", 12, 1), labtest.InBlocks("v", 6, 2), labtest.InBlocks("u", 9, 3)
	m, err := Untrained(t.Context(), withPLDA(), train)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if m.TrainedOn, err = m.hashes(train); err != nil {
		t.Fatal(err)
	}
	was, threshold := m.FeaturesPLDA, m.Threshold
	other.Labels = nil // which nothing may need
	for i := range 3 {
		copy(other.Row(i), train.Row(i)) // known already
	}
	got, err := m.Adapt(t.Context(), backend, other, val)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	want := labtest.Must(was.Adapt(t.Context(), labtest.Must(embedding.UnitRows(t.Context(), m.Transform, other))))
	if diff := cmp.Diff(want, got.FeaturesPLDA); diff != "" {
		t.Errorf("PLDA is another: %s", diff)
	}
	if m.FeaturesPLDA != was || m.Threshold != threshold || len(m.Notes) > 0 || len(m.TrainedOn) != train.N() {
		t.Error("the model itself has changed")
	}
	if n := train.N() + other.N() - 3; len(got.TrainedOn) != n || !slices.IsSorted(got.TrainedOn) {
		t.Errorf("%d items are known, want %d", len(got.TrainedOn), n)
	}
	loaded := saveAndLoad(t, got)
	defer loaded.Close()
	if !strings.Contains(strings.Join(loaded.Notes, "\n"), "adapted to 36 items") ||
		loaded.FeaturesPLDA.Adapted != other.N() {
		t.Errorf("notes %q", loaded.Notes)
	}
	of := labtest.Must(ValidationPairs(m.Config, val))
	z := embed(t, loaded, backend, val)
	cosines, same := pairs.Scores(z, of)
	chosen := labtest.Must(metric.Verify(cosines, same, of.Weight, metric.VerificationOptions{}))
	if loaded.Threshold != chosen.Natural.BestAccuracy.Threshold || loaded.Calibration == nil {
		t.Errorf("threshold %v, want %v; calibration %v", loaded.Threshold, chosen.Natural.BestAccuracy.Threshold,
			loaded.Calibration)
	}
	if cmp.Equal(z, embed(t, m, backend, val)) {
		t.Error("the embeddings have not changed")
	}
	kept, err := m.Adapt(t.Context(), backend, other, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	if kept.Threshold != threshold || !cmp.Equal(kept.FeaturesPLDA, got.FeaturesPLDA) {
		t.Errorf("without validation items: threshold %v, want %v", kept.Threshold, threshold)
	}
}

func TestAdaptRefuses(t *testing.T) {
	backend := devicetest.Go(t)
	train := labtest.InBlocks("t", 12, 1)
	plain, err := Untrained(t.Context(), toyConfig(), train)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plain.Adapt(t.Context(), backend, train, nil); !slices.Equal(option.Names(err), []string{"plda"}) {
		t.Errorf("a model without PLDA: %v", err)
	}
	m, err := Untrained(t.Context(), withPLDA(), train)
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Adapt(t.Context(), backend, train.Select([]int{0}), nil)
	labtest.WantError(t, err, "items to adapt to", "1 items")
	few, err := train.SelectColumns(train.Columns[:1])
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Adapt(t.Context(), backend, few, nil)
	labtest.WantError(t, err, "items to adapt to", train.Columns[1])
	_, err = m.Adapt(t.Context(), backend, train, few)
	labtest.WantError(t, err, "validation items")
	if _, err := (&Model{}).Adapt(t.Context(), backend, train, nil); err == nil {
		t.Error("an empty model is no error")
	}
}
