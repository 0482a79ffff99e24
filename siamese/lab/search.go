package lab

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/study/found"
	"github.com/go-siamese/lab/siamese/study/space"
)

// Range lets a search choose a number in [low, high], by the setting's name in the model's file.
func Range(name string, low, high float64) space.Param { return space.Range(name, low, high) }

// LogRange lets a search choose a number in [low, high], equal factors being equally likely.
func LogRange(name string, low, high float64) space.Param { return space.LogRange(name, low, high) }

// IntRange lets a search choose a whole number in [low, high].
func IntRange(name string, low, high int) space.Param { return space.IntRange(name, low, high) }

// Choice lets a search choose one of the values, each as a flag of the command has it: "adam", "0.25", "512,256".
func Choice(name string, values ...string) space.Param { return space.Choice(name, values...) }

// SearchOptions are the options of [Items.Search].
type SearchOptions struct {
	From config.Config // what a search leaves as it is where it changes nothing
	session.SearchOptions
}

// From has a search begin with the recommended configuration, changed by settings. Without it nothing is changed.
func From(settings ...Setting) Option[SearchOptions] {
	return func(o *SearchOptions) { o.From = change(config.Recommended(), settings) }
}

// Among are the settings that a search may change. Without it they are those that matter most, with room on both sides
// of their usual values.
func Among(params ...space.Param) Option[SearchOptions] {
	return func(o *SearchOptions) { o.Space = append(o.Space, params...) }
}

// Trials is how many configurations a search tries; without it 20.
func Trials(n int) Option[SearchOptions] { return func(o *SearchOptions) { o.Trials = n } }

// Folds has n searches, each of whose winners is scored on another part of the classes: their mean says how good
// searching and training is on such items. The search and its model are those of the first. Without it there is one.
func Folds(n int) Option[SearchOptions] { return func(o *SearchOptions) { o.Folds = n } }

// Sampler is how a search chooses: "tpe" (without it), "random", "sobol", "grid" or "cmaes".
func Sampler(name string) Option[SearchOptions] { return func(o *SearchOptions) { o.Sampler = name } }

// Search is what a search found.
type Search struct {
	Result *found.Result // all trials, the winner and its honest score

	search  *session.Search
	items   *Items
	options SearchOptions // with which it searched
}

// Search searches for better settings. Trials are judged on classes that they were not trained on, and the winner on
// classes that chose nothing, so that its score is no flattery. Those of a search that was cut are not trained again.
//
//	items.Search(lab.Trials(40), lab.Among(lab.LogRange("learning_rate", 1e-4, 1e-2), lab.Range("dropout", 0, 0.5)))
func (i *Items) Search(options ...Option[SearchOptions]) *Search {
	opt := change(SearchOptions{From: config.Recommended()}, options)
	if opt.Trials == 0 && opt.MaxEpochs == 0 {
		opt.Trials = 20
	}
	if len(opt.Space) == 0 {
		opt.Space = space.Usual(opt.From)
	}
	return i.search(opt)
}

// search searches.
func (i *Items) search(opt SearchOptions) *Search {
	var found *session.Search
	training(func(train session.TrainOptions) (*session.Model, error) {
		var err error
		found, err = i.frame.Search(stopped(), opt.From, opt.SearchOptions, train)
		return nil, err
	})
	return &Search{Result: found.Result, search: found, items: i, options: opt}
}

// Model returns the winner's model.
func (s *Search) Model() *Model {
	return newModel(result(s.search.Model(stopped())), s.items, nil, nil)
}

// Best is a setting: the whole configuration of the winner, whose epoch is chosen by validation items.
func (s *Search) Best() Setting { return Use(s.winner().Config) }

// winner returns the best trial, with a monitor that any training has.
func (s *Search) winner() found.Run {
	winner, ok := s.Result.Winner()
	if !ok {
		check(errors.New("no trial is complete: there is no winner"))
	}
	winner.Config.Monitor = strings.Replace(winner.Config.Monitor, "unseen_", "val_", 1)
	return winner
}

// mostSeeds bounds the trainings of a winner.
const mostSeeds = 100

// Seeds trains the winner n times more, with its own seed and those after it, on the same items, and judges each as the
// search did: as a search of one trial. Settings that differ by no more than these trainings give no reason to choose
// between them.
func (s *Search) Seeds(n int) []*Search {
	if n < 1 || n > mostSeeds {
		check(fmt.Errorf("%d seeds: at least 1, at most %d", n, mostSeeds))
	}
	winner, opt := s.winner(), s.options
	opt.Space, opt.Sampler, opt.Trials, opt.MaxEpochs, opt.Halving = nil, "", 1, 0, false // which searches nothing
	var out []*Search
	for k := range n {
		opt.From = winner.Config
		opt.From.Seed += uint64(k)
		out = append(out, s.items.search(opt))
	}
	return out
}

// Known reports whether the search was kept, so that nothing was trained.
func (s *Search) Known() bool { return s.search.Known }

// Save writes the search for other programs, by the ending of the path: .journal for Optuna, .csv and .parquet as a table
// of trials, .html as a page, and without an ending a folder of TensorBoard.
func (s *Search) Save(path string) { check(s.search.Save(stopped(), path)) }

// Session returns the session's own handle.
func (s *Search) Session() *session.Search { return s.search }

// String returns the trials and the winner's score.
func (s *Search) String() string { return s.search.String() }

// Display shows the search in the cell: history, importances, and what was tried.
func (s *Search) Display() { display(s.search) }
