package siamese

import (
	"cmp"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/memory"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/internal/step"
)

// memoryPart is a part of what a run takes.
type memoryPart struct {
	bytes float64
	fix   option.Fix // what to lower so that it takes less
}

// checkMemory returns a [*memory.Error] if training on the items of train would take more memory than is free, beside
// the frames: what to lower is said of the largest part. It is asked before anything of that size is made. With given
// pairs a loss on all pairs of a batch sees lists of them; stream is [TrainOptions.Stream].
func checkMemory(c Config, train *data.Frame, givenPairs, stream bool) error {
	parts := memoryParts(c, float64(train.N()), float64(train.F()), givenPairs, stream)
	largest := slices.MaxFunc(parts, func(a, b memoryPart) int { return cmp.Compare(a.bytes, b.bytes) })
	var sum float64
	for _, p := range parts {
		sum += p.bytes
	}
	return memory.Check("training", sum, largest.fix)
}

// memoryParts returns what training on n items of f features takes at least, in bytes. Numbers have 4 bytes, those of
// matrices that are decomposed have 8. Where a GPU computes, a part of it is there, and this is an estimate of what its
// memory has to hold.
func memoryParts(c Config, n, f float64, givenPairs, stream bool) []memoryPart {
	width := f // of the first layer's inputs
	var parts []memoryPart
	if components := c.Preprocess.Components; components > 0 || c.Preprocess.Variance > 0 {
		m := min(n, f)
		if components > 0 {
			width = min(f, float64(components))
		}
		// The products, and the eigenvectors of them.
		parts = append(parts, memoryPart{2 * 8 * m * m,
			option.Do("leave out %s", "preprocess.components").Or("use fewer features")})
	}
	if stream {
		parts = append(parts, streamParts(c, n, f, width)...)
	} else {
		parts = append(parts, memoryPart{4 * n * width, option.Do("use fewer items or features").Or("set %s", "Stream")})
	}
	if features, _ := c.ByPLDA(); features {
		parts = append(parts, memoryPart{pldaBytes(n, width),
			option.Do("leave out %s", "plda").Or("set %s", "preprocess.components")})
	}

	// Of several encoders all weights are there at once, and the activations of one after the other.
	weights, units, joint, memory := 0.0, 0.0, 0.0, 0.0
	batch := 2 * float64(c.BatchPairs)
	for _, layers := range c.Encoders() {
		in, own := width, 0.0
		for _, out := range layers {
			weights, own, in = weights+(in+1)*float64(out), own+float64(out), float64(out)
		}
		units, joint, memory = max(units, own), joint+in, memory+in+batch
	}
	fewer := option.Do("lower %s", "layers")
	if len(c.Ensemble) > 0 {
		fewer = fewer.Or("leave out %s", "ensemble")
	}
	copies := 4.0 // of the best epoch and of the current one, those on the device, and gradients
	if c.Optimizer == config.OptimizerSGD {
		copies++ // velocity
	} else {
		copies += 2 // moments
	}
	if c.EMADecay > 0 {
		copies++
	}
	parts = append(parts, memoryPart{4 * weights * copies, fewer})
	if _, ofEncoder := c.ByPLDA(); ofEncoder {
		parts = append(parts, memoryPart{pldaBytes(n, joint), option.Do("leave out %s", "plda").Or("lower %s", "layers")})
	}

	activations := 4 * batch * (width + 2*units) // and their gradients
	if c.Loss.NeedsBatch() && !c.Loss.NeedsCentres() {
		activations += 4 * batch * batch * float64(1+len(c.Nested)) // similarities
		parts = append(parts, memoryPart{4 * float64(c.XBMSize) * memory, option.Do("lower %s", "xbm_size")})
	}
	parts = append(parts, memoryPart{activations, option.Do("lower %s", "batch_pairs")})

	if c.Augment.On() { // the views of a batch before and after preprocessing
		parts = append(parts, memoryPart{4 * float64(c.Augment.Views(2*c.BatchPairs)) * (f + width),
			option.Do("lower %s", "augment.share")})
	}

	pair := 20.0 // items, a label, and the items again in the order of batches
	if givenPairs && c.Loss.NeedsBatch() {
		pair = 4 * 6 * 32 // up to 32 pairs of a batch for each, with three numbers of two kinds
	}
	return append(parts, memoryPart{pair * float64(len(c.Encoders())) * float64(c.PairsPerEpoch),
		option.Do("lower %s", "pairs_per_epoch")},
		memoryPart{24 * float64(c.ValPairs), option.Do("lower %s", "val_pairs")})
}

// streamParts returns what a run takes beside the others where the features of items are on disk.
func streamParts(c Config, n, f, width float64) []memoryPart {
	parts := []memoryPart{
		{4 * step.RowBytes, option.Do("lower %s", "batch_pairs")}, // ahead of the steps, and on the device
		{40 * n, option.Do("use fewer items")},                    // hashes, orders and what becomes of them
	}
	if !preprocess.Streams(c.Preprocess) { // columns, some at a time on every core
		parts = append(parts, memoryPart{4 * n * preprocess.ColumnsAtOnce(int(f)),
			option.Do(`give "standard" or "none" as %s`, "preprocess.scale").Or("use fewer items")})
	}
	joint := 0.0 // numbers of an embedding
	for _, layers := range c.Encoders() {
		if len(layers) == 0 {
			joint += width
			continue
		}
		joint += float64(layers[len(layers)-1])
	}
	if c.HardMining > 0 {
		parts = append(parts, memoryPart{4 * n * joint, option.Do("leave out %s", "hard_mining")})
	}
	if c.UnknownShare > 0 {
		parts = append(parts, memoryPart{4 * n * joint, option.Do("leave out %s", "unknown_share")})
	}
	return parts
}

// pldaBytes returns what fitting PLDA on n vectors takes: these, the same by class and their residuals, and the matrices
// that are decomposed.
func pldaBytes(n, width float64) float64 { return (4+8+8)*n*width + 10*8*width*width }
