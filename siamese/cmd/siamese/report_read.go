package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/go-siamese/lab/siamese"
)

// savedReport is what a file of evaluate or protocols holds: one of these.
type savedReport struct {
	compared  *siamese.Compared // of one report or several
	pairs     *siamese.PairReport
	protocols *siamese.ProtocolReport
}

// readReport returns the report in a file, which is sound.
func readReport(path string) (*savedReport, error) {
	out, err := readSaved(path)
	if err != nil {
		return nil, err
	}
	switch {
	case out.protocols != nil:
		if err := out.protocols.Check(); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	case out.pairs != nil:
		if err := out.pairs.Check(); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	case out.compared != nil:
		for _, r := range out.compared.Reports {
			err := r.Check()
			if err == nil && r.ItemsHash == "" {
				err = errors.New("items_hash is missing")
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w: want a file that siamese evaluate or protocols has written with -json", path, err)
			}
		}
	}
	return out, nil
}

func readSaved(path string) (*savedReport, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var kind struct {
		Reports   []json.RawMessage `json:"reports"`
		Protocols []json.RawMessage `json:"protocols"`
		Graded    *int              `json:"graded"` // only reports on given pairs have it
	}
	if err := json.Unmarshal(text, &kind); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var out savedReport
	var to any
	switch {
	case kind.Graded != nil:
		out.pairs = &siamese.PairReport{}
		to = out.pairs
	case kind.Protocols != nil:
		out.protocols = &siamese.ProtocolReport{}
		to = out.protocols
	case kind.Reports != nil:
		out.compared = &siamese.Compared{}
		to = out.compared
	default:
		one := &siamese.Report{}
		out.compared = &siamese.Compared{Reports: []*siamese.Report{one}}
		to = one
	}
	if err := readJSON(path, to); err != nil {
		return nil, fmt.Errorf("%w: want a file that siamese evaluate or protocols has written with -json", err)
	}
	return &out, nil
}
