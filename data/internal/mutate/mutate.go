// Package mutate damages files at random but repeatably, for tests of readers: fuzzing from valid files, where a run of
// the test suite has no time for a search by coverage. Only tests import it.
package mutate

import (
	"bytes"
	"math/rand/v2"
	"slices"
)

// Bytes returns a copy of content with one to four changes after its first keep bytes, half of them near the
// end: bits and bytes changed, parts removed, doubled, or taken from other, which must not be empty. The result may be
// shorter or longer, and is unchanged where content has no more than keep bytes. The same state of rng gives the same
// damage.
func Bytes(rng *rand.Rand, content, other []byte, keep int) []byte {
	// Few changes: a file that is damaged everywhere is rejected at its first byte, and tests nothing behind it.
	content = bytes.Clone(content)
	for range 1 + rng.IntN(4) {
		if len(content) <= keep {
			break
		}
		at := keep + rng.IntN(len(content)-keep)
		if rng.IntN(2) == 0 { // where most formats say what they hold
			at = max(keep, len(content)-1-rng.IntN(600))
		}
		n := 1 + rng.IntN(min(16, len(content)-at))
		switch rng.IntN(7) {
		case 0:
			content[at] ^= 1 << rng.IntN(8)
		case 1:
			content[at] = byte(rng.Uint32())
		case 2: // lengths and counts of such bytes are the ones that overflow
			copy(content[at:at+n], bytes.Repeat([]byte{[]byte{0, 0x7f, 0x80, 0xff}[rng.IntN(4)]}, n))
		case 3: // cut off, as by a full disk
			content = content[:at]
		case 4:
			content = slices.Delete(content, at, at+n)
		case 5:
			content = slices.Insert(content, at, content[at:at+n]...)
		// A piece of another file is valid by itself, and so gets further than noise does.
		case 6:
			from := rng.IntN(len(other))
			copy(content[at:], other[from:min(len(other), from+64)])
		}
	}
	return content
}
