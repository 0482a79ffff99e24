package stats

import "github.com/go-siamese/lab/siamese/metric"

// block is a run of scores that share one probability.
type block struct {
	low, high   float64 // lowest and highest score
	pos, weight float64 // weight of its positives, and of all its pairs
}

// mean returns the block's probability, its share of positives.
func (b block) mean() float64 { return b.pos / b.weight }

// fitIsotonic pools neighbouring scores until the share of positives is non-decreasing (pool adjacent violators), and
// keeps both ends of every block: the curve is flat within a block and linear from one to the next. It takes O(points)
// time, as every point is pooled at most once. points rise in score and have positive weight.
//
// It warns if one block is left, and of probabilities of exactly 0 or 1.
func (c *Calibration) fitIsotonic(points []point) metric.Warnings {
	var blocks []block
	for _, p := range points {
		b := block{p.score, p.score, p.pos, p.pos + p.neg}
		for n := len(blocks); n > 0 && blocks[n-1].mean() >= b.mean(); n-- {
			a := blocks[n-1]
			b = block{a.low, b.high, a.pos + b.pos, a.weight + b.weight}
			blocks = blocks[:n-1]
		}
		blocks = append(blocks, b)
	}
	certain := 0
	for _, b := range blocks {
		p := b.mean()
		if p == 0 || p == 1 {
			certain++
		}
		c.Scores, c.Probabilities = append(c.Scores, b.low), append(c.Probabilities, p)
		if b.high > b.low {
			c.Scores, c.Probabilities = append(c.Scores, b.high), append(c.Probabilities, p)
		}
	}
	var warnings metric.Warnings
	if len(blocks) == 1 && len(points) > 1 {
		warnings = append(warnings, reversedScores(c.Pairs))
	}
	if certain > 0 {
		warnings = append(warnings, warn(Certain, certain,
			"the isotonic curve has probabilities of exactly 0 or 1 because "+
				"the pairs there are of one kind: do not take the logarithm of such a probability"))
	}
	return warnings
}
