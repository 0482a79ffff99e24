package explain

import (
	"errors"
	"fmt"

	"github.com/go-siamese/lab/data"
)

// Options says how a similarity is explained. The zero value is usable.
type Options struct {
	// Background is what a pair is held against: two of its items, drawn at random, are "any two items". The training
	// items, best. nil = the items of the frame that is explained.
	Background *data.Frame
	Items      int    // of the background that are drawn; 0 = 64, and all where there are fewer
	Seed       uint64 // of what is drawn: background, orders of blocks, pairs

	// Steps of the integral that gives single features their part; 0 = 32. More make its residual smaller.
	Steps      int
	Features   int  // features that are listed, those with the largest part first; 0 = 10, and all where there are fewer
	NoFeatures bool // leave single features out: most of the time

	// Orders in which more than 10 blocks are added, one after the other, to find their parts; 0 = 100. The parts of up to 10
	// blocks are exact.
	Orders int
}

// exactBlocks is the number of blocks up to which all 2^blocks sets of them are looked at.
const exactBlocks = 10

// withDefaults returns o with what its zeros stand for, or every problem.
func (o Options) withDefaults() (Options, error) {
	var problems []error
	for _, v := range []struct {
		name    string
		value   *int
		usually int
	}{{"items", &o.Items, 64}, {"steps", &o.Steps, 32}, {"features", &o.Features, 10}, {"orders", &o.Orders, 100}} {
		if *v.value < 0 {
			problems = append(problems, fmt.Errorf("%s is %d: it must not be negative (0 = %d)", v.name, *v.value, v.usually))
		}
		if *v.value == 0 {
			*v.value = v.usually
		}
	}
	if o.Items == 1 {
		problems = append(problems, errors.New("items is 1: two background items make the least pair"))
	}
	return o, errors.Join(problems...)
}
