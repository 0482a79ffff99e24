// Package advise says what to do about data before long trainings are begun: whether more items or more classes would
// help, of what to collect more, and which labels look wrong.
//
//	advice, err := advise.Run(ctx, frame, advise.Options{Seed: 42})
//	fmt.Println(advice)
//
// # Learning curves
//
// A model is fitted on growing parts of the training items and tested on items that none of the parts has seen: over
// items, on new items of the same classes, with parts that have a growing share of every class; over classes, on items
// of new classes, with parts that have a growing number of classes. Test sides are folds (every item, or class, is
// tested on once in each of Options.Repeats draws), the parts of a fold are nested, and its test items are the same for
// all of them. The metric is MAP@R among the test items, or ROC-AUC where fewer than three classes are tested on.
//
// The model needs no encoder and no training run: components whitened within classes and PLDA of them, fitted on each
// part alone but for the directions. The 256 main directions of features come from up to 512 items of the fold's
// training side, without labels, which spares most of the time and helps small parts a little. Options.Fit puts another
// model in its place, such as an encoder.
//
// Forecasts are those of a saturating power law, and each is checked by leaving the last points out. Their intervals
// hold for other items, or classes, of the same kind, where the law holds: see [Forecast].
//
// # Labels
//
// A label looks wrong where a model that has not seen the item is sure of another class, both by its posterior and by
// the labels of the nearest items: see [LabelCheck].
package advise
