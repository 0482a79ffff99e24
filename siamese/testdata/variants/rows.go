package main

import (
	"fmt"
	"math"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/embedding"
)

// variant is a row of the table.
type variant struct {
	architecture string
	net          net
	input        string
	pairs        bool    // the default's loss on pairs, else that of Recommended
	epochs       float64 // chosen so that all rows of a loss take about the same processor time
	encoders     int
}

const (
	width       = 100
	allFeatures = hogBlocks*hogWidth + tiles*tileWidth
)

var variants = []variant{
	{"Dense 1024/512/256", denseNet(width), components, false, 10, 1},
	{"residual MLP", residualNet(width), components, false, 6, 1},
	{"Dense 1024/512/256", denseNet(allFeatures), standard, false, 3, 1},
	{"1-D CNN over blocks", blocksNet(), standard, false, 3, 1},
	{"2-D CNN", pixelsNet(), pixels, false, 2.5, 1},
	{"Dense 1024/512/256", denseNet(side * side), pixels, false, 7, 1},

	{"Dense 1024/512/256", denseNet(allFeatures), standard, true, 1, 1},
	{"two of these, unshared", denseNet(allFeatures), standard, true, 1, 2},
	{"1-D CNN over blocks", blocksNet(), standard, true, 1, 1},
	{"2-D CNN", pixelsNet(), pixels, true, 0.8, 1},
}

func (v variant) name() string {
	of := "SupCon"
	if v.pairs {
		of = "MSE on pairs"
	}
	return fmt.Sprintf("%s | %s | %s", of, v.architecture, v.input)
}

// config returns the settings of training for times the epochs of a row.
func (v variant) config(seed uint64, times float64) config.Config {
	cfg := siamese.Recommended()
	if v.pairs {
		cfg = siamese.DefaultConfig()
	}
	cfg.Seed = seed
	// Parts of an epoch, in whole batches, as one: the schedule runs over all steps.
	cfg.PairsPerEpoch = int(math.Round(times * v.epochs * float64(cfg.PairsPerEpoch)))
	cfg.Epochs = 1
	return cfg
}

// share is that of the components in the cosine beside an encoder, Recommended's.
var share = float32(siamese.Recommended().FeatureShare)

// measure trains a row and measures it.
func (l *lab) measure(v variant, of *parts, k key) (*value, error) {
	backend := l.backend.Backend
	run, err := train(l.ctx, backend, v.net, v.config(k.Seed, k.Times), v.encoders, of.train, of.trainRows[v.input])
	if err != nil {
		return nil, err
	}
	out := &value{Steps: run.steps, CPU: run.cpu.Seconds(), Loss: run.loss}
	n := of.test.N()
	var sides []*embedding.Embeddings
	for _, w := range run.weights {
		z, err := embed(backend, v.net, w, of.testRows[v.input], n)
		if err != nil {
			return nil, err
		}
		sides = append(sides, z)
	}
	scores, err := embedding.ScoreAll(sides[0], sides[len(sides)-1]) // of two encoders left with right
	if err != nil {
		return nil, err
	}
	if len(sides) == 2 {
		if out.OneWay, err = mapAtR(l.ctx, scores, of.test); err != nil {
			return nil, err
		}
		scores = bothWays(scores, n)
	}
	if out.Alone, err = mapAtR(l.ctx, scores, of.test); err != nil {
		return nil, err
	}
	if v.pairs {
		return out, nil
	}
	if out.Features, err = mapAtR(l.ctx, of.components, of.test); err != nil {
		return nil, err
	}
	out.Beside, err = mapAtR(l.ctx, mixed(scores, of.components, share), of.test)
	return out, err
}

// standardised returns both by the mean and deviation of all numbers of the first.
func standardised(train, test []float32) (a, b []float32) {
	var sum, squares float64
	for _, v := range train {
		sum += float64(v)
		squares += float64(v) * float64(v)
	}
	mean := sum / float64(len(train))
	deviation := math.Sqrt(squares/float64(len(train)) - mean*mean)
	for _, x := range [][]float32{train, test} {
		for i, v := range x {
			x[i] = float32((float64(v) - mean) / deviation)
		}
	}
	return train, test
}
