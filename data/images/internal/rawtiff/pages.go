package rawtiff

// countPages counts the directories from the one at next on, up to mostPages of them, in bounded time. What is beyond
// the file, and a directory that was there before, ends the count.
func (f *File) countPages(next uint64, big bool) {
	const mostPages, mostEntries, tagSubfile, reduced, mask = 1 << 16, 1 << 20, 254, 1, 4
	seen := map[uint64]bool{}
	head, entry, link, size := uint64(2), uint64(12), uint64(4), uint64(len(f.file))
	if big {
		head, entry, link = 8, 20, 8
	}
	entries := uint64(0)
	for len(seen) < mostPages && entries < mostEntries {
		if next == 0 || seen[next] || next >= size || size-next < head {
			return
		}
		seen[next] = true
		n := uint64(f.order.Uint16(f.file[next:]))
		if big {
			n = f.order.Uint64(f.file[next:])
		}
		at := next + head
		if n > 1<<12 || size-at < n*entry+link {
			return
		}
		entries += n
		other := uint32(0)
		for range n {
			if f.order.Uint16(f.file[at:]) == tagSubfile {
				other = f.order.Uint32(f.file[at+entry-link:])
			}
			at += entry
		}
		if other&(reduced|mask) == 0 {
			f.Pages++
		}
		next = uint64(f.order.Uint32(f.file[at:]))
		if big {
			next = f.order.Uint64(f.file[at:])
		}
	}
}
