// Package streams is the table of random streams: which stream of a seed each random draw of a run uses. Streams are
// independent, so that a new draw from one changes no other.
package streams

import "math/rand/v2"

// Rand returns a stream of a seed. The same two numbers give the same random numbers on every machine.
func Rand(seed, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }

// Epoch returns the random numbers of the batches of an epoch, counted from 1.
func Epoch(seed uint64, epoch int) *rand.Rand { return Rand(seed, epochs+uint64(epoch)) }

// Encoder returns the seed of an encoder of an ensemble, counted from 0: of the first it is seed itself.
func Encoder(seed uint64, encoder int) uint64 {
	if encoder == 0 {
		return seed
	}
	return Rand(seed, encoders+uint64(encoder)).Uint64()
}

// Views returns the random numbers that choose which items of an epoch's batches are altered views.
func Views(seed uint64, epoch int) *rand.Rand { return Rand(seed, views+uint64(epoch)) }

// Streams of a seed. Never renumber them: saved runs depend on the numbers.
const (
	Weights  = 1 + iota // of the encoder before training
	ValPairs            // validation pairs
	Draw                // pairs drawn by users
	epochs              // epoch e uses epochs + e

	Centres    = 1<<32 + iota // of classes, far beyond the epochs
	Labelled                  // pairs on which probabilities are evaluated
	Shown                     // items of embedding maps and of clusters
	Mapped                    // items from which the directions of a map are found
	Background                // items that pairs are explained against
	Orders                    // orders of blocks
	Labels                    // pairs drawn from labels
	Disjoint                  // independent pairs that choose thresholds
)

// Streams far from all others.
const (
	views      = 1 << 36 // plus the epoch: which items of its batches are views
	PairSplit  = 1 << 40 // sides that pairs are assigned to
	ValClasses = 1 << 44 // plus the fold: classes to watch
	encoders   = 1 << 48 // encoder k of an ensemble takes its seed from encoders + k
	Advice     = 1 << 52 // plus the number of a part's fold: what it is fitted on
)
