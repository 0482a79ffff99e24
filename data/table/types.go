package table

import (
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// The types that doors and readers share are declared below both, where a reader can use them.
type (
	// Options control how a table is read. The zero value infers everything, refuses missing values and uses
	// the cache.
	Options = reading.Options

	// Explanation describes how a file was read.
	Explanation = reading.Explanation

	// Error is what is wrong with a table, and where: file, line or row, column, offending text, and what to do.
	Error = tableerr.Error
)
