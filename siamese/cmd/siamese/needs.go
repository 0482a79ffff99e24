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
	"github.com/go-siamese/lab/siamese/metric"
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
		return d.openOnDisk
	case d.Labels != "":
		return d.openShared
	}
	return table.Open
}

// openOnDisk reads DATA and leaves its features on disk. What takes more than two seconds is shown.
func (d *dataFlags) openOnDisk(ctx context.Context, name string, opt table.Options) (*data.Frame, *table.Explanation,
	error) {
	tell, end := diskBar(d.errOut, "the features of "+name+" on disk")
	defer end()
	opt.Progress = func(done, total int64) error {
		tell(int(done), int(total))
		return nil
	}
	return table.OpenOnDisk(ctx, name, opt)
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
	fmt.Fprintf(errOut, "the features of the %d training items take %s of disk while they are trained on\n",
		len(sides.Train), memory.Size(numbers(len(sides.Train), frame.F())))
	return onDisk(ctx, errOut, "training", frame, sides.Train)
}

// onDisk returns the items of a side of a split, in a file beside those of tables, until release is called.
func onDisk(ctx context.Context, errOut io.Writer, side string, frame *data.Frame, items []int) (of *data.Frame,
	release func(), err error) {
	dir, err := table.CacheDir()
	if err != nil {
		return nil, nil, err
	}
	tell, end := diskBar(errOut, "a copy of the "+side+" items")
	defer end()
	return ondisk.Select(ctx, frame, items, dir, func(done int) { tell(done, len(items)) })
}

// toldFrom is the number of bytes from which a command says what it will need: nobody waits for less.
const toldFrom = 1e9

// numbers returns the bytes of a matrix [rows, columns].
func numbers(rows, columns int) float64 { return 4 * float64(rows) * float64(columns) }

// needs says on errOut what some work will need beside the items, where that is much, and returns an error where there
// is not as much memory: the system would end the program without a word.
func needs(errOut io.Writer, what string, bytes float64) error {
	return needsOr(errOut, what, bytes, option.Do("give fewer items, or use a machine with more"))
}

// needsOr is needs with what to do where there is less.
func needsOr(errOut io.Writer, what string, bytes float64, fix option.Fix) error {
	if err := memory.Check(what, bytes, fix); err != nil {
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

// fits returns an error if the evaluation does not fit into memory; width is that of embeddings. There are the items of
// every side unless they stay on disk, those of the test once more as features without training unless estimates read
// them as they are needed, and with --baselines a matrix as wide as the features and its eigenvectors.
func (e *evaluateCommand) fits(errOut io.Writer, frame *data.Frame, split *split.Split, width int) error {
	train, val, test, f := len(split.Train), len(split.Val), len(split.Test), frame.F()
	n := float64(test)
	fix := option.Do("give fewer items, or use a machine with more")
	var bytes float64
	if e.Baselines {
		m := min(train, f)
		bytes += 4 * numbers(m, m)
		fix = fix.Or("give --no-baselines")
	}
	if !e.Stream {
		bytes += numbers(val+test, f)
		if e.Baselines {
			bytes += numbers(train, f)
		}
		fix = fix.Or("give --stream")
	}
	if e.Estimate > 0 && e.Estimate < test {
		// Embeddings, estimates of the widest rows, and hashes of items with what finds equal ones.
		bytes += numbers(test+val, width) + metric.ReadBytes(test, f, e.Estimate) + 150*float64(test+val)
		if e.Baselines { // embeddings of a second method, and what metrics are learnt from, in doubled precision too
			bytes += numbers(test, width) + 3*numbers(test+train, 128)
		}
	} else {
		bytes += numbers(test, f)
		if e.Pairs == "" {
			fix = fix.Or("estimate, with --estimate=2000")
		}
	}
	if e.Resamples > 0 && e.Pairs == "" && e.Estimate == 0 {
		bytes += n * n // a byte a pair, for all resamples
	}
	if e.Rerank > 0 { // the neighbours of an item, and twice what encodes it
		k1 := min(float64(e.Rerank), n)
		bytes += 16 * n * (k1 + min(k1*float64(cmp.Or(e.RerankK2, gallery.DefaultK2)), n))
	}
	return needsOr(errOut, "evaluating", bytes, fix)
}

// evaluatedSides are the items that an evaluation needs; nil = none of that side.
type evaluatedSides struct {
	train, val, test *data.Frame
	release          func()
}

// sides returns the items of a split that the evaluation needs: with --stream on disk, until they are released. Given
// pairs name the items of DATA.
func (e *evaluateCommand) sides(ctx context.Context, errOut io.Writer, frame *data.Frame,
	split *split.Split) (_ *evaluatedSides, err error) {
	out, releases := &evaluatedSides{}, []func(){}
	out.release = func() {
		for _, release := range releases {
			release()
		}
	}
	defer func() {
		if err != nil {
			out.release()
		}
	}()
	for _, side := range []struct {
		name   string
		needed bool
		items  []int
		to     **data.Frame
	}{{"training", e.Baselines || e.Advise, split.Train, &out.train}, {"validation", e.Pairs == "", split.Val, &out.val},
		{"test", e.Pairs == "", split.Test, &out.test}} {
		switch {
		case !side.needed:
		case !e.Stream:
			*side.to = frame.Select(side.items)
		default:
			fmt.Fprintf(errOut, "the features of the %d %s items take up to %s of disk while they are evaluated\n",
				len(side.items), side.name, memory.Size(numbers(len(side.items), frame.F())))
			var release func()
			if *side.to, release, err = onDisk(ctx, errOut, side.name, frame, side.items); err != nil {
				return nil, err
			}
			releases = append(releases, release)
		}
	}
	return out, nil
}
