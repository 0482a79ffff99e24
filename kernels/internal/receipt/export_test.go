package receipt

// Ripe has digests of files that have just been written remembered too, until restore is called.
func Ripe() (restore func()) {
	was := fresh
	fresh = -1 << 62
	return func() { fresh = was }
}
