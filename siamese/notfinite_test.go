package siamese

import (
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/pairstest"
)

// A batch whose loss is not finite is saved as its labelled pairs.
func TestNotFiniteBatchOfLabelledPairs(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	items, train, val := pairstest.PairsCase(t)
	cfg := toyConfig()
	cfg.Loss, cfg.Monitor, cfg.Preprocess.Scale = labtest.LossOf("supcon"), MonitorAUC, preprocess.ScaleNone
	for k := range items.F() {
		items.X[int(train.Left[0])*items.F()+k] = 3e38
	}
	_, err = TrainPairs(t.Context(), backend, cfg, items, train, val, TrainOptions{})
	var lost *NotFiniteError
	if !errors.As(err, &lost) {
		t.Fatalf("got %v", err)
	}
	rows, err := csv.NewReader(strings.NewReader(lost.Batch)).ReadAll()
	if err != nil || len(rows) < 50 || !cmp.Equal(rows[0], []string{"left", "right", "same", "different"}) {
		t.Fatalf("%v: %d rows, %q", err, len(rows), rows[0])
	}
	for _, row := range rows[1:] {
		k := slices.IndexFunc(pairstest.Places(train), func(k int32) bool {
			l, r := items.IDs[train.Left[k]], items.IDs[train.Right[k]]
			return l == row[0] && r == row[1] || l == row[1] && r == row[0]
		})
		if k < 0 || train.Same(k) != (row[3] == "0") {
			t.Fatalf("row %q is pair %d", row, k)
		}
	}
}
