package loss

import . "github.com/gomlx/gomlx/core/graph"

// ProxyAnchor returns the proxy anchor loss: a scalar.
//
// # Formula
//
// With the sums over the items i of the batch, C⁺ = the number of proxies c with a positive, C = of all:
//
//	1/C⁺ Σ_c log(1 + Σ_i P_ic e^(-scale (s_ic - margin))) + 1/C Σ_c log(1 + Σ_i Q_ic e^(scale (s_ic + margin)))
//
// # Shapes
//
//   - similarity s: [N, C] cosines of the embeddings with one trained proxy per class ([All]);
//   - rel: [N, C] ([ToCentres], or [FromLabels] of tags); unknown pairs are left out.
//
// # Reduction
//
// As in the formula; the first sum is 0 when no proxy has a positive: as pytorch-metric-learning's
// ProxyAnchorLoss.
//
// # Source
//
// Kim et al.: Proxy Anchor Loss for Deep Metric Learning, 2020, equation 4.
//
// # Choose it
//
// With classes and batches too small, or classes too many, to hold several items of each: an item always
// meets its class. It converges fast; the proxies need a learning rate about 100 times the encoder's.
//
// # Defaults
//
// margin 0.1, scale 32.
func ProxyAnchor(similarity *Node, rel Relation, margin, scale float64) *Node {
	checkMatrix("proxy-anchor: similarity", similarity)
	positive, negative := rel.weights("proxy-anchor", similarity)
	pull := logSumExp(MulScalar(AddScalar(similarity, -margin), -scale), positive, 0, true)
	push := logSumExp(MulScalar(AddScalar(similarity, margin), scale), negative, 0, true)
	withPositive := ReduceAllSum(ConvertDType(anyOf(positive, 0), similarity.DType()))
	return Add(Div(ReduceAllSum(pull), orOne(withPositive)), ReduceAllMean(push))
}
