package table

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/memory"
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
// columns. Tables of Delta, Iceberg and Hudi, and folders that Spark has not ended, are errors: some of their files do
// not count. Folders named KEY=VALUE within it (as Hive, Spark, pandas and polars make them) give their files a label or
// domain where KEY is called so, or is named in opt; other keys are left out. The cache is not used for folders.
//
// Columns get their roles by opt.Schema, and by their names where it says nothing. A column
// of lists of numbers, all of one length, becomes as many features: "hog" has "hog/0", "hog/1",
// … Numbers of every type are rounded to the nearest float32, and the notes count those of which more than
// a rounding error is lost (1e-60 is 0, 16777217 is 16777216); truth values are 0 and 1. IDs,
// labels and domains may be text (also dictionaries and categories), whole numbers of any type,
// floating point and decimal included, truth values, UUIDs, days and instants. Durations, periods
// and columns without any value are no features. Where pandas notes its index, that is the id, or
// left out.
//
// Left out, and told in the notes, are columns that number the rows rather than measure anything: the index that pandas
// writes where it is not the ids, columns called index, row_nr, rownames or the like that hold whole numbers, and
// columns of 10 or more rows whose whole numbers follow each other in order or in any other. opt.Keep keeps them.
// Labels and domains that are words for missing, such as NA, are unknown; opt.Missing gives other words. Columns and
// rows of a text table without any value are left out, as are parts of a folder without rows.
//
// The notes also tell what may mean something else than it seems: classes called unknown or -1, labels that differ in
// spelling only, ids in the notation of spreadsheets, texts in single quotes, numbers such as -999 far from all others,
// features that rise in equal steps from row to row or are called as classes are, and those that float32 cannot tell
// apart.
//
// The first time, a copy is left in a cache (see [Options]); as long as the content of the file stays the same,
// later calls with the same options map it into memory instead of reading the file, which takes about the same
// time for all formats. The frame may be written to: changes stay private. A cache that cannot be written is
// reported in the notes, not as an error.
//
// path "-" is standard input. It, like a named pipe, is read to its end into a temporary file first, so that every
// format can come from a pipe, and kept in no cache. Devices, sockets and folders are errors.
//
// Options that can do nothing to the file are errors: Comma, NoHeader and EscapedFormulas where it is no text, X where
// it is no NPZ archive, and Missing where it is no text and has no labels and domains.
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
	in, err := openInput(ctx, path, &opt)
	if err != nil {
		return nil, nil, err
	}
	defer in.Close()
	if opt.NoCache || opt.BlockOf != nil || in.Size < cache.MinSize || in.file.Spooled {
		return read(ctx, &in.Input, &opt)
	}
	info, err := in.file.Stat()
	if err != nil {
		return nil, nil, fmt.Errorf("table: %w", err)
	}
	return cache.Open(ctx, &in.Input, info, &opt, read)
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
	f, e, err := decode(ctx, in, opt)
	if err == nil {
		reading.Settle(f, e, opt)
	}
	return f, e, err
}

// decode reads the file as its format does, before [reading.Settle]. A panic of a decoder becomes an error.
func decode(ctx context.Context, in *reading.Input, opt *Options) (f *data.Frame, e *Explanation, err error) {
	defer memory.Tight()()
	defer tableerr.Guard(in.Name, &err)
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	format := formatOf(in)
	if err := checkIdle(in.Name, &format, opt); err != nil {
		return nil, nil, err
	}
	if f, e, err = format.Open(ctx, in, opt); err != nil {
		return nil, nil, err
	}
	if err := checkIdleMissing(in.Name, &format, opt, e.Label != "" || e.Domain != ""); err != nil {
		return nil, nil, err
	}
	return f, e, nil
}
