// Package forensic says how strong the evidence of a similarity is, and how far the data bear that out: the measures by
// which forensic laboratories judge a comparison. It is plain Go over slices.
//
// A log likelihood ratio, LLR, is how many times as likely a similarity is of two items that are the same as of two that
// are different, as a logarithm to base 10: 2 = a hundred times, 0 = it says nothing, -1 = ten times as likely of
// different ones. It does not depend on how many pairs are the same: log odds afterwards = log odds before + LLR. A
// calibrated probability p, of pairs of which the share f was the same when it was fitted, has
//
//	LLR = log10(p/(1-p)) - log10(f/(1-f))
//
// so that the prior of the calibration is taken out ([LLR]). Other sources of LLRs, such as PLDA, serve as well: every
// function takes numbers.
//
// [Measure] makes the [Evidence] that a report holds: the measures of [Registry] with intervals, the bounds that the
// data allow, what error rates so many independent pairs support, and curves. [Guaranteed] chooses thresholds with a
// guarantee.
//
// # Independent pairs
//
// Pairs that share an item say much the same, so that half a million pairs of a thousand items are no half a million
// observations. Bounds, the rule of 30 and guarantees go by disjoint pairs: every item is in one of them at most.
package forensic
