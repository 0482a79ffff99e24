package metric

// Macro holds means over groups (classes, domain pairs) with equal weight. Groups with an undefined metric are left
// out of its mean. The metrics of the same names in Verification and Retrieval over all pairs are the micro averages,
// where every pair or query has equal weight.
type Macro struct {
	// A small class counts as much as a large one here, so that a few large ones cannot hide it.
	VerificationGroups int     `json:"verification_groups"` // groups with positives and negatives
	ROCAUC             float64 `json:"roc_auc"`
	EER                float64 `json:"eer"`               // 1 without any such group
	AveragePrecision   float64 `json:"average_precision"` // at natural prevalence

	RetrievalGroups int     `json:"retrieval_groups"` // groups with a query that is not lone
	MAPAtR          float64 `json:"map_at_r"`
	RPrecision      float64 `json:"r_precision"`
	MRR             float64 `json:"mrr"`
	RecallAt        []AtK   `json:"recall_at"`
	KNNAt           []AtK   `json:"knn_at"`
}

// RecallAt1 returns Recall@1, the mean over groups of each group's share of queries whose nearest reference is a hit; 0
// if 1 was not among the options' Ks.
func (m Macro) RecallAt1() float64 {
	for _, a := range m.RecallAt {
		if a.K == 1 {
			return a.Value
		}
	}
	return 0
}

// macro returns the means over groups: vs for verification and rs for retrieval, which may be of different groups. Only
// those in which a metric is defined count. All results in rs have the same Ks.
func macro(vs []Verification, rs []Retrieval) Macro {
	var m Macro
	for _, v := range vs {
		if v.Positives == 0 || v.Negatives == 0 {
			continue
		}
		m.VerificationGroups++
		m.ROCAUC += v.ROCAUC
		m.EER += v.EER
		m.AveragePrecision += v.Natural.AveragePrecision
	}
	// Without any group the values are the worst: 0, and 1 for the error rate.
	if n := float64(m.VerificationGroups); n > 0 {
		m.ROCAUC, m.EER, m.AveragePrecision = m.ROCAUC/n, m.EER/n, m.AveragePrecision/n
	} else {
		m.EER = 1
	}
	for _, r := range rs {
		if r.Queries == 0 {
			continue
		}
		m.RetrievalGroups++
		m.MAPAtR += r.MAPAtR
		m.RPrecision += r.RPrecision
		m.MRR += r.MRR
		m.RecallAt, m.KNNAt = sumAtK(m.RecallAt, r.RecallAt), sumAtK(m.KNNAt, r.KNNAt)
	}
	if n := float64(m.RetrievalGroups); n > 0 {
		m.MAPAtR, m.RPrecision, m.MRR = m.MAPAtR/n, m.RPrecision/n, m.MRR/n
		for _, list := range [][]AtK{m.RecallAt, m.KNNAt} {
			for i := range list {
				list[i].Value /= n
			}
		}
	}
	return m
}

// sumAtK adds to a sum by K; a nil sum is a copy of what is added.
func sumAtK(sum, add []AtK) []AtK {
	if sum == nil {
		return append(sum, add...)
	}
	for i := range sum {
		sum[i].Value += add[i].Value
	}
	return sum
}
