// Package siamese learns how similar two items are from their feature vectors.
//
// One dense encoder, shared by both sides, maps the F features of an item to an embedding of E numbers; the cosine of
// two embeddings is the similarity of their items. The encoder is trained on labelled pairs (1 = same class, 0 =
// different), evaluated on items and classes it has not seen, beside features without any training, and saved in one
// file that holds all that prediction needs.
//
// The usual order of calls:
//
//	backend, err := siamese.OpenBackend("")                      // XLA if its plugin is installed, else pure Go
//	result, err := siamese.Train(ctx, backend, siamese.DefaultConfig(), train, val, siamese.TrainOptions{})
//	report, err := evaluate.Items(ctx, backend, result.Model, "new items", val, test)
//	err = result.Model.Save("model.safetensors")
//
// Similarity is higher when items are closer. Shape letters in comments: N items, F features, B pairs in a
// batch, E embedding width, K neighbours, Q queries.
//
// # Packages
//
// A package imports only packages on earlier lines, and those on its own line only in the order given:
//
//	data/...               feature frames; import nothing from siamese
//	kernels/plugin         where the XLA plugin is
//	loss metric stats      losses as graphs; metrics of cosines; intervals, comparisons and calibration
//	internal/streams       random streams of a seed
//	internal/safetensors   files of tensors
//	internal/jsonfile      files of one JSON value
//	internal/fields        settings of a struct by name
//	internal/bar           progress on a terminal
//	internal/device        backends, compiled graphs, several devices
//	encoder                the encoder as a graph and as weights
//	embedding              embeddings of items, scores, nearest neighbours
//	internal/itemset       labels and domains of items
//	pairs                  labelled pairs: drawing, checking, splitting
//	internal/batch         the batches of an epoch
//	internal/step          a training step: loss, optimizer, state
//	siamese                this package: configuration, training, models
//	report                 what an evaluation found: text, JSON, comparisons
//	evaluate               evaluation on items and on pairs
//	explain                which blocks and features a similarity comes from
//	study                  several trainings: protocols over folds and seeds, sweeps
//	version                the version of the lab
//	tensorboard            training curves for TensorBoard
//	show                   tables, plots and pages for notebooks
//	cmd/siamese            the command line
//
// Helpers of tests are in internal/labtest and the packages below it.
package siamese
