package show

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// endEnv, where it is set, makes the test binary end like a cell whose error has that text.
const endEnv = "SIAMESE_TEST_END"

func TestMain(m *testing.M) {
	switch text := os.Getenv(endEnv); text {
	case "":
		os.Exit(m.Run())
	case "cancelled":
		OK(fmt.Errorf("training: %w", context.Canceled))
	default:
		fmt.Println(Must(7, nil))
		Must(0, errors.New(text))
	}
	fmt.Println("not reached")
}

func TestCellEnds(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{"the file is gone": "the file is gone\n",
		"cancelled": "interrupted: training: context canceled\n"} {
		cmd := exec.Command(self, "-test.run=^$")
		cmd.Env = append(os.Environ(), endEnv+"="+text)
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		var exit *exec.ExitError
		if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
			t.Errorf("%s: the cell ends with %v, want exit status 1", text, err)
		}
		if errs.String() != want || strings.Contains(out.String(), "not reached") {
			t.Errorf("%s: output %q, errors %q, want %q", text, out.String(), errs.String(), want)
		}
	}
	OK(nil)
}

func TestContextIsCancelledByInterrupt(t *testing.T) {
	ctx := Context()
	if ctx.Err() != nil {
		t.Fatal(ctx.Err())
	}
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ctx.Done():
	case <-time.After(time.Minute):
		t.Fatal("an interrupt does not cancel")
	}
}
