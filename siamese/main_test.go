package siamese

import (
	"fmt"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(trainEnv); dir != "" {
		trainChild(dir)
		return
	}
	if os.Getenv(portableEnv) != "" {
		if err := portableChild(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}
