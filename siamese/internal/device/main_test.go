package device_test

import (
	"testing"

	"github.com/go-siamese/lab/siamese/internal/labtest/labdevice"
)

func TestMain(m *testing.M) { labdevice.Main(m) }
