package study

import (
	"errors"
	"io"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/option"
)

// TestOfMachine: a full disk ends the search, and is no failure of a trial that its record would keep.
func TestOfMachine(t *testing.T) {
	full := atomicfile.WriteOwn(filepath.Join(t.TempDir(), "state"), func(w io.Writer) error { return syscall.ENOSPC })
	missing := atomicfile.WriteOwn(filepath.Join(t.TempDir(), "none", "state"), func(io.Writer) error { return nil })
	for what, err := range map[string]error{"full": full, "missing": missing, "in use": atomicfile.ErrInUse} {
		if err == nil || !ofMachine(err) {
			t.Errorf("%s: %v counts as the trial's", what, err)
		}
	}
	for _, err := range []error{errors.New("the loss is not finite"), option.Errorf("batch_pairs", "too many")} {
		if ofMachine(err) {
			t.Errorf("%v does not count as the trial's", err)
		}
	}
}
