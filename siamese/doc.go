// Package siamese learns how similar two items are from their feature vectors.
//
// One dense encoder, shared by both sides, turns the F features of an item into an embedding of E numbers;
// the cosine of two embeddings is the similarity of their items. The encoder is trained on labelled pairs
// (1 = same class, 0 = different), judged on items and classes it never saw beside features without any
// training, and kept in one file that holds all that prediction needs.
//
// The usual order of calls:
//
//	backend, err := siamese.OpenBackend("")                      // XLA where it can be had, else pure Go
//	result, err := siamese.Train(ctx, backend, siamese.DefaultConfig(), train, val, siamese.TrainOptions{})
//	report, err := siamese.Evaluate(ctx, backend, result.Model, "new items", val, test)
//	err = result.Model.Save("model.safetensors")
//
// A report is text and JSON; with [EvaluateOptions.Details] it holds all that a page shows (siamese/show). [EvaluateModels] and
// [CompareReports] put several models on the same items side by side. [RunProtocols] trains and judges a configuration on new
// items, on unseen classes and on unseen domains, over folds and seeds, and says whether it is better than no training.
//
// Similarity is higher when items are closer. Shape letters in comments: N items, F features, B pairs in a
// batch, E embedding width, K neighbours, Q queries.
//
// # Layers
//
// A package imports those of this module that stand on lines above its own, and no others; a test holds it. Packages
// below siamese/internal/labtest and data/internal/labtest are for tests alone.
//
//   - data/atomicfile data/internal/components data/internal/listing data/internal/mutate data/internal/selection
//   - data/option data/parallel data/table/internal/raw kernels/internal/proc kernels/plugin siamese/internal/bar
//   - siamese/internal/fields siamese/internal/safetensors siamese/internal/streams siamese/version
//   - data data/images data/table/internal/tableerr kernels/internal/place siamese/internal/device
//   - siamese/internal/jsonfile siamese/loss siamese/metric
//   - data/builtin data/features data/internal/numeric data/table/internal/blockmeta data/table/internal/writing
//   - kernels/internal/notebook kernels/internal/setup siamese/encoder siamese/stats
//   - data/duplicates data/preprocess data/table/internal/reading kernels/internal/run
//   - data/describe data/split data/table/internal/cache data/table/internal/columnar data/table/internal/csv
//   - data/table/internal/numpy kernels siamese/embedding
//   - data/table/internal/arrowipc data/table/internal/parquet siamese/internal/itemset
//   - data/table siamese/pairs
//   - data/extract siamese/internal/batch
//   - siamese/internal/step
//   - siamese
//   - siamese/report siamese/tensorboard
//   - siamese/evaluate siamese/explain
//   - siamese/study
//   - siamese/show
//   - siamese/cmd/siamese
package siamese
