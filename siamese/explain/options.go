package explain

import (
	"errors"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
)

// Options are the options of an explanation. The zero value is usable, but for [New], which needs a Background.
// Negative numbers are errors.
type Options struct {
	// Background is what a pair is compared with: two random items of it are "any two items". Best the training items;
	// nil = the items of the explained frame.
	Background *data.Frame
	// Items is how many are drawn from the background; 0 = 64; all if there are fewer. Time and memory grow with it,
	// and the interval of the baseline narrows with its square root.
	Items int
	// Seed chooses the background items, the orders of blocks and the pairs that [Blocks] draws. The same seed, data
	// and backend give the same explanation. 0 is a seed like any other.
	Seed uint64

	// Steps of the integral for the parts of features; 0 = 32. More steps reduce its residual.
	Steps int
	// Features is the number of features to list, by descending part; 0 = 10; all if there are fewer.
	Features int
	// NoFeatures leaves out single features, which take most of the time.
	NoFeatures bool

	// Orders of blocks sampled for the parts of more than 10 blocks, rounded up to an even number; 0 = 100. The parts
	// of up to 10 blocks are exact.
	Orders int
}

// exactBlocks is the number of blocks up to which all 2^blocks sets are computed: at most 1,024 passes.
const exactBlocks = 10

// mostCount is the most of each count that is accepted: more takes days, or more memory than there is.
const mostCount = 1_000_000

// withDefaults returns o with defaults for zeroes, or an error that joins an [option.Error] for every problem.
func (o Options) withDefaults() (Options, error) {
	var problems []error
	for _, v := range []struct {
		name    string
		value   *int
		usually int
	}{{"Items", &o.Items, 64}, {"Steps", &o.Steps, 32}, {"Features", &o.Features, 10}, {"Orders", &o.Orders, 100}} {
		if *v.value > mostCount {
			problems = append(problems, option.Errorf(v.name, "%d is more than %d", *v.value, mostCount))
		}
		if *v.value < 0 {
			problems = append(problems, option.Errorf(v.name, "%d must not be negative (0 = %d)", *v.value, v.usually))
		}
		if *v.value == 0 {
			*v.value = v.usually
		}
	}
	if o.Items == 1 {
		problems = append(problems, option.Errorf("Items", "1 is too few: a pair needs two background items"))
	}
	return o, errors.Join(problems...)
}
