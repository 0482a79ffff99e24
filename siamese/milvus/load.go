package milvus

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/embedding"
)

// LoadOptions say how [Collection.Load] goes on.
type LoadOptions struct {
	// Cursor is a file that keeps how far the load is, from which the next one goes on; "" = none is kept.
	Cursor string
	// Batch is how many items are sent at a time; 0 means 1000. Messages have 8 MB at most.
	Batch int
	// Embed calls write with the embeddings of the items of frames, in order, in pieces; nil = the columns of the frames
	// are the embeddings.
	Embed    func(frames iter.Seq2[*data.Frame, error], write func(z *embedding.Embeddings, of *data.Frame) error) error
	Numbered bool // take items that have no ids of their own, by their numbers
	// Progress is told how many items are done, those of earlier loads included; nil = silent.
	Progress func(done int)
}

// Loaded is what a load did.
type Loaded struct {
	Items   int // of the table
	Skipped int // of them that were there from an earlier load
	// Again says why nothing was skipped although there was a cursor; "" = there was no reason.
	Again string
}

// String returns how many items were sent, and why.
func (l Loaded) String() string {
	text := fmt.Sprintf("%d items, %d of them by an earlier load", l.Items, l.Skipped)
	if l.Again != "" {
		text += "; all were sent again, since " + l.Again
	}
	return text
}

// Load adds the items of frames, as table.Scan gives them, batch by batch. After each batch that the server has
// acknowledged the cursor is written; a load that was cut anywhere, at either end, goes on from it: its items are read
// again and not sent again. What was sent and not noted is sent twice, and replaces itself: each item is there once.
//
// The items before the cursor have to be those of the last time, which a digest says; others are an error. Where the
// collection is another one, or has lost the last items, all are sent again. Items without an id of their own, and two
// of one id, are errors. It remembers 8 bytes for each id, and else holds what is being sent.
func (x *Collection) Load(ctx context.Context, frames iter.Seq2[*data.Frame, error], opt LoadOptions) (Loaded, error) {
	l := &load{x: x, opt: opt, rows: newChain(), seen: map[uint64]struct{}{}, seed: maphash.MakeSeed()}
	if err := l.begin(ctx); err != nil {
		return Loaded{}, err
	}
	embed := opt.Embed
	if embed == nil {
		embed = asTheyAre
	}
	err := embed(l.rest(frames), func(z *embedding.Embeddings, of *data.Frame) error { return l.send(ctx, z, of) })
	if err == nil && l.read < l.skip {
		err = l.changed()
	}
	if err == nil {
		err = x.flush(ctx)
	}
	return Loaded{Items: l.read, Skipped: min(l.skip, l.read), Again: l.again}, err
}

// load is a load under way.
type load struct {
	x     *Collection
	opt   LoadOptions
	batch int
	again string

	skip int    // rows that an earlier load has done
	want string // their digest

	rows    *chain
	read    int                 // rows read
	pending [][sha256.Size]byte // digests after the rows that were read and are not sent
	sent    cursor
	seen    map[uint64]struct{} // hashes of ids
	seed    maphash.Seed
}

// begin reads the cursor.
func (l *load) begin(ctx context.Context) error {
	if l.opt.Batch < 0 {
		return option.Errorf("Batch", "%d: it must be 1 at least, or 0 for 1000", l.opt.Batch)
	}
	l.batch = min(cmp.Or(l.opt.Batch, 1000), l.x.most())
	l.sent = cursor{Version: cursorVersion, Address: l.x.config.Address, Database: l.x.config.Database,
		Collection: l.x.name, Made: l.x.Made}
	if l.opt.Cursor == "" {
		return nil
	}
	known, err := readCursor(l.opt.Cursor, l.x)
	if err == nil {
		err = atomicfile.Check(l.opt.Cursor)
	}
	if err != nil {
		return &option.Error{Option: "Cursor", Err: err}
	}
	if known == nil || known.Rows == 0 {
		return nil
	}
	if known.Made != l.x.Made {
		l.again = "the collection was made anew"
		return nil
	}
	there, _, err := l.x.get(ctx, []string{known.Last}, false)
	if err != nil {
		return err
	}
	if len(there) == 0 {
		l.again = fmt.Sprintf("the collection lacks %s, the last item of the earlier load", quote.Text(known.Last))
		return nil
	}
	l.skip, l.want = known.Rows, known.SHA256
	return nil
}

// rest returns the frames without the rows that are done.
func (l *load) rest(frames iter.Seq2[*data.Frame, error]) iter.Seq2[*data.Frame, error] {
	return func(yield func(*data.Frame, error) bool) {
		for f, err := range frames {
			if err == nil {
				err = l.take(f)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			done := min(f.N(), max(0, l.skip-(l.read-f.N())))
			if done < f.N() && !yield(after(f, done), nil) {
				return
			}
		}
	}
}

// take looks at the rows of a frame: their ids are unique, and those that are done are what they were.
func (l *load) take(f *data.Frame) error {
	if f.Numbered && !l.opt.Numbered {
		return option.Errorf("Numbered", "the items have no ids, and those of another table would replace them: name the "+
			"column of the ids, or have them numbered")
	}
	for i, id := range f.IDs {
		n := len(l.seen)
		if l.seen[maphash.String(l.seed, id)] = struct{}{}; len(l.seen) == n {
			return fmt.Errorf("row %d: two items have the id %s, and the second would replace the first: give every item "+
				"an id of its own", l.read, quote.Quoted(id))
		}
		l.read++
		if l.opt.Cursor == "" {
			continue
		}
		sum := l.rows.add(f, i)
		if l.read > l.skip {
			l.pending = append(l.pending, sum)
		} else if l.read == l.skip && hex.EncodeToString(sum[:]) != l.want {
			return l.changed()
		}
	}
	return nil
}

// changed is the error about items that are not those of the earlier load.
func (l *load) changed() error {
	return option.Errorf("Cursor", "%s is of %d items that are not the first ones of this table: delete it to load all "+
		"of them, or name the table that it is of", quote.Text(l.opt.Cursor), l.skip)
}

// send sends items that were read, in order.
func (l *load) send(ctx context.Context, z *embedding.Embeddings, of *data.Frame) error {
	at := max(l.skip, l.sent.Rows)
	if err := l.x.check(z, of); err != nil {
		return fmt.Errorf("in the items from row %d on: %w", at, err)
	}
	for from := 0; from < z.N; from += l.batch {
		to := min(z.N, from+l.batch)
		if err := l.x.put(ctx, z, of, from, to); err != nil {
			return err
		}
		l.sent.Rows, l.sent.Last = at+to, of.IDs[to-1]
		if err := l.note(to - from); err != nil {
			return err
		}
		if l.opt.Progress != nil {
			l.opt.Progress(l.sent.Rows)
		}
	}
	return nil
}

// note writes the cursor after n more rows were acknowledged.
func (l *load) note(n int) error {
	if l.opt.Cursor == "" {
		return nil
	}
	if n > len(l.pending) {
		return errors.New("embeddings came of more items than were read")
	}
	l.sent.SHA256 = hex.EncodeToString(l.pending[n-1][:])
	l.pending = l.pending[n:]
	return l.sent.write(l.opt.Cursor)
}

// after returns the items of a frame from one on, whose memory they share.
func after(f *data.Frame, from int) *data.Frame {
	out := *f
	out.X, out.IDs = f.X[from*f.F():], f.IDs[from:]
	if f.Labels != nil {
		out.Labels = f.Labels[from:]
	}
	if f.Domains != nil {
		out.Domains = f.Domains[from:]
	}
	return &out
}

// asTheyAre is LoadOptions.Embed of frames of embeddings.
func asTheyAre(frames iter.Seq2[*data.Frame, error], write func(*embedding.Embeddings, *data.Frame) error) error {
	for f, err := range frames {
		if err != nil {
			return err
		}
		if err := write(&embedding.Embeddings{Values: f.X, N: f.N(), E: f.F()}, f); err != nil {
			return err
		}
	}
	return nil
}
