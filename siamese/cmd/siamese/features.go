package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/go-siamese/lab/data/extract"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
)

// featuresCommand extracts features from a folder of images, or from an IDX file of them, into a Parquet file. Folder
// and Out are optional for kong, since --print-config needs neither; Run checks them.
type featuresCommand struct {
	Folder string `arg:"" optional:"" help:"Folder of images, an IDX file of images, or builtin or builtin:N."`
	Out    string `output:"table" placeholder:"FILE" help:"File to write, ending in .parquet."`
	// Config is the whole configuration; the flags of the families change it, or the default without it.
	Config      string `placeholder:"FILE" help:"JSON file with all settings, as --print-config writes it."`
	PrintConfig bool   `help:"Write the configuration that the other flags make as JSON, and stop."`
	Resize      string `option:"Width,Height" placeholder:"WIDTHxHEIGHT" help:"Size of all images (default: their own, which must agree)."`
	Like        string `placeholder:"MODEL" help:"${help_like}"`
	Grey        bool   `help:"Make colour pictures grey before HOG too."`
	Background  string `placeholder:"COLOUR" help:"${help_background}"`
	Scale       string `placeholder:"type|image|data" help:"${help_scale}"`
	Shift       *int   `option:"Shift" placeholder:"PIXELS" help:"${help_shift}"`
	HOG         string `placeholder:"SETTINGS" help:"${help_hog}"`
	GLCM        string `placeholder:"SETTINGS" help:"${help_glcm}"`
	LBP         string `placeholder:"SETTINGS" help:"${help_lbp}"`
	// A label or domain is the name of a folder on the way to the image: level 1 is just below Folder.
	LabelDepth  int `default:"${label_depth}" help:"Level of the folders named by label; 0 = no labels."`
	DomainDepth int `default:"${domain_depth}" help:"Level of the folders named by domain; 0 = no domains."`
	// Without SkipCorrupt an image that cannot be read is an error, after all others are computed.
	SkipCorrupt bool   `help:"Leave out images that cannot be read, and list them."`
	MaxPixels   int    `placeholder:"N" help:"Largest picture to decode, in pixels; 0 = 67 million."`
	IDXLabels   string `placeholder:"FILE" help:"IDX file with the labels of an IDX file of images."`
}

// Help is the text below the usage.
func (*featuresCommand) Help() string {
	return `Computes HOG, GLCM and LBP features of all images in the folder and below it (PNG, JPEG, TIFF, BMP, GIF,
WebP, PNM) and writes them to a Parquet file with the columns id (path of the image), label, domain and the features,
and with all settings, so that a model knows how its features were made. A run that was stopped, by Ctrl-C or a crash,
resumes when the same command is given again. An IDX file of images, as MNIST has them, may replace the folder, and so
may the images that come with the lab.

Before it starts it prints what it found. Folders such as train, val and test are passed over: the folders below them
name the labels, unless --label-depth says otherwise.

  siamese features --out=x.parquet --resize=64x64 --hog="cell=8x8" --glcm="levels=16 distances=1,2" photos
  siamese features --out=x.parquet --hog=off --glcm=off --lbp="points=8 radius=1 method=uniform grids=1,2" photos
  siamese features --out=new.parquet --like=model.safetensors photos
  siamese features --out=x.parquet --idx-labels=train-labels-idx1-ubyte.gz train-images-idx3-ubyte.gz
  siamese features --out=x.parquet --shift=1 builtin
`
}

// moreOutputs returns the folder that keeps what was computed.
func (c *featuresCommand) moreOutputs() []output {
	if c.Out == "" {
		return nil
	}
	return []output{{"out", "folder", c.Out + ".parts"}}
}

// Run computes the features. A run over a folder keeps what it has computed beside the table, in OUT.parts, and resumes
// from there when it is run again with the same settings.
func (c *featuresCommand) Run(ctx context.Context, parsed *kong.Context, s *streams) (err error) {
	opt := extract.DefaultOptions()
	opt.Folder.SplitFolders = given(parsed, "label-depth", "domain-depth") == ""
	opt.Folder.LabelDepth, opt.Folder.DomainDepth, opt.Folder.SkipCorrupt, opt.Folder.MaxPixels = c.LabelDepth,
		c.DomainDepth, c.SkipCorrupt, c.MaxPixels
	// The file first: the flags change it.
	if c.Config != "" {
		if opt.Features, err = readConfig(c.Config); err != nil {
			return err
		}
	}
	if c.Like != "" {
		flag := given(parsed, "config", "resize", "hog", "glcm", "lbp", "grey", "background", "scale", "shift")
		if flag != "" {
			return wrongFlag(flag, "the settings are those of the model that --like names: leave out one of the two")
		}
		model, err := siamese.Load(c.Like)
		if err != nil {
			return &option.Error{Option: "like", Err: err}
		}
		if opt.Features, err = (&pictureReader{model: model, name: c.Like}).settings(); err != nil {
			return &option.Error{Option: "like", Err: err}
		}
	}
	if err := settings(&opt.Features, c.Resize, c.HOG, c.GLCM, c.LBP); err != nil {
		return usageError{err}
	}
	c.colours(&opt.Features)
	// Where its family is off a flag would do nothing.
	switch {
	case c.Scale != "" && opt.Features.GLCM.Levels == 0:
		return wrongFlag("scale", "it is for the levels of GLCM, which is off: leave it out")
	case c.Grey && opt.Features.HOG.Orientations == 0:
		return wrongFlag("grey", "it is for HOG, which is off, as GLCM and LBP are of grey values anyway: leave it out")
	}
	if c.PrintConfig {
		encoder := json.NewEncoder(quote.NewWriter(s.out))
		encoder.SetIndent("", "  ")
		return errors.Join(opt.Features.Validate(), encoder.Encode(opt.Features))
	}
	switch {
	// After --print-config, which needs neither of the two.
	case c.Out == "":
		return wrongFlag("out", "it is missing: name the file to write")
	case c.Folder == "":
		return usageError{errors.New("missing positional arguments <folder>")}
	}
	if err := opt.Features.Validate(); err != nil {
		return err
	}
	opt.Found = func(about *images.Inventory, with features.Config) error {
		c.tell(about, with, s)
		return nil
	}
	if word, count, given := strings.Cut(c.Folder, ":"); word == builtinName {
		if clash := c.ofFolder(parsed); clash != "" {
			return wrongFlag(clash, "it is for a folder of images, and %s is none: leave it out", c.Folder)
		}
		if c.IDXLabels != "" {
			return wrongFlag("idx-labels", "%s has labels of its own", builtinName)
		}
		set, err := builtinPictures(count, given)
		if err != nil {
			return err
		}
		return c.ofSet(ctx, set, opt.Features, s)
	}
	// What is a file is taken for IDX. A folder that is not there is extract's error.
	if stat, err := os.Stat(c.Folder); err == nil && stat.Mode().IsRegular() {
		if clash := c.ofFolder(parsed); clash != "" {
			return wrongFlag(clash, "it is for a folder of images, and %s is a file: leave it out", c.Folder)
		}
		// 0 = the usual limits of a picture's size; the whole set is read into memory.
		set, err := images.OpenIDX(c.Folder, c.IDXLabels, 0)
		if err != nil {
			return err
		}
		return c.ofSet(ctx, set, opt.Features, s)
	}
	if c.IDXLabels != "" {
		return wrongFlag("idx-labels", "it goes with an IDX file of images, and %s is not one", quote.Text(c.Folder))
	}
	bar := newImageBar(s.errOut)
	// last is needed after an interruption, to say how much is kept.
	var last extract.Progress
	opt.Progress = func(p extract.Progress) {
		last = p
		bar.show(p)
	}
	report, err := extract.Folder(ctx, c.Folder, c.Out, opt)
	bar.end()
	// Before the first progress nothing is kept, and there is nothing to resume.
	if errors.Is(err, context.Canceled) && last.Total > 0 {
		return fmt.Errorf("%w; the features of %d of %d images are kept in %s.parts: "+
			"the same command resumes from there",
			context.Canceled, last.Kept, last.Total, quote.Text(c.Out))
	}
	if err != nil {
		return err
	}
	report.Splits, report.Several, report.About = nil, nil, nil // told before
	if n := len(report.Beyond); n > 0 {
		fmt.Fprintf(s.errOut, "warning: %d of %d images have grey values outside the range %v to %v that the levels "+
			"of GLCM divide, which are cut to it: %q\n", n, report.Items, opt.Features.Range[0], opt.Features.Range[1],
			report.Beyond[:min(n, 5)])
		report.Beyond = nil
	}
	fmt.Fprintf(s.out, "%s\n%s: %d items x %d features\n", report, quote.Text(c.Out), report.Items, report.Features)
	return nil
}

// colours sets what flags say about grey values, transparency, their scale and shifts. A scale of its own forgets the
// range of another one.
func (c *featuresCommand) colours(to *features.Config) {
	if c.Grey {
		to.Grey = true
	}
	if c.Shift != nil { // 0 too, where a file has another one
		to.Shift = *c.Shift
	}
	if c.Background != "" {
		to.Background = c.Background
	}
	if c.Scale != "" {
		to.Scale, to.Range = features.Scale(c.Scale), [2]float64{}
	}
}

// tell prints what was found in a folder and what is done with it on the standard output, and warnings beside it.
func (c *featuresCommand) tell(about *images.Inventory, with features.Config, s *streams) {
	fmt.Fprintln(s.out, about)
	for _, note := range with.Notes(about) {
		fmt.Fprintln(s.out, " ", quote.Line(note))
	}
	warnings := about.Warnings()
	if c.Scale != "" && len(about.Deep()) == 0 {
		warnings = append(warnings, "no image has more than 8 bits a channel: --scale changes nothing")
	}
	if c.Background != "" && about.Alpha == 0 {
		warnings = append(warnings, "no image is transparent: --background is only noted, for later ones")
	}
	for _, warning := range warnings {
		fmt.Fprintln(s.errOut, "warning:", warning)
	}
}

// readConfig reads a configuration of features from a JSON file. What the file does not name is zero, which switches a
// family off: a file is the whole configuration, not a change of the default.
func readConfig(path string) (c features.Config, err error) {
	if err := jsonfile.Read(path, &c); err != nil {
		return c, option.Errorf("config", "%w; --print-config shows what such a file looks like", err)
	}
	return c, nil
}

// ofFolder returns the first flag that is given and is for folders alone; "" = none is.
func (*featuresCommand) ofFolder(parsed *kong.Context) string {
	return given(parsed, "label-depth", "domain-depth", "skip-corrupt", "max-pixels")
}

// ofSet computes the features of the images of an IDX file, the format of MNIST, or of the built-in ones. Unlike a
// folder they are small enough to be computed in memory, in seconds, so that there is nothing to resume.
func (c *featuresCommand) ofSet(ctx context.Context, set *images.Images, wanted features.Config, s *streams) error {
	c.tell(set.Inventory(c.Folder), wanted.Resolved(false, 0, 0), s)
	report := &images.Report{Folder: c.Folder, Files: set.N()}
	report.Constant, report.NearlyConstant = set.Flat()
	bar := newImageBar(s.errOut)
	frame, err := features.Extract(ctx, set, wanted,
		func(done, total int) { bar.show(extract.Progress{Done: done, Total: total}) })
	bar.end()
	if err != nil {
		return err
	}
	if err := table.Save(c.Out, frame); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s\n%s: %d items x %d features\n", report, quote.Text(c.Out), frame.N(), frame.F())
	return nil
}
