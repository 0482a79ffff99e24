// Package stats says how likely two items are the same, and how sure figures are.
//
// FitCalibration turns similarities into probabilities and Judge says how good those are.
//
// It is pure Go over plain slices, on top of siamese/metric, and knows nothing of models, graphs or data frames.
//
// Degenerate input. What makes a result doubtful is a warning in it; nothing is ever NaN.
package stats
