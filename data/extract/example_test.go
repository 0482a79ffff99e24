package extract_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-siamese/lab/data/extract"
	"github.com/go-siamese/lab/data/images"
)

// All images of a folder, however many, into one file; call it again after a crash and it goes on.
func ExampleFolder() {
	opt := extract.DefaultOptions()
	opt.Features.Width, opt.Features.Height = 28, 28
	opt.Progress = func(p extract.Progress) { fmt.Printf("%d of %d\n", p.Done, p.Total) }
	report, err := extract.Folder(context.Background(), "photos", "photos.parquet", opt)
	var corrupt *images.FilesError
	if errors.As(err, &corrupt) {
		opt.Folder.SkipCorrupt = true // nothing is computed again
		report, err = extract.Folder(context.Background(), "photos", "photos.parquet", opt)
	}
	if err != nil {
		return // there is no such folder here
	}
	fmt.Println(report)
}
