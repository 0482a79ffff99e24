package labtest

// Must returns v, and panics with an error: for calls in tests and benchmarks that cannot fail.
func Must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
