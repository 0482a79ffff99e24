package explore

import "time"

// thumbSide is the larger side of the pictures that the page gets, in pixels.
const thumbSide = 160

// together is how long pictures are made before those that are there are sent: every message takes its time, and a
// picture that is large on the disk more.
const together = 30 * time.Millisecond

// pictures sends the pictures that a page does not have. e.mu is held.
func (e *Explorer) pictures(ids []string) {
	v := e.view
	ids = ids[:min(len(ids), mostShown+1)]
	e.begin(func() {
		var sent []string
		var buffers [][]byte
		for begun := time.Now(); len(ids) > 0 && e.ctx.Err() == nil; ids = ids[1:] {
			if _, ok := e.items.at[ids[0]]; ok {
				sent, buffers = append(sent, ids[0]), append(buffers, e.thumbs.PNG(ids[0]))
			}
			if len(ids) == 1 || time.Since(begun) > together {
				_ = v.script.Send(map[string]any{"pictures": sent}, buffers...) // a view that was closed hears nothing
				sent, buffers, begun = nil, nil, time.Now()
			}
		}
	})
}
