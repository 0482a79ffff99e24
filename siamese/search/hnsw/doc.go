// Package hnsw is a [search.Index] with a graph in which a search goes from neighbour to neighbour instead of looking
// at all items: Malkov and Yashunin, Efficient and robust approximate nearest neighbor search using Hierarchical
// Navigable Small World graphs (IEEE TPAMI 42, 2020), by hnswlib.
//
//	index, err := hnsw.New(256, hnsw.Config{})
//	err = index.Add(ctx, references, frame)
//	found, err := index.Search(ctx, queries, search.Options{K: 10})
//	fmt.Println(found.Certificate)              // the recall, measured on a sample of these queries
//	err = index.Save("items.index")             // hnsw.Open reads it
//
// hnswlib is C++: programs have it with cgo, the build tag hnswlib and its headers, Debian's package libhnswlib-dev
// 0.6.2. Without them the package builds all the same, and what needs a graph is [ErrMissing]. hnswlib has the Apache
// licence 2.0: who passes on a program with it passes on its notice (/usr/share/doc/libhnswlib-dev/copyright).
//
// Rows in the graph are codes of 8 bits, since a search waits for memory; the best candidates are scored again with the
// float32 numbers. What filters leave out, and deleted items, are passed over, with as many more candidates; where few
// items are left, and for a query that finds too few, all of them are compared. Answers come with a
// [search.Certificate].
//
// Memory for N items of width E beside that of a [search.Exact]: N (E + 8 M + 150) bytes, M being Config.Links. The
// same seed and order of items give the same graph on any processor with Config.Threads 1.
package hnsw
