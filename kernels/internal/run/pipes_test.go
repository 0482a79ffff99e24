package run

import (
	"errors"
	"os"
	"testing"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/params"
)

// TestNoPipes: a device in place of a notebook or a file of parameters is refused for what it is, as is a pipe, which
// would be waited for until somebody kills the program.
func TestNoPipes(t *testing.T) {
	for name, read := range map[string]func() error{
		"Jobs": func() error {
			_, err := Jobs([]string{os.DevNull}, nil, Options{})
			return err
		},
		"Read": func() error {
			_, err := notebook.Read(os.DevNull)
			return err
		},
		"CheckFile": func() error {
			_, err := notebook.CheckFile(os.DevNull)
			return err
		},
		"params": func() error {
			_, err := params.Read(os.DevNull)
			return err
		},
	} {
		var refused *openfile.Refused
		if err := read(); !errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
