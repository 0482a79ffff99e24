package images

import (
	"context"
	"runtime"

	"golang.org/x/sync/semaphore"
)

const (
	// budgetBytes is the memory of pictures that are decoded at once, a pixel of the largest one that is allowed: about
	// what a colour picture of 8 bits takes. With the default limit that is half a gigabyte.
	budgetBytes = 8
	// fileBudget is how many bytes of files are in memory at once, beside a single one that is larger.
	fileBudget = 256 << 20
	// largePicture is the share of the budget, one part of so many, from which on a picture's memory is freed before
	// the next one: the garbage collector would let it double first.
	largePicture = 8
)

// budget bounds the memory of all pictures that are decoded at once, whatever the number of cores. What is larger than
// all of it waits until it is alone.
type budget struct {
	size int64
	held *semaphore.Weighted
}

// newBudget returns a budget for pictures of up to limit pixels.
func newBudget(limit int) *budget {
	size := budgetBytes * int64(limit)
	return &budget{size: size, held: semaphore.NewWeighted(size)}
}

// held is a picture with its share of the budget.
type held struct {
	m       *Image
	release func() // nil = there is none
}

// decode reads and decodes a file within the budget. The caller releases the result once it is done with the picture.
// What holds memory for its file waits here for that of its picture, and never the other way round, so that no two wait
// for each other.
func (b *budget) decode(ctx context.Context, r sized, opt DecodeOptions) (held, error) {
	p, err := readHeader(r, opt)
	if err != nil {
		return held{}, err
	}
	memory := min(p.memory(), b.size)
	if err := b.held.Acquire(ctx, memory); err != nil {
		return held{}, err
	}
	if memory > b.size/largePicture {
		runtime.GC() // costs nothing beside decoding so large a picture
	}
	m, err := p.decode(opt)
	if err != nil {
		b.held.Release(memory)
		return held{}, err
	}
	return held{m, func() { b.held.Release(memory) }}, nil
}

// memory returns how many bytes it takes to decode the picture, beside the file: what the decoder makes, and the image.
// It is what was measured, rounded up (TestMemoryOfPictures).
func (h header) memory() int64 {
	bytes := int64(3) // grey of 8 bits, twice, and a line
	deep := h.bits > 8 || h.float
	switch {
	case deep && h.mode == "grey":
		bytes = 8
	case deep:
		bytes = 26 // four of 16 bits, three of 32, and what passes
	case h.mode == "CMYK":
		bytes = 12
	case h.mode != "grey":
		bytes = 10 // four, three, and what passes
	}
	bytes = max(bytes, int64(h.need))
	return bytes * int64(h.w) * int64(h.h)
}
