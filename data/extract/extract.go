// Package extract turns folders of images into files of features that need not fit into memory. A run that was
// stopped, even by a crash, resumes where it stopped.
//
// [Folder] does it all: it lists the images, computes features on all cores, keeps finished parts beside the file, and
// writes the table at the end. Where images and features fit into memory, [images.Open], [features.Extract] and
// [table.Save] give the same file and a frame at once. The package reads folders only, not IDX files, and writes
// Parquet only.
package extract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table"
)

// Options control what is computed from a folder of images.
type Options struct {
	// Features are computed of every image. Without a Width and Height all images must have one size.
	Features features.Config
	// Folder says where labels and domains come from and whether corrupt images are skipped. Its Width, Height,
	// Background and Progress are not used: Features has those.
	Folder images.FolderOptions
	// Progress, when set, is called after every image, from several goroutines, and when writing begins. Calls never
	// overlap; counts never fall. nil = no reports.
	Progress func(Progress)
	// Found, when set, is called once, before anything is computed, with what the headers of the images say and the
	// configuration as it applies to them ([features.Config.Resolved]). An error stops.
	Found func(*images.Inventory, features.Config) error
}

// DefaultOptions returns the options for folder/label/…/file and the features of [features.Default].
func DefaultOptions() Options {
	return Options{Features: features.Default(), Folder: images.DefaultFolder()}
}

// Progress counts the work done, in images.
type Progress struct {
	Total int
	// Resumed were done by an earlier run.
	Resumed int
	// Done are those of this run and of earlier ones, images that cannot be read included.
	Done int
	// Kept are those of Done that are on disk, which a later run need not compute again.
	Kept int
	// Writing means that all are computed and the table is being written.
	Writing bool
}

// Report lists what happened to the files of a folder, and the size of the table.
type Report struct {
	images.Report
	// Items is the number of rows of the table.
	Items int
	// Features is the number of its columns besides id, label and domain.
	Features int
	// Resumed is the number of images that an earlier run had done.
	Resumed int
	// About is what the headers of the images said before anything was computed, With the configuration as it applied.
	About *images.Inventory
	With  features.Config
	// Beyond are the images with grey values outside the Range of the configuration, which were cut to it, by file.
	Beyond []string
}

// Folder computes the features of all images in a folder and below it and writes them to the Parquet file out, with the
// columns id, label and domain, in the order of [images.List]. The file is, bit for bit, the one that [table.Save]
// writes of what [images.Open] and [features.Extract] give, whatever the number of cores and however often the work was
// stopped. It appears, or replaces an older one, only when it is complete.
//
// Where an image has more than 8 bits a channel and features.Config.NeedsRange, all of those are decoded once before,
// for the range of their values.
//
// One image a core is in memory, and some hundred MiB of features while the table is written. Finished features
// are kept in parts of 64 images in the directory out + ".parts" until the table is there. The same call
// resumes a run that was stopped at any moment; a part is computed again when the configuration, or the name,
// size or time of one of its files, has changed.
//
// It is an error when the options or the name of out are not valid, another run writes the same file, the
// images differ in size without a Width and Height (found before anything is computed), a file changes
// meanwhile, or the disk is full. Images that cannot be read are a [*images.FilesError], after all others are
// computed, unless opt.Folder.SkipCorrupt. Cancelling ctx stops with its error and keeps the finished parts.
func Folder(ctx context.Context, folder, out string, opt Options) (*Report, error) {
	if err := errors.Join(opt.Features.Validate(), checkName(out)); err != nil {
		return nil, fmt.Errorf("extract: %w", err)
	}
	opt.Folder.Background = opt.Features.Background
	files, err := images.List(ctx, folder, opt.Folder)
	if err != nil {
		return nil, fmt.Errorf("extract: %w", err)
	}
	defer files.Close()
	about, err := opt.resolve(ctx, files)
	if err != nil {
		return nil, fmt.Errorf("extract: %w", err)
	}
	w, h := opt.Features.Width, opt.Features.Height
	if w == 0 {
		if w, h, err = files.CommonSize(ctx, opt.Folder.DecodeOptions); err != nil {
			return nil, fmt.Errorf("extract: %w", err)
		}
	}
	r := &run{files: files, opt: opt, w: w, h: h}
	x, err := features.NewExtractor(opt.Features, w, h)
	if err != nil {
		return nil, fmt.Errorf("extract: %w", err)
	}
	r.columns, r.blocks = x.Columns(), x.Blocks()
	dir, err := openWork(out + ".parts")
	if err != nil {
		return nil, fmt.Errorf("extract: %w", err)
	}
	r.work = dir
	report, err := r.do(ctx, folder, out)
	if report != nil {
		report.About, report.With = about, opt.Features
	}
	if err := errors.Join(err, dir.close(err == nil)); err != nil {
		return nil, fmt.Errorf("extract: %w", err)
	}
	return report, nil
}

// checkName returns an error unless out ends in .parquet: another ending would promise a format that is not written.
func checkName(out string) error {
	if !strings.EqualFold(filepath.Ext(out), ".parquet") {
		return fmt.Errorf("the table is called %q, want a name that ends in .parquet", out)
	}
	return nil
}

// do computes what is missing, writes the table to out and reports. The work directory is open. On an error it stays,
// with all parts that are finished, and there is no table.
func (r *run) do(ctx context.Context, folder, out string) (*Report, error) {
	if err := r.compute(ctx); err != nil {
		return nil, err
	}
	report := &Report{Features: len(r.columns), Resumed: r.progress.Resumed}
	report.Report = images.Report{Folder: folder, Files: len(r.files.Files), Ignored: r.files.Ignored,
		Splits:  r.files.Splits,
		Skipped: r.problems(), Constant: r.flat(images.Constant), NearlyConstant: r.flat(images.NearlyConstant),
		Several: r.which(func(p *part, row int) bool { return p.several[row] })}
	report.Beyond = r.which(func(p *part, row int) bool { return p.beyond[row] > 0 })
	report.Items = report.Files - len(report.Skipped)
	if len(report.Skipped) > 0 && !r.opt.Folder.SkipCorrupt || report.Items == 0 {
		return nil, &images.FilesError{Folder: folder, Files: report.Files, Problems: report.Skipped}
	}
	r.tell(func(p *Progress) { p.Writing = true })
	// In the work directory, so that a crash leaves no partial table elsewhere.
	whole := r.work.path("table.parquet")
	if err := atomicfile.WriteOwn(whole, func(w io.Writer) error { return r.write(ctx, w) }); err != nil {
		return nil, err
	}
	if err := atomicfile.Rename(whole, out); err != nil {
		return report, err
	}
	provenance.Wrote(out)
	return report, nil
}

// write joins all parts into a table, one in memory at a time, without the images that cannot be read. A part that was
// computed but cannot be loaded now is an error: its rows must not be left out in silence.
func (r *run) write(ctx context.Context, w io.Writer) error {
	like := r.frame()
	out, err := table.NewParquetWriter(w, like)
	if err != nil {
		return err
	}
	for k := range r.parts {
		if err := ctx.Err(); err != nil {
			return err
		}
		p := &r.parts[k]
		values, head, err := loadPart(r.work.path(p.name), p.n, len(r.columns))
		if err != nil {
			return fmt.Errorf("%s was whole a moment ago: %w", quote.Text(r.work.path(p.name)), err)
		}
		f := r.frame()
		for i := range p.n {
			if _, bad := head.Failed[i]; bad {
				continue
			}
			file := r.files.Files[p.first+i]
			f.X = append(f.X, values[i*len(r.columns):(i+1)*len(r.columns)]...)
			f.IDs = append(f.IDs, file.ID)
			if f.Labels != nil {
				f.Labels = append(f.Labels, file.Label)
			}
			if f.Domains != nil {
				f.Domains = append(f.Domains, file.Domain)
			}
		}
		if f.N() == 0 {
			continue // all of them are corrupt
		}
		if err := out.Write(f); err != nil {
			return err
		}
	}
	return out.Close()
}

// frame returns a frame without items. Labels and domains are empty where the options ask for them, and else nil, which
// decides about the columns of the table.
func (r *run) frame() *data.Frame {
	made := r.opt.Features
	made.Width, made.Height = r.w, r.h
	f := &data.Frame{Columns: r.columns, Blocks: r.blocks, Settings: made.Settings()}
	if r.opt.Folder.LabelDepth > 0 {
		f.Labels = []string{}
	}
	if r.opt.Folder.DomainDepth > 0 {
		f.Domains = []string{}
	}
	return f
}
