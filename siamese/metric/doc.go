// Package metric returns the figures by which embeddings and pair scores are judged: verification (ROC-AUC, average
// precision, EER, thresholds), retrieval (MAP@R, Recall@K, NDCG@K, MRR, kNN accuracy) and clustering (k-means with AMI and NMI).
//
// It is pure Go over plain slices and knows nothing of models, graphs or data frames.
//
// Words. An embedding matrix is a []float32 of N x E numbers, row after row; labels are N class numbers. A pair is two
// items; it is positive when their labels are equal and negative otherwise. Every score is a similarity: higher is closer,
// and a pair is accepted ("same") when its score is at or above the threshold.
//
// Exactness. AllPairs and QueryReference look at every pair once, in blocks, and count every one of them against the
// sorted positive scores, so that figures are those of a full sort without the memory of one. See AllPairs.
//
// Degenerate input. A figure that is not defined (ROC-AUC of one class, EER without positives, MAP@R where every class has
// one item) takes its worst value, 0 for what should be high and 1 for error rates, and the result's Warnings say so: it is
// never NaN, it never flatters, and it can be written as JSON. A score or embedding that is NaN or infinite is an error
// that names the pair or item.
package metric
