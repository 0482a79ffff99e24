package metric

import "math"

// Retrieval holds search metrics: for every query the references are ranked by similarity, without the query itself,
// equal scores by lower index first. A reference is a hit if its label is the query's. R is the number of references
// of the query's class, without itself.
//
// A lone query (R = 0) cannot be answered: it is counted in Lone and not averaged. All means are over the other
// queries with equal weight (micro). Without any such query all metrics are 0, with a warning.
type Retrieval struct {
	Queries int `json:"queries"` // queries averaged
	Lone    int `json:"lone"`    // queries left out because no reference has their class

	// MAPAtR is the mean of (1/R) sum over ranks i <= R of (precision at i) x (rank i is a hit) (Musgrave et al.
	// 2020).
	MAPAtR     float64 `json:"map_at_r"`
	RPrecision float64 `json:"r_precision"` // mean share of hits among the first R
	MRR        float64 `json:"mrr"`         // mean of 1 / (rank of the first hit)

	// RecallAt rises with K. It asks for one hit only, so it says little of classes with many items.
	RecallAt []AtK `json:"recall_at"` // share of queries with a hit among the first K

	// NDCGAt is the sum over hits among the first K of 1/log2(rank+1), over its best value (Järvelin and Kekäläinen
	// 2002).
	NDCGAt []AtK `json:"ndcg_at"`

	// KNNAt is the share of queries whose class wins the vote of the first K; a tie goes to the class that ranks
	// first.
	KNNAt []AtK `json:"knn_at"`

	// PerQuery has the metrics of every query, lone ones included, in their order. It is nil without Options.PerQuery.
	PerQuery []QueryMetrics `json:"per_query,omitempty"`

	Warnings Warnings `json:"warnings,omitempty"`
}

// AtK is a metric at one K. Lists of them are in the order of the options' Ks.
type AtK struct {
	K     int     `json:"k"`
	Value float64 `json:"value"`
}

// QueryMetrics holds the retrieval metrics of one query. For a lone query R is 0, Nearest is still set, and the rest
// is 0.
type QueryMetrics struct {
	R          int       `json:"r"`
	Nearest    int       `json:"nearest"`   // index of the nearest reference, -1 if there is none
	FirstHit   int       `json:"first_hit"` // rank of the first hit, from 1
	APAtR      float64   `json:"ap_at_r"`
	RPrecision float64   `json:"r_precision"`
	NDCG       []float64 `json:"ndcg"` // by K in the options' order
	KNN        []bool    `json:"knn"`  // by K in the options' order: whether the vote is right
}

// Recall returns Recall@k and whether k was among the options' Ks; 0 and false if not.
func (r Retrieval) Recall(k int) (float64, bool) { return find(r.RecallAt, k) }

// find returns the value at k, and whether there is one.
func find(list []AtK, k int) (float64, bool) {
	for _, a := range list {
		if a.K == k {
			return a.Value, true
		}
	}
	return 0, false
}

// queryMetrics returns the metrics of a query of a class with r references from the labels of the first max(r, largest
// K) references, or of all if there are fewer. firstHit is the rank of the first hit anywhere, nearest the index of the
// first reference (-1 without any). With hit(i) for rank i:
//
//	AP@R   = 1/r sum over i <= r of hit(i) (hits up to i)/i
//	NDCG@K = sum over i <= K of hit(i)/log2(i+1), over the same sum with hits at the first min(r, K) ranks
func queryMetrics(label int32, ranked []int32, r, firstHit, nearest int, ks []int) QueryMetrics {
	q := QueryMetrics{R: r, Nearest: nearest, FirstHit: firstHit}
	q.NDCG, q.KNN = make([]float64, len(ks)), make([]bool, len(ks))
	if r == 0 {
		q.FirstHit = 0
		return q
	}
	// Among the first r, as there are no more than r hits to find.
	hits := 0
	for i, l := range ranked[:min(r, len(ranked))] {
		if l == label {
			hits++
			q.APAtR += float64(hits) / float64(i+1)
		}
	}
	q.APAtR /= float64(r)
	q.RPrecision = float64(hits) / float64(r)
	for n, k := range ks {
		var dcg, best float64
		for i := 0; i < min(k, len(ranked)); i++ {
			gain := 1 / math.Log2(float64(i+2))
			if ranked[i] == label {
				dcg += gain
			}
			if i < r {
				best += gain
			}
		}
		q.NDCG[n] = dcg / best
		q.KNN[n] = vote(ranked[:min(k, len(ranked))]) == label
	}
	return q
}

// vote returns the most frequent label of a ranking with one or more; of equally frequent ones the first.
func vote(ranked []int32) int32 {
	count := make(map[int32]int, 8)
	for _, l := range ranked {
		count[l]++
	}
	best := ranked[0]
	for _, l := range ranked {
		if count[l] > count[best] {
			best = l
		}
	}
	return best
}

// average returns the means over all queries that are not lone, summed in the order of per, and warnings of those that
// are. per is not kept.
func average(per []QueryMetrics, ks []int) Retrieval {
	var r Retrieval
	for _, k := range ks {
		r.RecallAt = append(r.RecallAt, AtK{K: k})
		r.NDCGAt = append(r.NDCGAt, AtK{K: k})
		r.KNNAt = append(r.KNNAt, AtK{K: k})
	}
	// Sums first; they are divided by the number of queries at the end.
	for _, q := range per {
		if q.R == 0 {
			r.Lone++
			continue
		}
		r.Queries++
		r.MAPAtR += q.APAtR
		r.RPrecision += q.RPrecision
		r.MRR += 1 / float64(q.FirstHit)
		for i, k := range ks {
			if q.FirstHit <= k {
				r.RecallAt[i].Value++
			}
			r.NDCGAt[i].Value += q.NDCG[i]
			if q.KNN[i] {
				r.KNNAt[i].Value++
			}
		}
	}
	if r.Lone > 0 {
		r.Warnings.add(LoneQuery, r.Lone, "%d of %d queries have no other item of their class among the references "+
			"and are not averaged", r.Lone, len(per))
	}
	if r.Queries == 0 {
		r.Warnings.add(NoQueries, len(per),
			"no query has an item of its class to find: retrieval metrics are undefined and set to 0")
		return r
	}
	n := float64(r.Queries)
	r.MAPAtR /= n
	r.RPrecision /= n
	r.MRR /= n
	for i := range ks {
		r.RecallAt[i].Value /= n
		r.NDCGAt[i].Value /= n
		r.KNNAt[i].Value /= n
	}
	return r
}
