package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/go-siamese/lab/siamese/internal/jsonfile"
)

// Save writes the reports and their differences to a file as JSON, for [Load] and `siamese report`. The file is
// either complete or not there.
func (c *Compared) Save(path string) error {
	if err := jsonfile.Write(path, c); err != nil {
		return fmt.Errorf("saving the reports: %w", err)
	}
	return nil
}

// Load returns the report in a file, or those of several models that were compared, as [Compared.Save] and
// `siamese evaluate --json` write them. A file that holds something else, or a report that is not sound, is an error that
// names it.
func Load(path string) (*Compared, error) {
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

const wantReports = "want a file that siamese evaluate --json (Compared.Save) has written"

func readCompared(path string) (*Compared, error) {
	var all Compared
	var one Report
	several, err := readSeveral(path, "reports", wantReports, &all, &one)
	if err != nil {
		return nil, err
	}
	if !several {
		all.Reports = []*Report{&one}
	}
	return &all, nil
}

// readSeveral reads a file into all where it has this key, else into one, and says which. Errors say what is wanted.
func readSeveral(path, key, want string, all, one any) (several bool, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return false, err
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(text, &keys); err != nil {
		return false, fmt.Errorf("%s: %w: %s", path, err, want)
	}
	to := one
	if _, several = keys[key]; several {
		to = all
	}
	if err := jsonfile.Read(path, to); err != nil {
		return several, fmt.Errorf("%w: %s", err, want)
	}
	return several, nil
}

// Save writes the reports and their differences to a file as JSON, for [LoadPairs] and `siamese report`. The file is
// either complete or not there.
func (c *ComparedPairs) Save(path string) error {
	if err := jsonfile.Write(path, c); err != nil {
		return fmt.Errorf("saving the reports on pairs: %w", err)
	}
	return nil
}

// LoadPairs returns the report on given pairs in a file, or those of several models that were compared, as
// [ComparedPairs.Save] and `siamese evaluate --pairs --json` write them. A file that holds something else, or a report that is not
// sound, is an error that names it.
func LoadPairs(path string) (*ComparedPairs, error) {
	const want = "want a file that siamese evaluate --pairs --json (ComparedPairs.Save) has written"
	var all ComparedPairs
	var one PairReport
	several, err := readSeveral(path, "pair_reports", want, &all, &one)
	if err != nil {
		return nil, err
	}
	if !several {
		all.Reports = []*PairReport{&one}
	}
	if err := all.Check(); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", path, err, want)
	}
	return &all, nil
}
