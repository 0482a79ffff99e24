package evaluate

import (
	"os"
	"testing"

	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// Results of graphs are compared within one process, or with a tolerance.
func TestMain(m *testing.M) { os.Exit(devicetest.RunUnoptimised(m)) }
