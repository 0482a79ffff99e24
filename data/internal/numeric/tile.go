package numeric

// GramTile is how many vectors are multiplied with how many: two such tiles stay in a core's cache.
const GramTile = 64

// FitTile is the number of columns whose sums are taken at a time: they stay in the nearest cache.
const FitTile = 128

// ConstantBelow is the spread of a column, in units of the largest magnitude in it, from which
// on its values differ by more than the rounding of float32 (2^-24): a column with less is
// constant. Dividing by it would blow rounding up to the size of a real feature.
const ConstantBelow = 1e-7

// SmallestSpread is the least spread whose inverse is far from the end of float32.
const SmallestSpread = 1e-30

// NormalIQR is the interquartile range of a normal distribution of deviation 1.
const NormalIQR = 1.3489795003921634

// GatherTile is the number of columns gathered at a time: those of a cache line.
const GatherTile = 16
