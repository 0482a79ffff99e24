package main

import (
	"fmt"
	"slices"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/config"
)

// adapt prints the recommended configuration with PLDA of the features, adapted and not, by feature share: on items of
// held-out classes, half of whose other items adapt, and on new items of the training classes. final holds out label 7,
// 8 and 9, else these are left out altogether.
func (l *lab) adapt(final bool) error {
	if final {
		for seed := uint64(1); seed <= uint64(l.runs); seed++ {
			if err := l.adaptOn(fmt.Sprintf("label 7, 8, 9, seed %d", seed), held(7, 8, 9), nil, seed); err != nil {
				return err
			}
		}
		return nil
	}
	folds := [][]int{{4, 5, 6}, {1, 2, 3}, {0, 1, 2}}
	for _, out := range folds[:min(l.runs, len(folds))] {
		if err := l.adaptOn(fmt.Sprint(out), held(out...), held(7, 8, 9), siamese.Recommended().Seed); err != nil {
			return err
		}
	}
	return nil
}

// adaptOn trains once and prints MAP@R. Items are dealt by their numbers.
func (l *lab) adaptOn(name string, fresh, left []string, seed uint64) error {
	if !l.only.MatchString(name) {
		return nil
	}
	var train, val, known, unlabelled, test []int
	k := 0
	for i, class := range l.frame.Labels {
		switch {
		case slices.Contains(left, class):
		case slices.Contains(fresh, class):
			if k++; k%4 == 0 {
				test = append(test, i)
			} else if k%2 == 1 {
				unlabelled = append(unlabelled, i)
			}
		case i%10 == 0:
			val = append(val, i)
		case i%10 == 1:
			known = append(known, i)
		default:
			train = append(train, i)
		}
	}
	cfg := siamese.Recommended()
	cfg.Seed = seed
	of := l.frame.Select(train)
	result, err := siamese.Train(l.ctx, l.backend, cfg, of, l.frame.Select(val), siamese.TrainOptions{})
	if err != nil {
		return err
	}
	defer result.Model.Close()
	with, err := result.Model.WithPLDA(l.ctx, l.backend, of, config.PLDAFeatures)
	if err != nil {
		return err
	}
	adapted, err := with.Adapt(l.ctx, l.backend, l.frame.Select(unlabelled), nil)
	if err != nil {
		return err
	}
	for _, one := range []struct {
		name   string
		model  *siamese.Model
		shares []float64
	}{{"plain", result.Model, []float64{.2, .5, .7, .8}}, {"PLDA", with, []float64{.5, .7, .8, .9, .95}},
		{"PLDA, adapted", adapted, []float64{.5, .7, .8, .9, .95}}} {
		for _, share := range one.shares {
			m := one.model.Copy()
			m.Config.FeatureShare = share
			line := fmt.Sprintf("| %s | %s, feature share %g |", name, one.name, share)
			for _, side := range [][]int{test, known} {
				f := l.frame.Select(side)
				z, err := m.Embed(l.ctx, l.backend, f)
				if err != nil {
					return err
				}
				value, err := mapAtR(l.ctx, z.Values, f)
				if err != nil {
					return err
				}
				line += fmt.Sprintf(" %.3f |", value)
			}
			fmt.Println(line)
			if err := m.Close(); err != nil {
				return err
			}
		}
	}
	return nil
}
