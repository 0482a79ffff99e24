// Package scan finds, for every query, the rows of a matrix with the highest scalar products, by looking at all of them.
//
// A kernel multiplies a few rows with a panel of queries and compares the products with a limit of each query at once,
// so that choosing costs nothing where nothing is found. What a kernel finds are candidates: its sums round in an order
// of their own, so a limit lies below what is wanted by the most that two orders can differ, and the candidates that
// are left are scored again by the caller's function. So results do not depend on kernel, processor or number of
// goroutines.
//
// [Floats] scans rows of float32, [Codes] rows of bytes, whose scores are approximations that the caller ranks again.
package scan
