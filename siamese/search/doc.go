// Package search keeps many embeddings in an index and finds those most similar to others.
//
// [Index] is what every engine can do. [Exact] compares each query with all items, by vector kernels in any build, and
// keeps rows as float32, float16 or int8:
//
//	index, err := search.New(256, search.Config{})
//	err = index.Add(ctx, references, frame)               // embeddings and their ids, labels, domains
//	found, err := index.Search(ctx, queries, search.Options{K: 10})
//	fmt.Println(index.Item(found.Lists[0][0].Item).ID)
//	err = index.Save("items.index")
//
// Which answers are exact. With float32 and float16 all are, and with int8 those of [Exact.Pairs], of Options.AtLeast
// and of Options.Exact: rows that the bounds of rounding cannot rule out are scored again with the float32 numbers,
// which an index always keeps, in memory or in its file. Other answers of int8 take the best candidates by int8 scores
// and score these again; each comes with a [Certificate]: its recall against the exact answer on a sample of its
// queries, with an interval.
//
// Order. Cosines are float64 sums rounded to float32, ties are in the order of item numbers, and exact answers are the
// same on any processor, storage and number of goroutines. embedding.Nearest sums in float32: items whose cosines differ
// by less than its rounding may change places there.
//
// Package siamese/search/hnsw has an engine with a graph, which does not look at all items.
//
// Cost. Memory for N items of width E: 4 N E bytes as float32; with float16 2 N E and with int8 N E more, or instead
// where the float32 numbers stay in a file (an index that was loaded, or Config.Scratch). Ids take about 70 bytes each.
// Speed against FAISS: go run ./siamese/search/testdata/compare.
//
// Indexes are safe for searches at the same time, not for changes beside them.
package search
