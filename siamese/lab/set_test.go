package lab_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/kernels/cell"
	"github.com/go-siamese/lab/siamese/lab"
)

// TestSetRefuses: a name or a value that does not fit ends the cell with the name that is meant.
func TestSetRefuses(t *testing.T) {
	for _, test := range []struct {
		name  string
		value any
		want  string
	}{
		{"Epoch", 3, "Epochs"},
		{"Epochs", 2.5, "integer"},
		{"Epochs", "3", "integer"},
		{"Seed", -1, "not negative"},
		{"Optimizer", 65, "a text"},
		{"Loss.Margn", .3, "Margin"},
		{"Epochs", nil, "integer"},
	} {
		func() {
			defer func() {
				var failed *cell.Failure
				err, _ := recover().(error)
				if !errors.As(err, &failed) || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%s = %v: %v, want %s", test.name, test.value, err, test.want)
				}
			}()
			cfg := lab.Config()
			lab.Set(test.name, test.value)(&cfg)
		}()
	}
	cfg := lab.Config()
	lab.Set("Layers", []int{3, 2})(&cfg)
	lab.Set("dropout", 0)(&cfg)
	lab.Set("learning_rate", float32(.5))(&cfg)
	lab.Set("Augment", 0.3)(&cfg)
	lab.Set("augment.erase", 0.2)(&cfg)
	views := augment.Usual(0.3)
	views.Erase = 0.2
	if cfg.Augment != views {
		t.Errorf("%+v, want %+v", cfg.Augment, views)
	}
	if len(cfg.Layers) != 2 || cfg.Dropout != 0 || cfg.LearningRate != .5 {
		t.Errorf("%+v", cfg)
	}
}
