// Package milvus keeps embeddings in a collection of a Milvus server and finds those most similar to others, as package
// siamese/search does in one process.
//
//	x, err := milvus.Create(ctx, 256, hash, milvus.Config{Address: "localhost:19530", Collection: "items"})
//	result, err := x.Load(ctx, parts, milvus.LoadOptions{Cursor: "items.cursor"}) // goes on where it was cut
//	found, err := x.Search(ctx, queries, search.Options{K: 10})
//	fmt.Println(found.Certificate)                            // the recall, measured on a sample of these queries
//
// It is a module of its own: programs that use the lab do not link the client of Milvus. Command
// siamese/milvus/cmd/siamese-milvus does the same without Go.
//
// # What of search.Index fits
//
// Add, Search, Delete, Embeddings, Of, Stats and Close do what [search.Index] says; those that ask the server take a
// context. Items have ids and no numbers: a server may have more than fit here, and others change them meanwhile. So
// there are no Item and Number, [Found] has items in place of numbers, and [Collection.SearchItems] is for queries
// that are items (Options.Self and Own). There is no Save: a server saves.
//
// # Items
//
// An item is a row with the primary key "id", "label", "domain" and "embedding". Similarity is the inner product, which
// of embeddings of unit length is the cosine, and 0 for a zero embedding. Adding an item whose id is there replaces it:
// to add the same items twice changes nothing, which is why an addition whose answer was lost is tried again. Searches
// see all that was added before them (consistency Strong).
//
// Texts stand in filters quoted, by one function. The client's own helpers (WithIDs, WithStringIDs, iterators beyond
// their first page, as of client/v2 2.6.2) put them between quotes as they are; they are not used.
//
// # Exact and approximate
//
// Answers of the index FLAT are exact but for rounding of float32 sums by the server. Those of HNSW come with a
// [search.Certificate]. For it, for Options.Exact with HNSW and for Options.AtLeast all items that pass the filters are
// read from the server, in pages, and compared here: O(N E) of transfer for all queries together.
package milvus
