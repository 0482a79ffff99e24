package worker

import (
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/labtest"
)

// What a session knows a model by, what it says of it and what it takes count all encoders.
func TestEnsembleOfSession(t *testing.T) {
	cfg := siamese.DefaultConfig()
	cfg.Layers = []int{8, 4}
	train := labtest.Toy("t", 4, 10, 6, 0.5, 1)
	one, err := siamese.Untrained(t.Context(), cfg, train)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Ensemble = [][]int{{5}}
	two, err := siamese.Untrained(t.Context(), cfg, train)
	if err != nil {
		t.Fatal(err)
	}
	if digestOf(one) == digestOf(two) {
		t.Error("an encoder more is the same model")
	}
	was := digestOf(two)
	two.Ensemble[0][0].Weights[3]++
	if digestOf(two) == was {
		t.Error("another weight is the same model")
	}
	if got := shape(two); !strings.HasPrefix(got, "2 encoders") || !strings.Contains(got, "9 numbers") {
		t.Error(got)
	}
	bytes := func(m *siamese.Model) int64 { return (&modelObject{&siamese.Result{Model: m}}).bytes() }
	if got, want := bytes(two)-bytes(one), int64(8*(6*5+5)); got != want {
		t.Errorf("%d bytes more, want %d", got, want)
	}
}
