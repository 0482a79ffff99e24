// Package data turns what people have — tables of numbers, folders of images — into a
// [Frame]: N items with F numeric features each, in named blocks, with ids, class labels
// and domains.
//
// The parts:
//
//   - [Frame] holds the table; [Frame.Validate] reports everything that is wrong with it.
//   - [Schema] says which columns of a table are what; the package table reads and writes files.
//   - [OpenImages] reads a folder of images and [Features] makes HOG, GLCM and LBP features of them;
//     the package extract does both for folders that do not fit into memory.
//   - [SplitItems], [SplitClasses], [FoldItems] and [FoldClasses] divide the items into
//     training, validation and test sides that share nothing; [Split.Check] proves it.
//   - [Preprocess] says what is done to features before a model sees them; [FitTransform]
//     learns its numbers from training items only, and the [Transform] is saved with the model.
//
// Nothing here trains, draws or prints: functions return values and errors. An error says
// what is wrong, where (file, line, column, item) and what to do about it.
package data
