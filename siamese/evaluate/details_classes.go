package evaluate

import (
	"cmp"
	"context"
	"slices"

	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/report"
)

// confused sets out's Confusions from the counts of m, class by class of the nearest other item, and returns for each
// class how many of its items have their nearest in the class. Items without a label are counted as neighbours, under
// one name, and not as rows: nothing is known of what they should be taken for.
func (d *detail) confused(out *report.Detail, m metric.ConfusionMatrix) (right map[string]int) {
	right = make(map[string]int)
	unlabelled := make(map[string]int) // by class: items whose nearest has no label
	for i, row := range m.Counts {
		class := d.name(m.Classes[i])
		for j, items := range row {
			switch nearest := d.name(m.Classes[j]); {
			case items == 0 || class == "":
			case i == j:
				right[class] = items
			case nearest == "":
				unlabelled[class] += items
			default:
				out.Confusions = append(out.Confusions, report.Confusion{Class: class, Nearest: nearest, Items: items})
			}
		}
	}
	// Every unlabelled item is a class of its own in m; here they are one entry a class.
	for class, items := range unlabelled {
		out.Confusions = append(out.Confusions, report.Confusion{Class: class, Nearest: "", Items: items})
	}
	// The most frequent first; names decide ties, because maps have no order.
	slices.SortFunc(out.Confusions, func(a, b report.Confusion) int {
		return cmp.Or(cmp.Compare(b.Items, a.Items), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Nearest, b.Nearest))
	})
	out.Confusions = out.Confusions[:min(len(out.Confusions), detailConfusions)]
	return right
}

// byClass sets out's Classes and Macro from one pass over all pairs, whose cosines are rows. Items without a label, each
// of which is a class of its own, have no entry and do count in the pairs of the others.
func (d *detail) byClass(ctx context.Context, out *report.Detail, rows *metric.Rows) error {
	list, macro, err := rows.ByClass(ctx, report.Slim())
	if err != nil {
		return err
	}
	// Means over all classes, those that CutClasses takes out of the tables later included.
	out.Macro = macro
	for _, c := range list {
		name := d.name(c.Class)
		if name == "" {
			continue
		}
		recall, _ := c.Retrieval.Recall(1) // Slim asks for it, so that it is there
		out.Classes = append(out.Classes, report.ClassDetail{
			Class: name, Items: c.Items, New: d.fresh[name],
			ROCAUC: c.Verification.ROCAUC, EER: c.Verification.EER, MAPAtR: c.Retrieval.MAPAtR, RecallAt1: recall,
		})
	}
	return nil
}
