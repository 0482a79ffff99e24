// Package metric computes metrics of embeddings and pair scores: verification (ROC-AUC, average precision, EER,
// thresholds), retrieval (MAP@R, Recall@K, NDCG@K, MRR, kNN accuracy) and clustering (k-means with AMI and NMI).
//
// The calls:
//
//   - [AllPairs] computes verification and retrieval metrics over all pairs of an embedding matrix, [ByClass] and
//     [ByDomain] those of its parts, [EstimatePairs] estimates of them from a sample of queries.
//   - [Verify] computes verification metrics of a list of scored pairs.
//   - [Cluster] compares clusters found without labels with the classes.
//   - [NewRows] gives the similarities row by row, for metrics that are not here.
//
// It is pure Go over plain slices and knows nothing of models, graphs or data frames. Confidence intervals are in
// package stats.
//
// Options. A zero value is usable, and a zero field means its default. What can be left out has a field of its own,
// such as NoRetrieval, or is a list that is nil for the default and empty for none. Of what is extra, such as Hardest,
// the default is none. Negative numbers are errors.
//
// Words. An embedding matrix is a []float32 of N x E numbers, row after row; labels are N class numbers. A pair is
// two items; it is positive when their labels are equal and negative otherwise. Every score is a similarity: higher
// is closer, and a pair is accepted ("same") when its score is at or above the threshold.
//
// Exactness. AllPairs, ByClass and ByDomain look at every pair. Scores are float32 sums rounded to 2^-24 of the
// largest possible score, the spacing of float32 below 1; for these scores every count, every tie and every ranking
// is exact, and results are the same bits on any number of goroutines. They may differ in the last digits between
// builds, because vector kernels (GOEXPERIMENT=simd) round sums differently. Verify uses float64 scores without
// rounding.
//
// Cost. All 199,990,000 pairs of 20,000 items of width 256 with 20 classes, verification and retrieval together, on
// two cores: 2.5 to 4.3 s with GOEXPERIMENT=simd (AVX-512) and 5.7 s without, against 172 to 178 s for numpy and
// scikit-learn; 292 MB beyond the embeddings against 7.0 GB. Average precision differs by 6e-8 from scikit-learn's on
// its own float32 scores, the other metrics by 1e-8 or less. Measured on a shared machine with
//
//	GOEXPERIMENT=simd go run ./siamese/metric/testdata/compare
//	go test -run xxx -bench AllPairs/N=20000 ./siamese/metric
//
// Time grows as N^2 E: at 2.5 s for 20,000 items, 100,000 take a minute and a million under two hours, for every set
// of embeddings 256 wide. Memory grows as N, from a minimum of 256 MB of counters. EstimatePairs samples queries if
// that takes too long: 2,000 queries take 1.4 s against 20,000 items, 3.0 s against 50,000 and 11.3 s against
// 200,000, where exact metrics take 2.5 s and, by N^2, 16 and 250 s.
//
// Degenerate input. An undefined metric (ROC-AUC of one class, EER without positives, MAP@R if every class has one
// item) has its worst value, 0 for what should be high and 1 for error rates, with a warning: it is never NaN, never
// flatters, and can be written as JSON. A score or embedding that is NaN or infinite is an error that names the pair
// or item.
package metric
