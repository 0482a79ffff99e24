package session_test

import (
	"testing"

	"github.com/go-siamese/lab/siamese/internal/labtest"
)

// TestLight sees that a cell that uses a session links little.
func TestLight(t *testing.T) {
	labtest.Light(t, 146, []string{".", "../config"}, "klauspost", "google.golang.org")
}
