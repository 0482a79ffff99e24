package table

import (
	"os"

	"github.com/go-siamese/lab/data/table/internal/cache"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// Cached reports whether [Open] would map the table at path from its copy in the cache, which takes no memory that the
// system could not take back, instead of reading it. It is a look at a few files; false where that does not tell.
func Cached(path string, opt Options) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || opt.NoCache || opt.BlockOf != nil || info.Size() < cache.MinSize {
		return false
	}
	return cache.Has(&reading.Input{Name: path, Size: info.Size()}, info, &opt)
}
