package images

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/data/quote"
)

// Open returns the images in a folder and below it, with the ids, labels and domains that [List] gives them,
// sorted by id, and a report of the files that were ignored or skipped. Files are decoded on all cores, by
// [Decode]; the result does not depend on their number. All images are in memory at once, as large as opt.Width
// and opt.Height make them; for more than fit into memory, use the package extract, which writes features to a
// file.
//
// It is an error when the folder cannot be listed, and when an image cannot be read (a [*FilesError] that holds
// all of them) unless opt.SkipCorrupt. Images may differ in size; extracting features (package features) then
// needs a Width and Height. Cancelling ctx stops with its error.
func Open(ctx context.Context, folder string, opt FolderOptions) (*Images, *Report, error) {
	f, err := List(ctx, folder, opt)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	// Every file has its own place in items and problems, so that they need no lock and keep their order.
	n := len(f.Files)
	items := make([]*Image, n)
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	problems := make([]error, n)
	several := make([]bool, n)
	tell := teller(n, opt.Progress)
	err = f.Each(ctx, all, opt.DecodeOptions, func() func(int, *Image, error) error {
		var scratch Resizer
		return func(i int, m *Image, err error) error {
			items[i], problems[i] = m, err
			several[i] = err == nil && m.Frames > 1
			if err == nil && opt.Width > 0 && (m.W != opt.Width || m.H != opt.Height) {
				items[i] = new(Image)
				scratch.Resize(m, items[i], opt.Width, opt.Height)
			}
			tell()
			return nil
		}
	})
	if err != nil {
		return nil, nil, err
	}
	report := &Report{Folder: folder, Files: n, Ignored: f.Ignored, Splits: f.Splits}
	background, err := ParseBackground(opt.Background)
	if err != nil {
		return nil, nil, err
	}
	out := &Images{Background: BackgroundName(background)}
	for i, file := range f.Files {
		if problems[i] != nil {
			report.Skipped = append(report.Skipped, FileProblem{file.ID, problems[i]})
			continue
		}
		out.Items = append(out.Items, *items[i])
		out.IDs = append(out.IDs, file.ID)
		if several[i] {
			report.Several = append(report.Several, file.ID)
		}
		if opt.LabelDepth > 0 {
			out.Labels = append(out.Labels, file.Label)
		}
		if opt.DomainDepth > 0 {
			out.Domains = append(out.Domains, file.Domain)
		}
	}
	if len(report.Skipped) > 0 && !opt.SkipCorrupt || len(report.Skipped) == n {
		return nil, nil, &FilesError{Folder: folder, Files: n, Problems: report.Skipped}
	}
	report.Constant, report.NearlyConstant = out.Flat()
	return out, report, nil
}

// teller returns a function that reports one more file as done. It may be called from any goroutine; calls of progress
// never overlap, and done never falls. progress may be nil.
func teller(total int, progress func(done, total int)) func() {
	if progress == nil {
		return func() {}
	}
	var mu sync.Mutex
	done := 0
	return func() {
		mu.Lock()
		defer mu.Unlock()
		done++
		progress(done, total)
	}
}

// Each decodes files of the folder, on all cores, one at a time on each. worker is called at most once for every core;
// the calls of the function that it returns never overlap, so that it may keep buffers. They get the index of a file
// and its image, or the error why it cannot be read. All pictures that are decoded at once, up to the return of that
// function, share a budget of memory: about what the largest one that opt allows needs, half a gigabyte by default.
// Files are begun in the order of items, and end in any. opt is that of [Decode].
//
// An error of the caller's function stops all and is returned, as is the end of ctx. A file that has changed
// since the folder was listed is such an error too.
func (f *Folder) Each(ctx context.Context, items []int, opt DecodeOptions, worker func() func(i int, m *Image,
	err error) error) error {
	if err := opt.validate(); err != nil {
		return err
	}
	b := newBudget(opt.limit())
	return each(ctx, f, items, func(r sized) (held, error) { return b.decode(ctx, r, opt) },
		func() func(int, held, error) error {
			take := worker()
			return func(i int, v held, err error) error {
				if v.release != nil {
					defer v.release()
				}
				if err != nil && ctx.Err() != nil { // it waited for memory, and nothing is wrong with the file
					return ctx.Err()
				}
				return take(i, v.m, err)
			}
		})
}

// CommonSize returns the size that all images of the folder have, according to their headers; those that cannot
// be read are skipped. Widths and heights are those of upright pictures. opt is that of [Decode]. It
// is an error that lists the sizes, at most ten, when there are several, and a [*FilesError] when no image can
// be read. It reads every file once, but decodes none.
func (f *Folder) CommonSize(ctx context.Context, opt DecodeOptions) (w, h int, err error) {
	type size struct {
		w, h int
		err  error
	}
	sizes := make([]size, len(f.Files))
	all := make([]int, len(f.Files))
	for i := range all {
		all[i] = i
	}
	header := func(r sized) (size, error) {
		p, err := readHeader(r, opt)
		if err != nil {
			return size{err: err}, err
		}
		w, h := p.orientation().size()
		return size{w, h, nil}, nil
	}
	err = each(ctx, f, all, header, func() func(int, size, error) error {
		return func(i int, s size, _ error) error {
			sizes[i] = s
			return nil
		}
	})
	if err != nil {
		return 0, 0, err
	}
	// Extracting features reports unreadable images later, all at once; here they say nothing about the size.
	var bad []FileProblem
	for i, s := range sizes {
		if s.err != nil {
			bad = append(bad, FileProblem{f.Files[i].ID, s.err})
		}
	}
	readable := slices.DeleteFunc(all, func(i int) bool { return sizes[i].err != nil })
	if len(readable) == 0 {
		return 0, 0, &FilesError{Folder: f.Path, Files: len(sizes), Problems: bad}
	}
	err = SameSize(len(readable), func(k int) (string, int, int) {
		i := readable[k]
		return f.Files[i].ID, sizes[i].w, sizes[i].h
	})
	if err != nil {
		err = fmt.Errorf("images of %s: %w", quote.Text(f.Path), err)
		if bad != nil { // so that all can be mended in one go
			err = errors.Join(err, &FilesError{Folder: f.Path, Files: len(sizes), Problems: bad})
		}
		return 0, 0, err
	}
	return sizes[readable[0]].w, sizes[readable[0]].h, nil
}

// each is [Folder.Each] for whatever read makes of a file. An error of read goes to the caller's function, which may
// collect it; a changed file ends the work, because then nothing that the list says can be trusted.
func each[T any](ctx context.Context, f *Folder, items []int, read func(sized) (T, error),
	worker func() func(i int, v T, err error) error) error {
	takes := make([]func(i int, v T, err error) error, runtime.GOMAXPROCS(0))
	files := semaphore.NewWeighted(fileBudget)
	return parallel.Each(ctx, len(items), len(takes), func(w, k int) error {
		if takes[w] == nil {
			takes[w] = worker()
		}
		bytes := min(f.Files[items[k]].Size, fileBudget)
		if err := files.Acquire(ctx, bytes); err != nil {
			return err
		}
		v, err := readFile(f, items[k], read)
		files.Release(bytes)
		var moved *changedError
		if errors.As(err, &moved) {
			return err
		}
		return takes[w](items[k], v, err)
	})
}

// changedError stops the work on a folder: it is a file that has changed since its folder was listed: labels, sizes and
// saved features no longer belong to its content.
type changedError struct{ folder, file string }

// Error names the folder and the file.
func (e *changedError) Error() string {
	return fmt.Sprintf("images of %s: %s has changed or gone since the folder was listed; "+
		"start again when nothing writes there", quote.Text(e.folder), quote.Text(e.file))
}

// readFile opens file number i, checks by size and time that it is the listed one, and reads it. A file that has
// changed is a [*changedError], all else the error of the file system or of read.
func readFile[T any](f *Folder, i int, read func(sized) (T, error)) (v T, err error) {
	want := f.Files[i]
	// A pipe that has taken its place would be waited for.
	if now, err := f.root.Stat(want.ID); err == nil && !now.Mode().IsRegular() {
		return v, &changedError{f.Path, want.ID}
	}
	file, err := f.root.Open(want.ID)
	if errors.Is(err, fs.ErrNotExist) {
		return v, &changedError{f.Path, want.ID}
	}
	if err != nil {
		return v, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return v, err
	}
	// The file that is open, not the path: nothing can take its place any more.
	if info.Size() != want.Size || !info.ModTime().Equal(want.Modified) {
		return v, &changedError{f.Path, want.ID}
	}
	v, err = read(sized{file, int(info.Size())})
	if errors.Is(err, errUnknown) { // the name may tell
		if other := otherOf(want.ID, nil); other != nil {
			err = other.err()
		}
	}
	return v, err
}

// sized is a reader of known length, so that buffers are allocated once. [os.File] has no Len.
type sized struct {
	io.Reader
	n int // bytes
}

// Len is the number of bytes.
func (s sized) Len() int { return s.n }
