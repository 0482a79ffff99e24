package acceptance_test

import (
	"os"
	"testing"

	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// Devices and resumed runs are compared within one process.
func TestMain(m *testing.M) { os.Exit(devicetest.RunUnoptimised(m)) }
