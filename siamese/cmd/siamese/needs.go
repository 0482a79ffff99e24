package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/memory"
	"github.com/go-siamese/lab/data/ondisk"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/gallery"
)

// streamFlag is the flag of a command that can leave the features of DATA on disk. What it still holds in memory it
// says before it starts, and refuses where that is too much.
type streamFlag struct {
	Stream bool `help:"Leave the features of DATA on disk, for tables larger than the memory."`
}

// checkOnDisk returns a usage error for --stream where nothing can be left on disk.
func (d *dataFlags) checkOnDisk(name string) error {
	switch {
	case !d.onDisk:
		return nil
	case isBuiltin(name):
		return wrongFlag("stream", "it is for a table, and %s has none: leave it out", builtinName)
	case d.Labels != "" || d.LabelsOfPairs != "":
		return wrongFlag("stream", "labels from another table are joined in memory: write them into DATA first, or leave "+
			"it out")
	}
	return nil
}

// opener returns what reads DATA.
func (d *dataFlags) opener() func(context.Context, string, table.Options) (*data.Frame, *table.Explanation, error) {
	switch {
	case d.onDisk:
		return table.OpenOnDisk
	case d.Labels != "":
		return d.openShared
	}
	return table.Open
}

// trainingItems returns the training items, on disk if DATA is, until release is called.
func (t *trainCommand) trainingItems(ctx context.Context, errOut io.Writer, frame *data.Frame,
	sides *split.Split) (items *data.Frame, release func(), err error) {
	if !t.Stream {
		return frame.Select(sides.Train), func() {}, nil
	}
	// Ids, digests of the split's file, and the validation items.
	if err := needs(errOut, "training", 600*float64(frame.N())+numbers(len(sides.Val), frame.F())); err != nil {
		return nil, nil, err
	}
	dir, err := table.CacheDir()
	if err != nil {
		return nil, nil, err
	}
	fmt.Fprintf(errOut, "the features of the %d training items take %s of disk while they are trained on\n",
		len(sides.Train), memory.Size(numbers(len(sides.Train), frame.F())))
	return ondisk.Select(ctx, frame, sides.Train, dir)
}

// toldFrom is the number of bytes from which a command says what it will need: nobody waits for less.
const toldFrom = 1e9

// numbers returns the bytes of a matrix [rows, columns].
func numbers(rows, columns int) float64 { return 4 * float64(rows) * float64(columns) }

// needs says on errOut what some work will need beside the items, where that is much, and returns an error where there
// is not as much memory: the system would end the program without a word.
func needs(errOut io.Writer, what string, bytes float64) error {
	if err := memory.Check(what, bytes, option.Do("give fewer items, or use a machine with more")); err != nil {
		return err
	}
	if free, known := memory.Free(); known && bytes >= toldFrom {
		fmt.Fprintf(errOut, "%s needs about %s of memory, %s\n", what, memory.Size(bytes),
			provenance.Volatile(memory.Size(float64(free))+" are free"))
	}
	return nil
}

// fits returns an error if the table in a file cannot fit into memory, by its size: a number of 4 bytes takes as many
// in most formats, and some 16 in text. What is mapped from the cache needs none. It is a first look: the reader of the
// table knows its shape, and refuses what does not fit before it makes room.
func fits(path string, opt table.Options) error {
	stat, err := os.Stat(path)
	if err != nil || !stat.Mode().IsRegular() || table.Cached(path, opt) {
		return nil //nolint:nilerr // what opens the file says it better
	}
	bytes := float64(stat.Size())
	lower := strings.ToLower(path)
	for _, ending := range []string{".csv", ".tsv", ".txt"} {
		if strings.HasSuffix(lower, ending) {
			bytes /= 4
		}
	}
	return memory.Check("reading "+path, bytes, option.Do("give a file with fewer items, or use a machine with more"))
}

// fits returns an error if the evaluation does not fit into memory: the items of every side, those of the test once
// more as features without training, and with --baselines a matrix as wide as the features and its eigenvectors.
func (e *evaluateCommand) fits(errOut io.Writer, frame *data.Frame, split *split.Split) error {
	bytes := numbers(len(split.Val)+2*len(split.Test), frame.F())
	if e.Baselines {
		bytes += numbers(len(split.Train), frame.F())
		m := min(len(split.Train), frame.F())
		bytes += 4 * numbers(m, m)
	}
	if n := float64(len(split.Test)); e.Resamples > 0 && e.Pairs == "" {
		bytes += n * n // a byte a pair, for all resamples
	}
	if n := float64(len(split.Test)); e.Rerank > 0 { // the neighbours of an item, and twice what encodes it
		k1 := min(float64(e.Rerank), n)
		bytes += 16 * n * (k1 + min(k1*float64(cmp.Or(e.RerankK2, gallery.DefaultK2)), n))
	}
	return needs(errOut, "evaluating", bytes)
}
