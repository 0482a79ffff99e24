package siamese

import (
	"cmp"
	"context"
	"slices"

	"github.com/go-siamese/lab/siamese/metric"
)

// confused sets which classes are taken for which, and returns how many items of each are not.
func (d *detail) confused(out *Detail, m metric.ConfusionMatrix) (right map[string]int) {
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
				out.Confusions = append(out.Confusions, Confusion{class, nearest, items})
			}
		}
	}
	for class, items := range unlabelled {
		out.Confusions = append(out.Confusions, Confusion{class, "", items})
	}
	slices.SortFunc(out.Confusions, func(a, b Confusion) int {
		return cmp.Or(cmp.Compare(b.Items, a.Items), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Nearest, b.Nearest))
	})
	out.Confusions = out.Confusions[:min(len(out.Confusions), detailConfusions)]
	return right
}

// byClass sets the figures of every class.
func (d *detail) byClass(ctx context.Context, out *Detail, z *Embeddings) error {
	list, macro, err := metric.ByClass(ctx, z.Values, d.labels, slim())
	if err != nil {
		return err
	}
	out.Macro = macro
	for _, c := range list {
		name := d.name(c.Class)
		if name == "" {
			continue
		}
		recall, _ := c.Retrieval.Recall(1)
		out.Classes = append(out.Classes, ClassDetail{
			Class: name, Items: c.Items, New: d.fresh[name],
			ROCAUC: c.Verification.ROCAUC, EER: c.Verification.EER, MAPAtR: c.Retrieval.MAPAtR, RecallAt1: recall,
		})
	}
	return nil
}

// cutClasses leaves the classes that the trained encoder does worst on, in their order.
func (d *Details) cutClasses(most int) {
	all := d.Of[0].Classes
	if len(all) <= most {
		return
	}
	worst := make([]int, len(all))
	for k := range worst {
		worst[k] = k
	}
	slices.SortStableFunc(worst, func(a, b int) int {
		if all[a].Lone() != all[b].Lone() { // which have no figures
			if all[a].Lone() {
				return 1
			}
			return -1
		}
		return cmp.Compare(all[a].MAPAtR, all[b].MAPAtR)
	})
	kept := slices.Sorted(slices.Values(worst[:most]))
	for _, one := range d.Of {
		var left []ClassDetail
		for _, k := range kept {
			left = append(left, one.Classes[k])
		}
		one.Classes = left
	}
	d.ClassesLeftOut = len(all) - most
}
