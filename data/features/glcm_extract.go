package features

import (
	"math"
	"slices"
)

// glcmExtractor computes GLCM properties of images of one size, and reuses its buffers. It counts pairs in whole
// numbers and takes every property from a few sums of them ([pairSums]), where [CoMatrix.Property] follows the
// formulas; tests compare the two.
type glcmExtractor struct {
	c       GLCMConfig
	w       int      // of a row in pixels
	regions []region // of all grids
	// unique holds each offset once: distances that round to the same one are counted once.
	unique []offset
	// which is the place in unique of every distance and angle, [distances * angles].
	which  []int
	quant  [256]uint8 // level of a pixel value
	levels []uint8    // [h, w] the quantised image
	counts []uint32   // [2 * levels²], see countPairs
	sums   []pairSums // [unique] of the region at hand
	logs   bool       // whether entropy is asked for
	nearby []float64  // [levels] 1/(1+d²)
	// nlogn is n ln n of small n: logarithms would take most of the time of an entropy.
	nlogn []float64
	// apart counts the pairs of the matrix at hand by |i-j|, [levels].
	apart []uint64
}

// newGLCM returns an extractor for images of w x h pixels. The configuration has been validated.
func newGLCM(c GLCMConfig, w, h int) *glcmExtractor {
	e := &glcmExtractor{c: c, w: w, regions: gridRegions(c.Grids, w, h), logs: slices.Contains(c.Properties, Entropy)}
	for _, o := range c.offsets() {
		k := slices.Index(e.unique, o)
		if k < 0 {
			k = len(e.unique)
			e.unique = append(e.unique, o)
		}
		e.which = append(e.which, k)
	}
	for v := range e.quant {
		e.quant[v] = uint8(v * c.Levels >> 8)
	}
	e.levels = make([]uint8, w*h)
	e.counts = make([]uint32, 2*c.Levels*c.Levels)
	e.sums = make([]pairSums, len(e.unique))
	e.apart = make([]uint64, c.Levels)
	e.nearby = make([]float64, c.Levels)
	for d := range e.nearby {
		e.nearby[d] = 1 / float64(1+d*d)
	}
	e.nlogn = make([]float64, 2048)
	for n := 2; n < len(e.nlogn); n++ {
		e.nlogn[n] = float64(n) * math.Log(float64(n))
	}
	return e
}

// extract writes the properties of the image to out, shape [regions, properties, distances, angles].
// grey are the pixels of the image with one channel.
func (e *glcmExtractor) extract(grey []uint8, out []float64) {
	for i, v := range grey {
		e.levels[i] = e.quant[v]
	}
	e.properties(out)
}

// extractDeep is extract for a picture of more than 8 bits; its levels divide the range from low to high.
func (e *glcmExtractor) extractDeep(grey []float32, low, high float64, out []float64) {
	quantise(grey, low, high, e.c.Levels, e.levels)
	e.properties(out)
}

// properties writes the properties of the picture that is in levels, as extract does.
func (e *glcmExtractor) properties(out []float64) {
	for _, in := range e.regions {
		for k, o := range e.unique {
			countPairs(e.counts, e.levels, e.w, in, o, e.c.Levels)
			e.sum(&e.sums[k])
		}
		for _, p := range e.c.Properties {
			for i, k := range e.which {
				out[i] = e.sums[k].property(p)
			}
			out = out[len(e.which):]
		}
	}
}

// sum takes the sums of the counts. A symmetric matrix is the counts plus their transpose; it is never made. Its sums
// follow from those of the counts: those that are linear in the entries double, those of i and of j become one, and the
// squares and logarithms, which are not linear, take both entries of a pair together.
func (e *glcmExtractor) sum(s *pairSums) {
	levels := e.c.Levels
	*s = pairSums{}
	clear(e.apart)
	for i := range levels {
		row := e.counts[i*levels : (i+1)*levels]
		var rowN, rowJ, rowJJ uint64
		for j, count := range row {
			n := uint64(count)
			rowN += n
			rowJ += n * uint64(j)
			rowJJ += n * uint64(j*j)
		}
		s.n += rowN
		s.i += rowN * uint64(i)
		s.ii += rowN * uint64(i*i)
		s.j += rowJ
		s.jj += rowJJ
		s.ij += rowJ * uint64(i)
		// The pair of entries (i,j) and (j,i), once.
		for j := range i {
			a, b := uint64(row[j]), uint64(e.counts[j*levels+i])
			e.apart[i-j] += a + b
			if e.c.Symmetric {
				s.squares += 2 * (a + b) * (a + b)
				s.logs += 2 * e.logOf(a+b)
			} else {
				s.squares += a*a + b*b
				s.logs += e.logOf(a) + e.logOf(b)
			}
		}
		a := uint64(row[i])
		e.apart[0] += a
		if e.c.Symmetric {
			a *= 2
		}
		s.squares += a * a
		s.logs += e.logOf(a)
	}
	// Properties of the difference need only its distribution, not the matrix.
	for d, n := range e.apart {
		s.contrast += n * uint64(d*d)
		s.apart += n * uint64(d)
		s.homogeneity += float64(n) * e.nearby[d]
	}
	if e.c.Symmetric {
		s.n *= 2
		s.i, s.j = s.i+s.j, s.i+s.j
		s.ii, s.jj = s.ii+s.jj, s.ii+s.jj
		s.ij *= 2
		s.contrast *= 2
		s.apart *= 2
		s.homogeneity *= 2
	}
}

// logOf returns n ln n, 0 for n = 0, and 0 when entropy is not asked for.
func (e *glcmExtractor) logOf(n uint64) float64 {
	if !e.logs {
		return 0
	}
	if n < uint64(len(e.nlogn)) {
		return e.nlogn[n]
	}
	return float64(n) * math.Log(float64(n))
}
