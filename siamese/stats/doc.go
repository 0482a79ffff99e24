// Package stats says how sure the figures of an evaluation are, and how likely two items are the same.
//
// Intervals returns verification and retrieval figures of embeddings with bootstrap intervals, Compare the differences
// between systems on the same items with intervals and p-values; PairIntervals and ComparePairs do so on listed pairs.
// Thresholds says what several thresholds do to the same items. Seeds and Folds sum up several trainings, SignTest a handful of
// classes. FitCalibration turns similarities into probabilities, Judge says how good those are and Judged.Sure how sure that is
// on listed pairs.
//
// It is pure Go over plain slices, on top of siamese/metric, and knows nothing of models, graphs or data frames.
//
// Words. A system is what embeds items; its runs are its trainings with several seeds. A replicate is one drawing of items
// (or of classes) with replacement, as many as there are; its figures are those of the drawn items. A pair of items drawn
// m and n times counts m x n times. The influence of an item (or a class) on a figure is what a little more weight on it
// adds to the figure.
//
// Degenerate input. A figure without a defined value has the interval from 0 to 1 and a warning; a figure that is the same
// in every replicate has an interval without width and a warning. Nothing is ever NaN.
package stats
