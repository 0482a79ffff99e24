package table

import (
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// The types that the functions here share with the readers are declared in packages below both.
type (
	// Options control how a table is read: the roles of its columns (an embedded [data.Schema]), X (the array of
	// features of an NPZ archive), AllowMissing, AllowWrong (cells of text), Missing (words), Comma, NoHeader and
	// EscapedFormulas (of text), BatchRows (of [Scan]), MaxBytes, NoCache, CacheDir, CacheBytes and Progress. The zero
	// value infers everything, refuses missing values and uses the cache. The fields are documented where they are
	// declared: go doc ./data/table/internal/reading Options.
	Options = reading.Options

	// Explanation describes how a file was read: File, Format, Rows, Features, the columns of ID, Label and Domain,
	// the Ignored ones, those Counting the rows, Blocks, how many values were Missing or Infinite, which are Lost to
	// float32 (nearly 0, or whole numbers of many digits: how many, and where the first is), UnknownLabels and
	// UnknownDomains, AlikeLabels and AlikeDomains, Notes on every decision, and Cached. String prints it, but
	// Cached, which is another one the second time.
	Explanation = reading.Explanation

	// Error is what is wrong with a table, and where: File, Line (of text) or Row (of other files), Column, the
	// offending Text, the Problem, the Fix, and the cause Err. Spell prints it with a front's own names of options.
	Error = tableerr.Error
)
