package numeric

// GramTile is how many vectors are multiplied with how many: two such tiles fit a core's cache.
const GramTile = 64

// FitTile is the number of columns whose sums are taken at a time: they stay in the nearest cache.
const FitTile = 128

// ConstantBelow is the least spread of a column, relative to its largest magnitude, that is more than the
// rounding of float32 (2^-24): a column with less counts as constant. Dividing by less would scale rounding
// errors up to the size of a real feature.
const ConstantBelow = 1e-7

// SmallestSpread is the least spread whose inverse is well within the range of float32, which ends at 3.4e38. It
// decides for columns of tiny values, where ConstantBelow allows tiny spreads.
const SmallestSpread = 1e-30

// NormalIQR is the interquartile range of a normal distribution of deviation 1.
const NormalIQR = 1.3489795003921634

// GatherTile is the number of columns gathered at a time: as many as fill a cache line of 64 bytes.
const GatherTile = 16
