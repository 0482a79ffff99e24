package lab_test

import (
	"testing"

	"github.com/go-siamese/lab/siamese/internal/labtest"
)

// TestLight sees that a cell of this package links little.
func TestLight(t *testing.T) { labtest.Light(t, 150, []string{"."}, "siamese/show") }
