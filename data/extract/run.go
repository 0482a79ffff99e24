package extract

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"sync"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/images"
)

// partImages is how many images a part has: the most that a crash costs, on every core. Larger parts would lose more,
// smaller ones make more files; part names depend on it, see plan.
const partImages = 64

// run is the work on one folder.
type run struct {
	files *images.Folder
	opt   Options
	w, h  int // size of all images, once resized
	// columns and blocks are those of the features, [F].
	columns []string
	blocks  []data.Block
	work    *work
	// parts are those of all files, in their order. A part changes while its images are computed; mu guards that.
	parts []part

	mu       sync.Mutex // guards what follows, and the calls of opt.Progress
	progress Progress
}

// part is a range of the files, [first, first+n).
type part struct {
	first, n int
	name     string // of its file
	// failed and retry are those of its header, see partHead.
	failed  map[int]string
	flat    map[int]images.Flatness
	several map[int]bool
	beyond  map[int]int
	retry   bool
	// values are the features, [n, F], from its first image on until it is saved. Else nil, so that memory holds only
	// the parts at hand.
	values []float32
	// left counts the images that are not computed yet.
	left int
}

// plan divides the files into parts and names each by a hash of all that its content depends on: configuration, size
// after resizing, bound of pixels, version of Go, and name, size and time of its files. What has changed has another
// name, and so is computed; no other check is needed. It fills parts but for their results.
func (r *run) plan() error {
	config, err := json.Marshal(struct {
		Version    int
		Go         string          // whose decoders may change
		Features   features.Config // with the background and the range of values
		W, H, Most int
	}{4, runtime.Version(), r.opt.Features, r.w, r.h, r.opt.Folder.MaxPixels})
	if err != nil {
		return err
	}
	files := r.files.Files
	for first := 0; first < len(files); first += partImages {
		p := part{first: first, n: min(partImages, len(files)-first)}
		hash := sha256.New()
		hash.Write(config)
		for _, f := range files[first : first+p.n] {
			fmt.Fprintf(hash, "\n%q %d %d", f.ID, f.Size, f.Modified.UnixNano())
		}
		p.name = partPrefix + hex.EncodeToString(hash.Sum(nil)[:16])
		r.parts = append(r.parts, p)
	}
	return nil
}

// compute leaves every part on disk, with failed filled. It computes only the images of parts that are not there.
func (r *run) compute(ctx context.Context) error {
	if err := r.plan(); err != nil {
		return err
	}
	r.progress.Total = len(r.files.Files)
	var items []int
	for k := range r.parts {
		if err := ctx.Err(); err != nil {
			return err
		}
		p := &r.parts[k]
		// A part that is not there and one that a crash has damaged are the same: they are computed. So is one
		// with images that the file system failed to read: it may succeed now.
		if _, head, err := loadPart(r.work.path(p.name), p.n, len(r.columns)); err == nil && !head.Retry {
			p.failed, p.flat, p.several, p.beyond = head.Failed, head.Flat, head.Several, head.Beyond
			r.progress.Resumed += p.n
			continue
		}
		p.failed, p.flat, p.several = map[int]string{}, map[int]images.Flatness{}, map[int]bool{}
		p.beyond, p.left = map[int]int{}, p.n
		for i := range p.n {
			items = append(items, p.first+i)
		}
	}
	r.tell(func(p *Progress) { p.Done, p.Kept = p.Resumed, p.Resumed })
	return r.files.Each(ctx, items, r.opt.Folder.DecodeOptions, func() func(int, *images.Image, error) error {
		x, err := features.NewExtractor(r.opt.Features, r.w, r.h)
		return func(i int, m *images.Image, bad error) error {
			if err != nil {
				return err
			}
			return r.image(x, i, m, bad)
		}
	})
}

// image computes the features of image i, on the extractor of one worker; bad is the error of reading it, or nil. An
// image that cannot be read is noted in its part. The worker that completes a part saves it, without the lock, since no
// other one has business there any more. The error is that of the disk.
func (r *run) image(x *features.Extractor, i int, m *images.Image, bad error) error {
	p, row, width := &r.parts[i/partImages], i%partImages, len(r.columns)
	r.mu.Lock()
	if p.values == nil {
		p.values = make([]float32, p.n*width)
	}
	values := p.values[row*width : (row+1)*width]
	r.mu.Unlock()
	flat, beyond := images.Varied, 0
	if bad == nil {
		if bad = x.Extract(m, values); bad == nil {
			flat, beyond = m.Flatness(), r.opt.Features.Beyond(m)
		}
	}
	r.mu.Lock()
	if bad == nil && m.Frames > 1 {
		p.several[row] = true
	}
	if beyond > 0 {
		p.beyond[row] = beyond
	}
	if flat != images.Varied {
		p.flat[row] = flat
	}
	if bad != nil {
		p.failed[row] = bad.Error()
		var system *fs.PathError
		p.retry = p.retry || errors.As(bad, &system)
	}
	p.left--
	whole := p.left == 0
	r.mu.Unlock()
	kept := 0
	if whole {
		if err := savePart(r.work.path(p.name), p.values, partHead{Rows: p.n, Features: width, Failed: p.failed,
			Flat: p.flat, Several: p.several, Beyond: p.beyond, Retry: p.retry}); err != nil {
			return err
		}
		p.values = nil
		kept = p.n
	}
	r.tell(func(p *Progress) {
		p.Done++
		p.Kept += kept
	})
	return nil
}

// tell updates the progress by change and reports it. It holds the lock meanwhile, so that calls never overlap.
func (r *run) tell(change func(*Progress)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.progress)
	if r.opt.Progress != nil {
		r.opt.Progress(r.progress)
	}
}

// problems lists the images that cannot be read, by file. All parts must be on disk.
func (r *run) problems() []images.FileProblem {
	var out []images.FileProblem
	for _, p := range r.parts {
		for i := range p.n {
			if why, bad := p.failed[i]; bad {
				out = append(out, images.FileProblem{File: r.files.Files[p.first+i].ID, Err: keptError(why)})
			}
		}
	}
	return out
}

// which lists the images of which is says so, given their part and the row in it, by file. All parts must be on disk.
func (r *run) which(is func(p *part, row int) bool) []string {
	var out []string
	for k := range r.parts {
		p := &r.parts[k]
		for i := range p.n {
			if is(p, i) {
				out = append(out, r.files.Files[p.first+i].ID)
			}
		}
	}
	return out
}

// flat lists the images of a flatness, by file. All parts must be on disk.
func (r *run) flat(kind images.Flatness) []string {
	return r.which(func(p *part, row int) bool { return p.flat[row] == kind })
}

// keptError is an error that may come from an earlier run, of which only the text is left.
type keptError string

// Error returns the text that the earlier run kept.
func (e keptError) Error() string { return string(e) }
