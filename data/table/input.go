package table

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// input is an open table: a regular file, or a pipe that was read to its end.
type input struct {
	reading.Input
	file *openfile.File
}

// openInput opens the table at path, "-" = standard input. A pipe may give MaxBytes of opt, 0 = [openfile.MaxStream].
// What cannot be read is an [*Error] that says what it is; a file that is not there is the error of the system.
func openInput(ctx context.Context, path string, opt *Options) (*input, error) {
	file, err := openfile.Stream(ctx, path, opt.MaxBytes)
	return newInput(ctx, file, err)
}

// newInput returns an open file as an input, or the error of opening it in the words of this package.
func newInput(ctx context.Context, file *openfile.File, err error) (*input, error) {
	var refused *openfile.Refused
	switch {
	case errors.As(err, &refused):
		return nil, &Error{File: refused.Path, Problem: "it is " + refused.What + ", not a file",
			Fix: option.Do(refused.Fix)}
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("table: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("table: %w", err)
	}
	return &input{reading.Input{Name: file.Name, Size: info.Size(), ReaderAt: file.File}, file}, nil
}

// Close closes the file.
func (in *input) Close() error { return in.file.Close() }

// withPart calls use with a table of a folder, open, and closes it. use must keep nothing that reads from it.
func withPart(ctx context.Context, path string, use func(*reading.Input) error) error {
	file, err := openfile.Part(path)
	in, err := newInput(ctx, &openfile.File{File: file, Name: path}, err)
	if err != nil {
		return err
	}
	defer in.Close()
	return use(&in.Input)
}
