package loss_test

import (
	"os"
	"testing"

	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// Losses are compared with references within a tolerance.
func TestMain(m *testing.M) { os.Exit(devicetest.RunUnoptimised(m)) }
