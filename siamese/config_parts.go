package siamese

// The packages below this one have small option structs of their own. This file is the one place that translates a
// Config into them, so that those packages need not know all of its fields.

import (
	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/internal/batch"
	"github.com/go-siamese/lab/siamese/internal/step"
	"github.com/go-siamese/lab/siamese/internal/streams"
	"github.com/go-siamese/lab/siamese/pairs"
)

// encoderConfig returns the settings by which encoder k, from 0, of an ensemble is trained: with its layers and seed.
func encoderConfig(c Config, k int) Config {
	c.Layers, c.Seed, c.Ensemble = c.Encoders()[k], streams.Encoder(c.Seed, k), nil
	return c
}

// samplerOptions returns the options for drawing pairs, of training and of validation items alike.
func samplerOptions(c Config) pairs.SamplerOptions {
	return pairs.SamplerOptions{LabelSeparator: c.LabelSeparator, WithinDomain: c.WithinDomain,
		AcrossDomains: c.AcrossDomains}
}

// ValidationPairs draws the ValPairs pairs of items of val that choose the best epoch and the threshold. The same
// configuration and items give the same pairs, so that an evaluation can repeat the choice. It returns the errors of
// [pairs.NewSampler].
func ValidationPairs(c Config, val *data.Frame) (pairs.Pairs, error) {
	s, err := pairs.NewSampler(val, samplerOptions(c))
	if err != nil {
		return pairs.Pairs{}, err
	}
	return s.DrawFrom(streams.Rand(c.Seed, streams.ValPairs), c.ValPairs)
}

// batchOptions returns the options of the batch sampler: which sampler it is follows from the loss.
func batchOptions(c Config) batch.Options {
	return batch.Options{
		SamplerOptions: samplerOptions(c),
		BatchPairs:     c.BatchPairs, AllPairs: c.Loss.NeedsBatch(), SamplesPerClass: c.SamplesPerClass,
		DomainBatches: c.DomainBatches,
		HardMining:    c.HardMining, NaturalPairs: c.NaturalPairs, Devices: c.Devices,
	}
}

// stepOptions returns the options of the training step; steps is the number of steps of the whole run, which the cosine
// schedule needs.
func stepOptions(c Config, steps int) step.Options {
	return step.Options{
		Steps: steps, Devices: c.Devices, Seed: c.Seed,
		LearningRate: c.LearningRate, WarmupSteps: c.WarmupSteps, Schedule: c.Schedule, EMADecay: c.EMADecay,
		GraphOptions: step.GraphOptions{
			Layers: c.Layers, Dropout: c.Dropout, BatchNorm: c.BatchNorm, BFloat16: c.Precision == PrecisionBFloat16,
			BatchPairs: c.BatchPairs, Views: c.Augment.Views(2 * c.BatchPairs), Loss: c.Loss, Nested: c.Nested,
			LabelSmoothing: c.LabelSmoothing, ProxyLRMultiplier: c.ProxyLRMultiplier, XBMSize: c.XBMSize,
			Optimizer: c.Optimizer, Momentum: c.Momentum, WeightDecay: c.WeightDecay, ClipNorm: c.ClipNorm,
		},
	}
}
