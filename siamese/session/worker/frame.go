package worker

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/extract"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/framefile"
	"github.com/go-siamese/lab/siamese/session/internal/store"
)

// frameObject is a frame in memory, mapped or not.
type frameObject struct {
	*data.Frame
	mapped *framefile.Mapped // nil = its memory is Go's
}

func (f *frameObject) bytes() int64 { return int64(4*len(f.X)) + 64*int64(f.N()) }

func (f *frameObject) close() {
	if f.mapped != nil {
		_ = f.mapped.Close() // memory that cannot be given back stays
	}
}

// frameFile is the name of a frame's file.
const frameFile = "frame"

// loadFrame maps a kept frame.
func loadFrame(_ context.Context, t *task, r *store.Record) (object, error) {
	file, err := os.Open(t.w.store.Path(r.Key, frameFile))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	m, err := framefile.Open(file)
	if err != nil {
		return nil, err
	}
	return &frameObject{m.Frame, m}, nil
}

// frameMade returns a frame as a value. Its object is mapped from the file when it is wanted, so that the memory is the
// system's to take back.
func frameMade(name, how string, f *data.Frame) *made {
	facts := session.Frame{N: f.N(), F: f.F(), Blocks: f.Blocks, How: how}
	names, counts := f.ClassCounts()
	for i, name := range names {
		facts.Classes = append(facts.Classes, session.Count{Name: name, Items: counts[i]})
	}
	facts.Domains = domainCounts(f)
	return &made{name: name, text: strings.TrimRight(f.Head(5), "\n"), facts: facts, write: func(folder string) error {
		return create(filepath.Join(folder, frameFile), func(w *bufio.Writer) error { return framefile.Write(w, f) })
	}}
}

// domainCounts counts the items of each domain, in the order of names.
func domainCounts(f *data.Frame) []session.Count {
	if f.Domains == nil {
		return nil
	}
	as := data.Frame{Labels: f.Domains, IDs: f.IDs}
	names, counts := as.ClassCounts()
	var out []session.Count
	for i, name := range names {
		out = append(out, session.Count{Name: name, Items: counts[i]})
	}
	return out
}

// create writes a file of a value.
func create(path string, write func(*bufio.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(file, 1<<20)
	if err := write(w); err != nil {
		_ = file.Close() // the first error says more
		return err
	}
	if err := w.Flush(); err != nil {
		_ = file.Close()
		return err
	}
	return file.Close()
}

// openArgs open a table or a folder of pictures.
type openArgs struct {
	Path    string              `json:"path"`
	Options session.OpenOptions `json:"options"`
}

func (a *openArgs) inputs() []string { return nil }

func (a *openArgs) files() []string {
	if a.Options.Labels == "" {
		return []string{a.Path}
	}
	return []string{a.Path, a.Options.Labels}
}

// options returns the options of package table.
func (a *openArgs) options(t *task) table.Options {
	o := a.Options
	opt := table.Options{Schema: data.Schema{ID: o.ID, Label: o.Label, Domain: o.Domain, Ignore: o.Ignore, Keep: o.Keep,
		Blocks: o.Blocks}, AllowMissing: o.AllowMissing}
	if o.Labels != "" { // the column of labels is the other table's
		opt.Label = ""
	}
	opt.Progress = func(done, total int64) error {
		t.work("reading "+filepath.Base(a.Path), done, total)
		return nil
	}
	return opt
}

func (a *openArgs) run(ctx context.Context, t *task) (*made, error) {
	path, opt := a.Path, a.options(t)
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	how := ""
	if !info.IsDir() && isPicture(path) {
		return a.picture(ctx)
	}
	if info.IsDir() && holdsPictures(ctx, path) {
		var cleanup func()
		if path, how, cleanup, err = a.extract(ctx, t); err != nil {
			return nil, err
		}
		defer cleanup()
		opt = table.Options{NoCache: true}
	} else if err := a.noPictures(); err != nil {
		return nil, err
	}
	f, explained, err := table.Open(ctx, path, opt)
	if err != nil {
		return nil, err
	}
	if how == "" {
		how = explained.String()
	}
	if a.Options.Labels != "" {
		join := table.JoinOptions{AllowMissingIDs: true, AllowOthers: true}
		join.Label = a.Options.Label
		joined, found, err := table.JoinLabels(ctx, f, a.Options.Labels, join)
		if err != nil {
			return nil, &option.Error{Option: "Labels", Err: err}
		}
		f, how = joined, fmt.Sprintf("%s\n  labels of %d of %d items, from %s", how, found.Labelled, found.Items, found)
	}
	return frameMade(filepath.Base(a.Path), named(how, a.files()...), f), nil
}

// named returns what is said of files with their names instead of their paths, which are of this machine.
func named(text string, paths ...string) string {
	for _, path := range paths {
		text = strings.ReplaceAll(text, path, filepath.Base(path))
	}
	return text
}

// noPictures returns an error for options of pictures, which would have no effect on a table.
func (a *openArgs) noPictures() error {
	o := a.Options
	for name, given := range map[string]bool{"Width": o.Width != 0, "Height": o.Height != 0, "Settings": o.Settings != "",
		"SkipCorrupt": o.SkipCorrupt} {
		if given {
			return option.Errorf(name, "it is for folders of pictures, and %s is a table: leave it out",
				quote.Text(filepath.Base(a.Path)))
		}
	}
	return nil
}

// extract computes the features of the pictures, and returns the path of the table, how it was made and what removes
// it. What is done when the worker is killed is not done again.
func (a *openArgs) extract(ctx context.Context, t *task) (path, how string, cleanup func(), err error) {
	opt := extract.DefaultOptions()
	if opt.Features, err = a.features(); err != nil {
		return "", "", nil, err
	}
	opt.Folder.SkipCorrupt = a.Options.SkipCorrupt
	opt.Progress = func(p extract.Progress) {
		t.work("features of the pictures", int64(p.Done), int64(p.Total))
	}
	work := t.w.store.Work(t.key)
	if err := os.MkdirAll(work, 0o700); err != nil {
		return "", "", nil, err
	}
	path = filepath.Join(work, "features.parquet")
	report, err := extract.Folder(ctx, a.Path, path, opt)
	if err != nil {
		return "", "", nil, err
	}
	return path, report.String(), func() { _ = os.RemoveAll(work) }, nil
}

// work tells how far long work is, some times a second.
func (t *task) work(what string, done, total int64) {
	t.mu.Lock()
	due := t.due(done == total)
	t.mu.Unlock()
	if due {
		t.flight.event(session.Work{What: what, Done: done, Total: total})
	}
}

// textsOf returns a frame of the ids, labels and domains of one alone, which stay when that one is not in memory any
// more: its texts may be in memory that is mapped.
func textsOf(f *data.Frame) *data.Frame {
	return &data.Frame{IDs: cloned(f.IDs), Labels: cloned(f.Labels), Domains: cloned(f.Domains)}
}

// cloned returns copies of texts; nil stays nil.
func cloned(list []string) []string {
	out := slices.Clone(list)
	for i, s := range out {
		out[i] = strings.Clone(s)
	}
	return out
}
