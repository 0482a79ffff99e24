package run

// FirstLine returns the first line of a cell's source that tells something about it, as the progress of a run shows it.
func FirstLine(source string) string { return firstLine(source) }
