package table

import (
	"context"
	"errors"
	"iter"
	"os"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// Scan returns the table at path as frames of at most opt.BatchRows items, in the order of the
// file, for tables longer than the memory: it needs room for one frame and a few megabytes (for
// Parquet, a page and some 40 KiB for every column; for Arrow, a batch of the file). The formats, roles and
// errors are those of [Open]; all frames have the same columns and blocks, and Labels and
// Domains when the table has such columns. The frames are the caller's to keep. Items without
// an id are numbered through the whole file; that ids are unique is only checked by reading
// frames together, since remembering all ids would take memory. The cache is not used. Columns that number the
// rows are left out as by Open, but recognised by the first frame alone.
//
// An error, that of a context that ends included, ends the sequence, with a nil frame. A caller that stops early closes
// the file.
func Scan(ctx context.Context, path string, opt Options) iter.Seq2[*data.Frame, error] {
	return func(yield func(*data.Frame, error) bool) {
		err := scan(ctx, path, &opt, func(f *data.Frame) error {
			if !yield(f, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(nil, err)
		}
	}
}

// errEnough ends a scan whose caller wants no more.
var errEnough error = &tableerr.Stopped{Err: errors.New("enough")}

// scan is [Scan] with a function in place of a sequence: an error of yield ends the reading and is returned.
func scan(ctx context.Context, path string, opt *Options, yield reading.Yielder) (err error) {
	if err := notNegative(opt); err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		d, err := openFolder(path, *opt)
		if err != nil {
			return err
		}
		return d.scan(ctx, yield)
	}
	in, err := openInput(ctx, path, opt)
	if err != nil {
		return err
	}
	defer in.Close()
	return scanInput(ctx, &in.Input, opt, reading.Settler(opt), yield)
}

// scanInput is scan of an open file. A panic of a decoder, which a bad file can provoke, becomes an error.
func scanInput(ctx context.Context, in *reading.Input, opt *Options, settle func(*data.Frame), yield reading.Yielder) (
	err error) {
	// A panic in yield is the caller's own and goes on: "the file is damaged" would hide it.
	caller := false
	inner := yield
	format := formatOf(in)
	if err := checkIdle(in.Name, &format, opt); err != nil {
		return err
	}
	yield = func(f *data.Frame) error {
		if err := checkIdleMissing(in.Name, &format, opt, f.Labels != nil || f.Domains != nil); err != nil {
			return err
		}
		settle(f)
		caller = true
		err := inner(f)
		caller = false
		return err
	}
	defer func() {
		if caller {
			return
		}
		if cause := recover(); cause != nil {
			err = &Error{File: in.Name, Problem: "the file is damaged",
				Fix: option.Do("write or copy it again"), Err: tableerr.Caught(cause)}
		}
	}()
	return format.Scan(ctx, in, opt, yield)
}
