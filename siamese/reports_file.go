package siamese

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/go-siamese/lab/siamese/internal/jsonfile"
)

// Save writes the reports and their differences to a file as JSON, for [LoadReports] and `siamese report`. The file is
// either complete or not there.
func (c *Compared) Save(path string) error {
	if err := jsonfile.Write(path, c); err != nil {
		return fmt.Errorf("saving the reports: %w", err)
	}
	return nil
}

// LoadReports returns the report in a file, or those of several models that were compared, as [Compared.Save] and
// `siamese evaluate -json` write them. A file that holds something else, or a report that is not sound, is an error that
// names it.
func LoadReports(path string) (*Compared, error) {
	c, err := readCompared(path)
	if err != nil {
		return nil, err
	}
	for _, r := range c.Reports {
		err := r.Check()
		if err == nil && r.ItemsHash == "" {
			err = errors.New("items_hash is missing")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w: %s", path, err, wantReports)
		}
	}
	return c, nil
}

const wantReports = "want a file that siamese evaluate -json (Compared.Save) has written"

func readCompared(path string) (*Compared, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var kind struct {
		Reports []json.RawMessage `json:"reports"`
	}
	if err := json.Unmarshal(text, &kind); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", path, err, wantReports)
	}
	var one Report
	all, to := &Compared{Reports: []*Report{&one}}, any(&one)
	if kind.Reports != nil {
		all = &Compared{}
		to = all
	}
	if err := jsonfile.Read(path, to); err != nil {
		return nil, fmt.Errorf("%w: %s", err, wantReports)
	}
	return all, nil
}
