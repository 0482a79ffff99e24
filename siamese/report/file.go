package report

import (
	"errors"
	"fmt"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/version"
)

// Save writes the reports and their differences to a file as JSON, for [Load] and `siamese report`. The file is
// either complete or not there.
func (c *Compared) Save(path string) error {
	if err := jsonfile.Write(path, c); err != nil {
		return fmt.Errorf("saving the reports: %w", err)
	}
	return nil
}

// wantReports ends the error about a file that holds something else.
const wantReports = "want a file that siamese evaluate --json has written"

// wanted ends the error about the file at path: what it should be, or by which version of the lab it was written.
func wanted(path string) string {
	if other := version.Other(jsonfile.Find(path, "lab")); other != "" {
		return other + ": show it with that one, or evaluate again"
	}
	return wantReports
}

// Load returns the report in a file, or those of several models that were compared, as [Compared.Save] and
// `siamese evaluate --json` write them. A file that holds something else, unknown fields included, or a report that is
// not sound (see [Compared.Check]) is an error that names it, and the version of the lab where it is another one.
func Load(path string) (*Compared, error) {
	out := &Compared{}
	if err := jsonfile.Read(path, out); err != nil {
		return nil, fmt.Errorf("%w: %s", err, wanted(path))
	}
	err := out.Check()
	for _, r := range out.Reports {
		if err == nil && r.hash() == "" {
			err = errors.New(r.hashField() + " is missing")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", quote.Text(path), err, wanted(path))
	}
	return out, nil
}
