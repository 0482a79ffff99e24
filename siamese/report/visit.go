package report

import (
	"fmt"
	"slices"

	"github.com/go-siamese/lab/siamese/metric"
)

// Visit calls f with every metric that is defined, in a fixed order: its unique name, the number of items that it is
// about (items for metrics of all of them) and the place of its value, which f may change. It is the one list of the
// metrics of details; intervals, checks and copies go through it.
func (d *Detail) Visit(items int, f func(name string, items int, value *float64)) {
	f("average precision", items, &d.AveragePrecision)
	f("balanced average precision", items, &d.BalancedPrecision)
	for k := range d.FNRAtFPR {
		p := &d.FNRAtFPR[k]
		f(fmt.Sprintf("FNR at FPR %g", p.Want), items, &p.FNR)
	}
	for k := range d.Thresholds {
		t := &d.Thresholds[k]
		f(t.Name+": validation accuracy", items, &t.Validation.Accuracy)
		f(t.Name+": validation FPR", items, &t.Validation.FPR)
		f(t.Name+": validation FNR", items, &t.Validation.FNR)
		f(t.Name+": accuracy", items, &t.Test.Accuracy)
		f(t.Name+": FPR", items, &t.Test.FPR)
		f(t.Name+": FNR", items, &t.Test.FNR)
	}
	f("R-Precision", items, &d.RPrecision)
	f("MRR", items, &d.MRR)
	for k := range d.RecallAt {
		f(fmt.Sprintf("Recall@%d", d.RecallAt[k].K), items, &d.RecallAt[k].Value)
	}
	for k := range d.NDCGAt {
		f(fmt.Sprintf("NDCG@%d", d.NDCGAt[k].K), items, &d.NDCGAt[k].Value)
	}
	for k := range d.KNNAt {
		f(fmt.Sprintf("kNN@%d", d.KNNAt[k].K), items, &d.KNNAt[k].Value)
	}
	if c := d.Clusters; c != nil {
		f("AMI", items, &c.AMI)
		f("NMI", items, &c.NMI)
	}
	f("macro MAP@R", items, &d.Macro.MAPAtR)
	f("macro ROC-AUC", items, &d.Macro.ROCAUC)
	// The four metrics of every table by class and by domain.
	four := func(what string, items int, auc, eer, mapAtR, recall *float64) {
		f(what+" ROC-AUC", items, auc)
		f(what+" EER", items, eer)
		f(what+" MAP@R", items, mapAtR)
		f(what+" Recall@1", items, recall)
	}
	// Undefined metrics have no place: their worst values would get intervals and look measured.
	for k := range d.Classes {
		if c := &d.Classes[k]; !c.Lone() {
			four(ClassPrefix(c.Class), c.Items, &c.ROCAUC, &c.EER, &c.MAPAtR, &c.RecallAt1)
		}
	}
	if m := d.MacroPairs; m != nil && m.RetrievalGroups > 0 && m.VerificationGroups > 0 {
		four("domains", items, &m.ROCAUC, &m.EER, &m.MAPAtR, recallAt1(m))
	}
	for k := range d.Domains {
		if p := &d.Domains[k]; !p.Empty() {
			four(fmt.Sprintf("domains %q %q", p.Query, p.Reference), p.Queries, &p.ROCAUC, &p.EER, &p.MAPAtR,
				&p.RecallAt1)
		}
	}
}

// recallAt1 returns the place of a macro's Recall@1, or a place of its own where the macro has none: [Slim] asks for
// it.
func recallAt1(m *metric.Macro) *float64 {
	for k := range m.RecallAt {
		if m.RecallAt[k].K == 1 {
			return &m.RecallAt[k].Value
		}
	}
	return new(float64)
}

// Values returns all metrics by their names in [Detail.Visit].
func (d *Detail) Values() map[string]float64 {
	out := make(map[string]float64)
	d.Visit(0, func(name string, _ int, value *float64) { out[name] = *value })
	return out
}

// MetricsOnly returns a deep copy with the metrics that [Detail.Visit] goes through and the names of what they are
// about, and nothing else.
func (d *Detail) MetricsOnly() *Detail {
	out := &Detail{
		Name: d.Name, AveragePrecision: d.AveragePrecision, BalancedPrecision: d.BalancedPrecision,
		FNRAtFPR: slices.Clone(d.FNRAtFPR), Thresholds: slices.Clone(d.Thresholds), RPrecision: d.RPrecision,
		MRR:      d.MRR,
		RecallAt: slices.Clone(d.RecallAt), NDCGAt: slices.Clone(d.NDCGAt), KNNAt: slices.Clone(d.KNNAt),
		Classes: slices.Clone(d.Classes), Macro: d.Macro, Domains: slices.Clone(d.Domains),
	}
	if d.Clusters != nil {
		clusters := *d.Clusters
		out.Clusters = &clusters
	}
	if d.MacroPairs != nil {
		pairs := *d.MacroPairs
		pairs.RecallAt, pairs.KNNAt = slices.Clone(pairs.RecallAt), nil
		out.MacroPairs = &pairs
	}
	out.Macro.RecallAt, out.Macro.KNNAt = nil, nil
	return out
}

// ClassPrefix returns what the names of the metrics of a class begin with.
func ClassPrefix(class string) string { return fmt.Sprintf("class %q", class) }
