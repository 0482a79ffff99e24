package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/extract"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
)

const featuresHelp = `usage: siamese features -out x.parquet [flags] FOLDER

Computes HOG, GLCM and LBP features of all images in FOLDER and below it (PNG, JPEG, TIFF, BMP, GIF, WebP) and writes
them to a Parquet file with the columns id (path of the image), label, domain and the features. A run that was stopped,
by Ctrl-C or a crash, goes on where it stood when the same command is given again. In place of a folder there may be an
IDX file of images, as MNIST has them.

  siamese features -out x.parquet -resize 64x64 -hog "cell=8x8" -glcm "levels=16 distances=1,2" photos
  siamese features -out x.parquet -resize 64x64 -hog off -glcm off -lbp "points=8 radius=1 method=uniform grids=1,2" photos
  siamese features -out x.parquet -idx-labels train-labels-idx1-ubyte.gz train-images-idx3-ubyte.gz

`

// featuresCommand extracts a folder of images into a Parquet file.
func featuresCommand(ctx context.Context, args []string, out, complaints io.Writer) error {
	opt := extract.DefaultOptions()
	flags := flag.NewFlagSet("features", flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), featuresHelp)
		flags.PrintDefaults()
	}
	to := flags.String("out", "", "`file` to write, ending in .parquet")
	config := flags.String("config", "", "JSON `file` with the whole configuration of the features, as -print-config writes it")
	show := flags.Bool("print-config", false, "write the configuration that the other flags make as JSON, and stop")
	resize := flags.String("resize", "", "`WIDTHxHEIGHT` in pixels of all images (default: as they are, and then all alike)")
	hog := flags.String("hog", "", "`settings` of HOG, or off: orientations=9 cell=ROWSxCOLUMNS block=2x2 norm=L1|L1-sqrt|L2|L2-Hys sqrt=true")
	glcm := flags.String("glcm", "", "`settings` of GLCM, or off: levels=8 distances=1,2 angles=0,45,90,135 symmetric=true properties=contrast,energy|all grids=1,2")
	lbp := flags.String("lbp", "", "`settings` of LBP, or off: points=8 radius=1 method=default|ror|uniform|nri_uniform grids=1,2 (default: off)")
	flags.IntVar(&opt.Folder.LabelDepth, "label-depth", opt.Folder.LabelDepth, "`level` of the folders whose names are the labels; 0 = no labels")
	flags.IntVar(&opt.Folder.DomainDepth, "domain-depth", opt.Folder.DomainDepth, "`level` of the folders whose names are the domains; 0 = no domains")
	flags.BoolVar(&opt.Folder.SkipCorrupt, "skip-corrupt", false, "leave out images that cannot be read, and list them")
	flags.IntVar(&opt.Folder.MaxPixels, "max-pixels", 0, "largest picture to decode, in `pixels`; 0 = 67 million")
	labels := flags.String("idx-labels", "", "IDX `file` with the labels of an IDX file of images")
	rest, err := parse(flags, args, out)
	if err != nil {
		return err
	}
	if *config != "" {
		if opt.Features, err = readConfig(*config); err != nil {
			return err
		}
	}
	if err := settings(&opt.Features, *resize, *hog, *glcm, *lbp); err != nil {
		return usageError{err}
	}
	if *show {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return errors.Join(opt.Features.Validate(), encoder.Encode(opt.Features))
	}
	switch {
	case *to == "":
		return usageError{errors.New("-out is missing: say which file to write")}
	case len(rest) != 1:
		return usageError{fmt.Errorf("%d folders are given, want one", len(rest))}
	}
	if stat, err := os.Stat(rest[0]); err == nil && stat.Mode().IsRegular() {
		return idxFeatures(ctx, rest[0], *labels, *to, opt.Features, out, complaints)
	}
	if *labels != "" {
		return usageError{fmt.Errorf("-idx-labels goes with an IDX file of images, and %s is none", rest[0])}
	}
	bar := newBar(complaints, isTerminal(complaints), time.Now)
	var last extract.Progress
	opt.Progress = func(p extract.Progress) {
		last = p
		bar.show(p)
	}
	report, err := extract.Folder(ctx, rest[0], *to, opt)
	bar.end()
	if errors.Is(err, context.Canceled) && last.Total > 0 {
		return fmt.Errorf("%w; the features of %d of %d images are kept in %s.parts: the same command goes on from there",
			context.Canceled, last.Kept, last.Total, *to)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s\n%s: %d items x %d features\n", report, *to, report.Items, report.Features)
	return nil
}

// readConfig reads a configuration; what the file does not name is zero, which switches a family off.
func readConfig(path string) (c data.FeatureConfig, err error) {
	if err := jsonfile.Read(path, &c); err != nil {
		return c, fmt.Errorf("%w; -print-config shows what such a file looks like", err)
	}
	return c, nil
}
