package session

import (
	"context"
	"encoding/json"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/session/internal/wire"
	"github.com/go-siamese/lab/siamese/study/found"
	"github.com/go-siamese/lab/siamese/study/space"
)

// SearchOptions are the options of [Frame.Search], as those of study.RunSearch. One of Trials and MaxEpochs must
// be set.
type SearchOptions struct {
	Space     space.Space `json:"space"`   // empty = base alone, every trial with another seed
	Sampler   string      `json:"sampler"` // tpe, random, sobol, grid or cmaes; "" = tpe
	Seed      uint64      `json:"seed"`    // of the sampler and of the split
	Trials    int         `json:"trials"`
	MaxEpochs int         `json:"max_epochs"` // of all trials together
	// Halving trains all for an epoch, the best third for three, and so on to Config.Epochs.
	Halving     bool `json:"halving"`
	Parallel    int  `json:"parallel"`     // trials at a time; 0 = 1
	SameClasses bool `json:"same_classes"` // judge on new items of the trained classes, not on other classes
	HeldOut     int  `json:"held_out"`     // classes that choose nothing; 0 = a quarter
	Watched     int  `json:"watched"`      // classes that give the scores; 0 = a third
	// Folds has as many searches, each judged on another part of the classes; the result is that of the first, with the
	// mean of all. 0 or 1 = one search.
	Folds int `json:"folds,omitempty"`
}

// Search is what a search came to.
type Search struct {
	Value  `json:"-"`
	Result *found.Result `json:"result"`
}

// Search searches opt.Space for the best settings beside those of base, as study.RunSearch does: trials are judged on
// classes that they were not trained on, and the winner on classes that chose nothing. Trials of a search that was cut
// off are not trained again.
func (f *Frame) Search(ctx context.Context, base config.Config, opt SearchOptions, train TrainOptions) (*Search, error) {
	args := struct {
		Frame   string        `json:"frame"`
		Base    config.Config `json:"base"`
		Options SearchOptions `json:"options"`
	}{f.Key, base, opt}
	s := &Search{}
	err := f.session.pausing(ctx, "search", args, s, train.Paused, func(e wire.Message) { decodeEvent(e, train.Progress) })
	return give(s, err)
}

// Model returns the model of the winner.
func (s *Search) Model(ctx context.Context) (*Model, error) {
	m := &Model{}
	return give(m, s.session.want(ctx, "found", struct {
		Search string `json:"search"`
	}{s.Key}, m, nil))
}

// Save writes the search for other programs, by the ending of the path: .journal for Optuna, .csv and .parquet as a table
// of trials, .html as a page, and without an ending a folder of TensorBoard.
func (s *Search) Save(ctx context.Context, path string) error {
	path, err := absolute(path)
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]string{"key": s.Key, "path": path})
	if err != nil {
		return err
	}
	_, err = s.session.call(ctx, "save search", body, nil)
	return err
}
