// Package stats provides confidence intervals and tests for the metrics of an evaluation, and calibrated
// probabilities.
//
// [Intervals] returns verification and retrieval metrics of embeddings with confidence intervals, [Compare] the
// differences between systems on the same items with intervals and p-values. [PairIntervals] and [ComparePairs] do so
// for listed pairs, [Thresholds] for several thresholds on the same items. [Seeds] and [Folds] summarise several
// trainings. [FitCalibration] turns similarities into probabilities, [MeasureReliability] measures how good they are,
// and [LabelledPairs.AddIntervals] adds intervals to that. For a few classes, where no interval holds, see package
// signtest.
//
// [Registry] lists the metrics that have intervals. Each is defined in a file of its own, metric_*.go: its name, its
// value and the influences on it. Everything else goes through the registry, so a new metric is one file and one line.
//
// It is pure Go over plain slices, on top of siamese/metric, and knows nothing of models, graphs or data frames.
//
// Words. A system embeds items; its runs are its trainings with several seeds. A resample is one draw of items (or
// classes) with replacement, as many as there are; its metrics are those of the drawn items. A pair of items drawn m
// and n times counts m x n times. The influence of an item (or class) on a metric is the metric's derivative by the
// item's weight.
//
// Degenerate input. An undefined metric has the interval [0, 1] and a warning; a metric that is the same in every
// resample has an interval of width 0 and a warning. Nothing is ever NaN.
//
// Determinism. Results depend on the inputs and the seed alone: every resample has a random stream of its own, and sums
// over goroutines are sums of integers, so neither the number of goroutines nor their order changes a bit.
package stats
