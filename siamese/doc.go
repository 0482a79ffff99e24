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
package siamese
