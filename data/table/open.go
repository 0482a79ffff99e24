package table

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/cache"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// Open returns the frame in the file at path and an explanation of how it was read. The format is recognised by
// the content: Parquet, Arrow file or stream (Feather), NPY, NPZ, or else text, each of it plain or, for text,
// compressed with gzip or zstd.
//
// A folder is read as one table of its Parquet and Arrow files, in the order of their names, which must have the same
// columns. Folders named KEY=VALUE within it (as Hive, Spark, pandas and polars make them) give their files a label or
// domain where KEY is called so, or is named in opt; other keys are left out. The cache is not used for folders.
//
// Columns get their roles by opt.Schema, and by their names where it says nothing. A column
// of lists of numbers, all of one length, becomes as many features: "hog" has "hog/0", "hog/1",
// … Numbers of every type are rounded to the nearest float32; truth values are 0 and 1. IDs,
// labels and domains may be text (also dictionaries and categories), whole numbers of any type,
// floating point and decimal included, truth values, UUIDs, days and instants. Durations, periods
// and columns without any value are no features. Where pandas notes its index, that is the id, or
// left out.
//
// The first time, a copy is left in a cache (see [Options]); as long as the content of the file stays the same,
// later calls with the same options map it into memory instead of reading the file, which takes about the same
// time for all formats. The frame may be written to: changes stay private. A cache that cannot be written is
// reported in the notes, not as an error.
//
// Errors are of type [*Error] and name file, row (in text: line) and column.
// Missing and infinite values are errors unless opt.AllowMissing. Cancelling ctx stops the
// reading with its error. No file makes Open panic, or use more memory than opt.MaxBytes and
// some tens of megabytes. The frame is the caller's.
func Open(ctx context.Context, path string, opt Options) (*data.Frame, *Explanation, error) {
	if err := notNegative(&opt); err != nil {
		return nil, nil, err
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		d, err := openFolder(path, opt)
		if err != nil {
			return nil, nil, err
		}
		return d.read(ctx)
	}
	var f *data.Frame
	var e *Explanation
	err := withFile(path, func(in *reading.Input, info os.FileInfo) (err error) {
		if opt.NoCache || opt.BlockOf != nil || info.Size() < cache.MinSize {
			f, e, err = read(ctx, in, &opt)
			return err
		}
		f, e, err = cache.Open(ctx, in, info, &opt, read)
		return err
	})
	return f, e, err
}

// withFile calls use with an open file.
func withFile(path string, use func(*reading.Input, os.FileInfo) error) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("table: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("table: %w", err)
	}
	if !info.Mode().IsRegular() {
		return &Error{File: path, Problem: "this is not a regular file", Fix: option.Do("give the path of a file")}
	}
	return use(&reading.Input{Name: path, Size: info.Size(), ReaderAt: file}, info)
}

// notNegative returns an error for sizes below 0, joined. In options of a call 0 is the default, and a negative number,
// which is likely a mistake, means nothing.
func notNegative(opt *Options) error {
	var problems []error
	for _, size := range []struct {
		option string
		value  int64
	}{{"BatchRows", int64(opt.BatchRows)}, {"MaxBytes", opt.MaxBytes}, {"CacheBytes", opt.CacheBytes}} {
		if size.value < 0 {
			problems = append(problems, fmt.Errorf("table: %w",
				option.Errorf(size.option, "is %d; give 0 (the default) or more", size.value)))
		}
	}
	return errors.Join(problems...)
}

// read reads the file itself, without the cache.
func read(ctx context.Context, in *reading.Input, opt *Options) (*data.Frame, *Explanation, error) {
	return decode(ctx, in, opt)
}

// decode reads the file as its format does. A panic of a decoder becomes an error.
func decode(ctx context.Context, in *reading.Input, opt *Options) (f *data.Frame, e *Explanation, err error) {
	defer tableerr.Guard(in.Name, &err)
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	return formatOf(in).Open(ctx, in, opt)
}
