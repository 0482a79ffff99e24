package lab_test

import (
	"errors"
	"os"
	"testing"

	"github.com/go-siamese/lab/kernels/cell"
	"github.com/go-siamese/lab/siamese/lab"
)

// TestRefused: what is refused goes on, what is not refused ends the cell, and a mistake is no refusal.
func TestRefused(t *testing.T) {
	went := false
	if err := failure(func() {
		lab.Refused(func() { cell.Fail(errors.New("no"), "say it otherwise") })
		went = true
	}); err != nil || !went {
		t.Errorf("a refusal: %v", err)
	}
	var failed *cell.Failure
	if err := failure(func() { lab.Refused(func() {}) }); !errors.As(err, &failed) {
		t.Errorf("nothing is refused: %v", err)
	}
	if err := failure(func() { lab.Refused(func() { panic(os.ErrClosed) }) }); !errors.Is(err, os.ErrClosed) ||
		errors.As(err, &failed) {
		t.Errorf("a mistake: %v", err)
	}
}
