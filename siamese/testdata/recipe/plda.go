package main

import (
	"fmt"

	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/config"
)

// backends are the parts of an embedding that are compared by PLDA, with feature shares.
var backends = []struct {
	plda  string
	share []float64
}{
	{"", []float64{0, 0.3, 0.5, 0.7}},
	{config.PLDAEncoder, []float64{0, 0.3, 0.5, 0.7}},
	{config.PLDAFeatures, []float64{0.5, 0.8, 0.9, 0.95}},
	{config.PLDABoth, []float64{0.5, 0.8, 0.9, 0.95}},
}

// plda prints the recommended configuration with PLDA on test items of one split of each protocol, seed 1.
func (l *lab) plda() error {
	for _, p := range protocols {
		parts, err := p.draw(l.frame, 1)
		if err != nil {
			return err
		}
		fmt.Println(p.name)
		if err := l.byPLDA(parts); err != nil {
			return err
		}
	}
	return nil
}

// byPLDA trains once and prints MAP@R of the test items for each of backends, and of features alone.
func (l *lab) byPLDA(parts *split.Split) error {
	cfg := siamese.Recommended()
	cfg.Seed = 1
	train, test := l.frame.Select(parts.Train), l.frame.Select(parts.Test)
	result, err := siamese.Train(l.ctx, l.backend, cfg, train, l.frame.Select(parts.Val), siamese.TrainOptions{})
	if err != nil {
		return err
	}
	defer result.Model.Close()
	both, err := result.Model.WithPLDA(l.ctx, l.backend, train, config.PLDABoth)
	if err != nil {
		return err
	}
	for _, b := range backends {
		for _, share := range b.share {
			m, err := both.WithPLDA(l.ctx, l.backend, nil, b.plda)
			if err != nil {
				return err
			}
			m.Config.FeatureShare = share
			z, err := m.Embed(l.ctx, l.backend, test)
			if err != nil {
				return err
			}
			if err := m.Close(); err != nil {
				return err
			}
			value, err := mapAtR(l.ctx, z.Values, test)
			if err != nil {
				return err
			}
			fmt.Printf("| PLDA %q, feature share %g | %.3f |\n", b.plda, share, value)
		}
	}
	for name, m := range map[string]*siamese.Model{"whitened": result.Model, "PLDA of whitened": both} {
		z, err := m.Features(l.ctx, test)
		if err != nil {
			return err
		}
		value, err := mapAtR(l.ctx, z.Values, test)
		if err != nil {
			return err
		}
		fmt.Printf("| %s components, no encoder | %.3f |\n", name, value)
	}
	return nil
}
