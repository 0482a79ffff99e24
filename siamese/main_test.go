package siamese

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(trainEnv); dir != "" {
		trainChild(dir)
		return
	}
	os.Exit(m.Run())
}
