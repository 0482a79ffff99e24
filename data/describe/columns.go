package describe

import (
	"cmp"
	"context"
	"math"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/internal/numeric"
	"github.com/go-siamese/lab/data/ondisk"
	"github.com/go-siamese/lab/data/parallel"
)

// describeColumns fills all fields about columns and values but Blocks, given the moments of f. It returns the error of
// ctx when that ends, with the fields half filled.
func (d *Description) describeColumns(ctx context.Context, f *data.Frame, m *numeric.Moments) error {
	d.Columns = make([]ColumnStats, f.F())
	odd := make([]atomic.Int32, f.N()) // in how many columns an item is an outlier
	for _, b := range f.Blocks {
		for j := b.Start; j < b.End; j++ {
			d.Columns[j] = ColumnStats{
				Name: f.Columns[j], Block: b.Name, Missing: m.Missing[j], Infinite: m.Infinite[j],
				Constant: m.Std[j] == 0,
				Min:      float64(m.Min[j]), Max: float64(m.Max[j]), Mean: m.Mean[j], Std: m.Std[j],
			}
		}
	}
	// Each column is described by one goroutine; items are shared, so odd is atomic. Additions commute: any order, same
	// result.
	scratches := make([]*scratch, runtime.GOMAXPROCS(0))
	at := columnsAtOnce(f)
	values := make([]float32, f.N()*at)
	for from := 0; from < f.F(); from += at {
		to := min(f.F(), from+at)
		if err := gather(ctx, values, f, from, to); err != nil {
			return err
		}
		if err := parallel.Each(ctx, to-from, 0, func(w, k int) error {
			if scratches[w] == nil {
				scratches[w] = newScratch(f.N())
			}
			d.Columns[from+k].describe(f.IDs, values[k*f.N():(k+1)*f.N()], d.Fence, odd, scratches[w])
			return nil
		}); err != nil {
			return err
		}
	}
	// Constant columns of one value repeat each other too.
	equal, err := duplicates.EqualColumns(ctx, f)
	if err != nil {
		return err
	}
	for _, group := range equal {
		for _, j := range group[1:] {
			d.Columns[j].SameAs = f.Columns[group[0]]
		}
	}
	d.sumColumns(f, odd)
	// Moments count values by column; items need a look at their rows.
	for i := range f.N() {
		if d.Missing+d.Infinite == 0 {
			break
		}
		if i%rowsAtOnce == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			ondisk.Touched(rowsAtOnce * f.F())
		}
		if slices.ContainsFunc(f.Row(i), func(v float32) bool { return v-v != 0 }) {
			d.IncompleteItems++
		}
	}
	return nil
}

// describe fills the quartiles and outliers of a column with these values, by item. odd counts, by item, the columns in
// which it is an outlier.
func (c *ColumnStats) describe(ids []string, column []float32, fence float64, odd []atomic.Int32, with *scratch) {
	keys := with.keys[:0]
	for _, v := range column {
		if v-v == 0 {
			keys = append(keys, orderedBits(v))
		}
	}
	if len(keys) == 0 {
		return
	}
	sorted := with.sorted[:0]
	for _, key := range sortKeys(keys, with.spare) {
		sorted = append(sorted, fromOrderedBits(key))
	}
	c.Q1, c.Median = numeric.Quantile(sorted, .25), numeric.Quantile(sorted, .5)
	c.Q3 = numeric.Quantile(sorted, .75)
	// A constant column has no spread to measure by.
	if !c.Constant {
		c.findOutliers(ids, column, c.spread(sorted), fence, odd)
	}
}

// normalMiddle is the range of the middle 90 % of a normal distribution in interquartile ranges, 2.44: twice the
// quantile of 95 %, 1.645 standard deviations, by 1.349.
const normalMiddle = 2 * 1.6448536269514722 / numeric.NormalIQR

// spread returns the unit of outliers, see [Frame], above 0 for a column that is not constant. sorted are its finite
// values; the quartiles are set. The middle 90 % are counted inwards, so that the smallest and the largest of three or
// more values are never among them: a single wild value must not widen the fence that it is measured by.
func (c *ColumnStats) spread(sorted []float32) float64 {
	if c.Q1 == c.Q3 {
		return numeric.NormalIQR * c.Std
	}
	last := float64(len(sorted) - 1)
	low, high := sorted[int(math.Ceil(.05*last))], sorted[int(.95*last)]
	return max(c.Q3-c.Q1, (float64(high)-float64(low))/normalMiddle)
}

// findOutliers counts what lies beyond the fences of a column, fence units from a quartile, and keeps the farthest.
// column are all its values by item, ids those of the items. Most columns have no outlier and are done after one
// comparison.
func (c *ColumnStats) findOutliers(ids []string, column []float32, unit, fence float64, odd []atomic.Int32) {
	if max(c.Q1-c.Min, c.Max-c.Q3) <= fence*unit {
		return
	}
	for i, v := range column {
		far := max(c.Q1-float64(v), float64(v)-c.Q3)
		if v-v != 0 || far <= fence*unit {
			continue
		}
		c.Outliers++
		odd[i].Add(1)
		o := Outlier{ID: ids[i], Column: c.Name, Value: float64(v), Distance: far / unit}
		if len(c.Worst) < maxWorst || o.Distance > c.Worst[maxWorst-1].Distance {
			c.Worst = farthest(append(c.Worst, o))
		}
	}
}

// farthest returns the maxWorst outliers that are farthest out, the farthest first; those that are equally far stay in
// order. It sorts list in place.
func farthest(list []Outlier) []Outlier {
	slices.SortStableFunc(list, byDistance)
	return list[:min(len(list), maxWorst)]
}

// byDistance orders outliers, the farthest first.
func byDistance(a, b Outlier) int { return cmp.Compare(b.Distance, a.Distance) }

// sumColumns adds up what the columns have and finds the worst outliers and oddest items, whose number of columns is
// odd, [N].
func (d *Description) sumColumns(f *data.Frame, odd []atomic.Int32) {
	for _, c := range d.Columns {
		d.Missing += c.Missing
		d.Infinite += c.Infinite
		d.Outliers += c.Outliers
		if c.Constant {
			d.ConstantColumns++
		}
		if c.SameAs != "" {
			d.RepeatedColumns++
		}
		if c.Outliers > 0 {
			d.OutlierColumns++
			d.WorstOutliers = farthest(append(d.WorstOutliers, c.Worst[0]))
		}
	}
	for i := range odd {
		if k := int(odd[i].Load()); k > 0 {
			d.OutlierItems++
			d.OddestItems = append(d.OddestItems, ItemCount{ID: f.IDs[i], Columns: k})
		}
	}
	slices.SortStableFunc(d.OddestItems, func(a, b ItemCount) int { return cmp.Compare(b.Columns, a.Columns) })
	// A copy: the rest of a long list would stay in memory.
	d.OddestItems = slices.Clone(d.OddestItems[:min(len(d.OddestItems), maxWorst)])
}

// describeBlocks sums up the columns of every block, see [BlockStats]. Columns without a finite value are left out of
// minimum, maximum and mean; constant ones out of the median deviation.
func (d *Description) describeBlocks(f *data.Frame, m *numeric.Moments) {
	for _, b := range f.Blocks {
		s := BlockStats{Name: b.Name, Columns: b.Width()}
		var stds []float64
		present := 0
		for j := b.Start; j < b.End; j++ {
			c := d.Columns[j]
			s.Missing += c.Missing
			s.Infinite += c.Infinite
			s.Outliers += c.Outliers
			if c.SameAs != "" {
				s.Repeated++
			}
			if c.Constant {
				s.Constant++
			} else {
				stds = append(stds, c.Std)
			}
			// Its 0 stands for no value and is no minimum or maximum of the block.
			if m.Count[j] == 0 {
				continue
			}
			if present == 0 {
				s.Min, s.Max = c.Min, c.Max
			}
			s.Min, s.Max, s.Mean = min(s.Min, c.Min), max(s.Max, c.Max), s.Mean+c.Mean
			present++
		}
		s.Mean /= float64(max(1, present))
		s.Std = medianOf(stds)
		d.Blocks = append(d.Blocks, s)
	}
}

// medianOf returns the middle value, the mean of the two middle ones for an even number, or 0 of none. It sorts values
// in place.
func medianOf(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	k := len(values)
	return (values[(k-1)/2] + values[k/2]) / 2
}

// orderedBits returns the bits of a finite v as a number that rises with v, with -0 just below 0. Bits of positive
// numbers rise already, and need the sign flipped; those of negative ones fall, and need all bits flipped.
func orderedBits(v float32) uint32 {
	b := math.Float32bits(v)
	if b>>31 != 0 {
		return ^b
	}
	return b | 1<<31
}

// fromOrderedBits returns the value whose orderedBits are b. Thus sorting needs no room for the values beside their
// keys.
func fromOrderedBits(b uint32) float32 {
	if b>>31 != 0 {
		return math.Float32frombits(b &^ (1 << 31))
	}
	return math.Float32frombits(^b)
}

// sortKeys sorts by counting digits of 11 bits, the lowest first, and returns the result in one of the two slices;
// scratch is at least as long as keys, and both are overwritten. It takes three passes, O(n) each, and compares
// nothing: every column of a frame is sorted.
func sortKeys(keys, scratch []uint32) []uint32 {
	const digit = 11 // three of them cover 32 bits, and 2048 counts stay in the nearest cache
	scratch = scratch[:len(keys)]
	for shift := 0; shift < 32; shift += digit {
		var at [1 << digit]int
		for _, k := range keys {
			at[k>>shift&(1<<digit-1)]++
		}
		sum := 0
		for d, n := range at {
			at[d], sum = sum, sum+n
		}
		for _, k := range keys {
			d := k >> shift & (1<<digit - 1)
			scratch[at[d]] = k
			at[d]++
		}
		keys, scratch = scratch, keys
	}
	return keys
}
