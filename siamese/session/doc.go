// Package session is the notebook's way to the lab: frames, splits, models and reports live in a worker that stays, and
// cells hold handles. A cell that uses it links in a fraction of a second, loads nothing and compiles nothing twice.
//
//	s, err := session.Connect(ctx)
//	items, err := s.Open(ctx, "items.parquet", session.OpenOptions{ID: "sku"})
//	split, err := items.Split(ctx, session.SplitOptions{Seed: 42})
//	model, err := split.Train(ctx, config.Default(), session.TrainOptions{})
//	report, err := model.Evaluate(ctx, split, session.EvaluateOptions{})
//	fmt.Println(report.Verdict)
//	score, err := model.Score(ctx, items, "a-17", "b-4")
//	nearest, err := model.Similar(ctx, items, "a-17", 5)
//
// Whoever knows pandas and Keras reads it as read_parquet, train_test_split, fit, evaluate and predict. The calls take
// and return plain values; [data.Frame], config.Config and the files behind handles are the library's own, so that a
// cell may go on with the library at any point (package full, [Frame.Data], [Model.Save]).
//
// # What is known is not computed again
//
// A value belongs to the hash of all that it depends on: the call, its arguments, the content of the files that it
// reads, the values that it is given, the program of the worker and, where numbers depend on it, the machine. Running a
// cell again gives the same handle at once; a file that changed, another argument or an edit of the lab's code gives
// another. Values stay on disk below the lab's directory ([plugin.Dir]), also across restarts, up to a bound; those not
// used for longest go first. [Session.Values] lists them, [Session.Clear] removes them. What was damaged on disk is
// computed again, and the handle's Notes say so.
//
// With each answer comes what its computation read and drew from, also where the value was known; the session tells it
// to the kernel for the cell's receipt (package provenance), with the keys of the values that were there already.
//
// # The worker
//
// Under the lab's kernel the socket is in the variable SIAMESE_SESSION, and the kernel starts the worker. Elsewhere
// [Connect] starts one that ends with the program. It is built from the checkout, and replaced when the lab's code
// changes. A fault in it is the error of the call; if it is killed, the call says so, what was finished is kept, and a
// training that was cut goes on where it was.
//
// This package imports neither GoMLX nor the readers of tables: a test holds it.
package session
