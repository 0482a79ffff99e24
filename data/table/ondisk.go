package table

import (
	"context"
	"os"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table/internal/cache"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// OpenOnDisk is [Open] for tables larger than the memory: the features of the frame are in a file, made once from those
// of the table in one pass, and read as they are needed (package data/ondisk says how, and that nobody may write to
// them). Ids, labels and domains are in memory, some 50 bytes an item.
//
// The file has 4 bytes a value. It is in the cache, by the content of the table and the options, and made anew where it
// is damaged; that of a folder, or of a table from a pipe, is a temporary one. Where the disk has surely no room, that
// is an error before anything is read. Progress is told as in [Scan], and then once more from 0 on, in bytes, while the
// file is checked; cancelling ctx leaves nothing.
//
// Items are read as by Scan: columns that number the rows are recognised by the first part alone, and the explanation
// tells less than that of Open. Ids that are there twice are an error, which names both rows.
func OpenOnDisk(ctx context.Context, path string, opt Options) (*data.Frame, *Explanation, error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || opt.BlockOf != nil {
		return cache.OpenRowsOnce(ctx, path, &opt, func(yield reading.Yielder) error { return scan(ctx, path, &opt, yield) })
	}
	if err := notNegative(&opt); err != nil {
		return nil, nil, err
	}
	if err := cache.CheckDisk(&opt, leastOnDisk(path, info.Size())); err != nil {
		return nil, nil, err
	}
	in, err := openInput(ctx, path, &opt)
	if err != nil {
		return nil, nil, err
	}
	defer in.Close()
	return cache.OpenRows(ctx, &in.Input, info, &opt,
		func(yield reading.Yielder) error { return scan(ctx, path, &opt, yield) })
}

// leastOnDisk returns how many bytes the features in a file of that size take at least: a number of 4 bytes has as many
// in NPY, may have fewer in compressed formats, and up to 16 in text.
func leastOnDisk(path string, size int64) float64 {
	if strings.HasSuffix(strings.ToLower(path), ".npy") {
		return float64(size) / 2 // of float64
	}
	return float64(size) / 4
}

// CacheDir returns the folder in which [Open] and [OpenOnDisk] keep copies unless Options.CacheDir says otherwise. It
// is made if it is not there.
func CacheDir() (string, error) {
	dir, err := cache.Dir()
	if err != nil {
		return "", err
	}
	return dir, os.MkdirAll(dir, 0o755)
}
