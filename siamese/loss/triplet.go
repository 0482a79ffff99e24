package loss

import . "github.com/gomlx/gomlx/core/graph"

// Triplet returns the triplet margin loss on similarities: a scalar.
//
// # Formula
//
// L_ijk = max(0, s_ik - s_ij + margin), for an anchor i, a positive j and a negative k. With s = -distance
// this is the usual max(0, d_ij - d_ik + margin).
//
// # Shapes
//
//   - similarity s: [N, M] of anchors with references; cosines or negative distances of unit rows;
//   - rel: [N, M]; unknown pairs are in no triplet;
//   - mining: which triplets count; of several equally hard ones the first.
//
// # Reduction
//
// Mean over the triplets with a loss above 0, each weighted with P_ij Q_ik; 0 without any: as
// pytorch-metric-learning's TripletMarginLoss, alone, with its semihard TripletMarginMiner, or with its
// BatchHardMiner. All and semi-hard look at N·M·M triplets, 17 million at N = M = 256: there they take 20 to 50
// times as long as batch-hard (BenchmarkLoss, Go backend and XLA on 2 CPU cores).
//
// # Source
//
// Schroff, Kalenichenko, Philbin: FaceNet, 2015 (semi-hard); Hermans, Beyer, Leibe: In Defense of the Triplet
// Loss for Person Re-Identification, 2017 (batch-hard; all = "batch all, non-zero mean").
//
// # Choose it
//
// If only the order of similarities matters, as in search. Semi-hard is the most stable with noisy labels, batch-hard
// the fastest with clean ones and several items a class, all the simplest. Losses with a softmax use the same pairs
// and are easier to tune.
//
// # Defaults
//
// Cosine, semi-hard, margin 0.2; 0.05 to 0.5 is sensible on cosines and on distances of unit rows.
//
// GoMLX's TripletLoss is not used: it supports neither unknown pairs nor weights of pairs, averages over triplets
// with loss 0 as well, takes one semi-hard triplet for each anchor (its furthest positive and the nearest
// negative beyond that, or the furthest negative), and gives NaN for the cosine of a zero row.
func Triplet(similarity *Node, rel Relation, margin float64, mining Mining) *Node {
	checkMatrix("triplet: similarity", similarity)
	positive, negative := rel.weights("triplet", similarity)
	switch mining {
	case MineBatchHard:
		return batchHard(similarity, positive, negative, margin)
	case MineAll, MineSemiHard:
	default:
		panic(unknownName("mining", string(mining),
			[]string{string(MineAll), string(MineSemiHard), string(MineBatchHard)}))
	}

	// The loss is linear in the similarities of the triplets that count. So it is enough to count, without
	// gradient, the triplets that each pair is in: then neither the loss nor its gradient needs [N, M, M] floats.
	constant := StopGradient(similarity)
	gap := Sub(InsertAxes(constant, 1), InsertAxes(constant, 2)) // [N, M positives, M negatives]: s_ik - s_ij
	counts := GreaterThan(gap, AddScalar(ZerosLike(gap), -margin))
	if mining == MineSemiHard {
		counts = LogicalAnd(counts, LessThan(gap, ZerosLike(gap)))
	}
	inCount := ConvertDType(counts, similarity.DType())
	asPositive := Mul(positive, ReduceSum(Mul(inCount, InsertAxes(negative, 1)), 2)) // [N, M]
	asNegative := Mul(negative, ReduceSum(Mul(inCount, InsertAxes(positive, 2)), 1)) // [N, M]

	total := ReduceAllSum(asPositive)
	sum := ReduceAllSum(Mul(Sub(asNegative, asPositive), similarity))
	mean := AddScalar(Div(sum, orOne(total)), margin)
	return Where(GreaterThan(total, ZerosLike(total)), mean, ZerosLike(mean))
}

// batchHard returns the triplet loss of each anchor's least similar positive and most similar negative.
func batchHard(similarity, positive, negative *Node, margin float64) *Node {
	near, nearWeight := hardest(similarity, negative, 1)
	far, farWeight := hardest(similarity, positive, -1)
	losses := hinge(AddScalar(Sub(near, far), margin))
	return meanNonZero(losses, Mul(nearWeight, farWeight))
}

// hardest returns, for each row, the x with the largest sign·x among those with a weight, and that weight;
// 0 and 0 without one. Gradient goes to the first of equals alone.
func hardest(x, weight *Node, sign int) (value, itsWeight *Node) {
	keep := GreaterThan(weight, ZerosLike(weight))
	lowest := Infinity(x.Graph(), x.DType(), -1)
	place := ArgMax(Where(keep, StopGradient(MulScalar(x, sign)), lowest), 1)
	at := Mul(OneHot(place, x.Shape().Dim(1), x.DType()), ConvertDType(keep, x.DType()))
	return ReduceSum(Mul(at, x), 1), ReduceSum(Mul(at, weight), 1)
}
