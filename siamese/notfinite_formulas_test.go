package siamese

import (
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// Ids and classes that a spreadsheet would run are counted in the error of a batch, or escaped in its file.
func TestNotFiniteBatchEscapesFormulas(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	for _, loss := range []string{"mse", "supcon"} {
		for _, escape := range []bool{false, true} {
			train, val := labtest.Toy("t", 3, 6, 6, 1, 1), labtest.Toy("v", 3, 6, 6, 1, 2)
			for i := range train.IDs {
				train.IDs[i] = "=" + train.IDs[i]
			}
			for i := range train.X {
				train.X[i] = float32(math.Copysign(3e38, float64(train.X[i])))
			}
			cfg := toyConfig()
			cfg.Loss, cfg.Monitor, cfg.BatchPairs = labtest.LossOf(loss), MonitorAUC, 4
			cfg.Preprocess.Scale = preprocess.ScaleNone
			_, err := Train(t.Context(), backend, cfg, train, val,
				TrainOptions{State: t.TempDir(), EscapeFormulas: escape})
			var found *NotFiniteError
			if !errors.As(err, &found) || found.Path == "" {
				t.Fatalf("%s: %v", loss, err)
			}
			content, err := os.ReadFile(found.Path)
			if err != nil {
				t.Fatal(err)
			}
			named := map[string]bool{}
			for _, row := range strings.Split(strings.TrimSpace(string(content)), "\n")[1:] {
				for _, cell := range strings.Split(row, ",") {
					if id, ok := strings.CutPrefix(cell, "'"); ok != (escape && strings.HasPrefix(id, "=")) {
						t.Errorf("%s, escaped %v: cell %q", loss, escape, cell)
					} else if strings.HasPrefix(id, "=") {
						named[id] = true
					}
				}
			}
			want := len(named)
			if escape {
				want = 0
			}
			if len(named) < 3 || found.Formulas != want {
				t.Errorf("%s, escaped %v: %d formulas, want %d", loss, escape, found.Formulas, want)
			}
			spelled := option.Text(found, func(name string) string { return "--" + name })
			if strings.Contains(spelled, "--EscapeFormulas") == escape || !strings.Contains(spelled, "--clip_norm") {
				t.Error(spelled)
			}
		}
	}
}
