package explain

import (
	"errors"
	"fmt"

	"github.com/go-siamese/lab/data"
)

// Options are the options of an explanation. The zero value is usable.
type Options struct {
	// Background is what a pair is compared with: two random items of it are "any two items". Best the training items;
	// nil = the items of the explained frame.
	Background *data.Frame
	Items      int    // drawn from the background; 0 = 64; all if there are fewer
	Seed       uint64 // of the drawn background, orders of blocks and pairs

	// Steps of the integral for the parts of features; 0 = 32. More steps reduce its residual.
	Steps      int
	Features   int  // features to list, by descending part; 0 = 10; all if there are fewer
	NoFeatures bool // leave out single features, which take most of the time

	// Orders of blocks sampled for the parts of more than 10 blocks; 0 = 100. The parts of up to 10 blocks are exact.
	Orders int
}

// exactBlocks is the number of blocks up to which all 2^blocks sets are computed.
const exactBlocks = 10

// withDefaults returns o with defaults for zeroes, or all problems.
func (o Options) withDefaults() (Options, error) {
	var problems []error
	for _, v := range []struct {
		name    string
		value   *int
		usually int
	}{{"items", &o.Items, 64}, {"steps", &o.Steps, 32}, {"features", &o.Features, 10}, {"orders", &o.Orders, 100}} {
		if *v.value < 0 {
			problems = append(problems, fmt.Errorf("%s is %d: it must not be negative (0 = %d)", v.name, *v.value,
				v.usually))
		}
		if *v.value == 0 {
			*v.value = v.usually
		}
	}
	if o.Items == 1 {
		problems = append(problems, errors.New("items is 1: a pair needs two background items"))
	}
	return o, errors.Join(problems...)
}
