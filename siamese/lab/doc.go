// Package lab is what a notebook's cells say to the lab: from a file to an answer without ceremony. It is a thin face of
// package session, which keeps frames, splits, models and reports, so that a line that ran before costs milliseconds.
//
//	items := lab.Open("items.parquet", lab.ID("sku"), lab.Domain("source"))
//	items                                        // a value in last place is shown
//	items.Describe()
//	split := items.Split(lab.Seed(42))
//	model := split.Train(lab.Set("Epochs", 20))
//	model.Evaluate()
//	model.Score("a-17", "b-4")
//	model.Similar("a-17", 5)
//	model.SimilarTo(lab.Pictures("new/*.png"), 5)
//	model.In("items.index").Similar("a-17", 5)   // items that model.SaveIndex wrote
//
// Before a training, [Items.Advise] says whether more items or classes would help, and which labels look wrong.
//
// To look closer, [Items.Item] is one item with its picture, [Split.Draw] and [Model.HardPairs] are pairs,
// [Model.Cosines] says how far apart same and different ones are, [Model.Beside] compares trainings.
//
// To play with settings, [Split.Panel] shows a form, live curves and the table of runs; [Items.Search] tries many.
// [Model.Explore] shows items with those most similar to them, and keeps the pairs that you judge.
//
// In a cell of the lab's kernel nothing is imported and no "%%" is written; `%new items.parquet` writes such a notebook
// for a file. Where pandas noted an index in a Parquet file it is the id, and lab.ID is not needed.
//
// # Errors
//
// Functions return no errors. One ends the cell: it is shown with what to do about it, at the cell's own line, and the
// cell has failed. In a program of your own that is a panic with a [cell.Failure]; package session returns errors.
//
// # Going on
//
// Handles have what the session has ([Items.Session] and so on), and [Items.Data] is the library's own frame. Options
// are functions that change the session's, such as [session.SplitOptions]: what has no function here is set by one of
// yours. Interrupting a cell ends what runs; a training that was cut goes on when the cell is run again.
package lab
