// Package table reads and writes tables of features in the usual formats: Parquet, Arrow (file, stream,
// Feather), NPY, NPZ, and CSV or TSV, plain, gzip or zstd; and folders of Parquet or Arrow parts.
//
//   - [Open] recognises the format by the content and returns the frame with an [Explanation] of
//     every decision; the second time it comes from a memory-mapped cache.
//   - [Scan] reads tables longer than the memory, a frame of some rows at a time.
//   - [JoinLabels] adds labels from another file, by id, or by row where that is asked for.
//   - [OpenPairs] and [SavePairs] read and write labelled pairs of a frame's items, in tables or lists.
//   - [Save] writes a frame in the format that the end of a file's name says, which Open reads back bit for bit.
//
// It is a separate package because its readers are large: a program that needs none of them imports only
// [data].
//
// Files are not trusted: names in archives that lead elsewhere, pickled Python objects, headers
// that lie about sizes and archives that unpack to absurd sizes are errors, not panics. What reading
// takes is bounded by MaxBytes. Checksums are compared where the writer left them.
package table
