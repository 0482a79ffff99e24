package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
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
	}
	return out, nil
}

func readSaved(path string) (*savedReport, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var kind struct {
		Protocols []json.RawMessage `json:"protocols"`
		Graded    *int              `json:"graded"` // only reports on given pairs have it
	}
	if err := json.Unmarshal(text, &kind); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var out savedReport
	switch {
	case kind.Graded != nil:
		out.pairs = &siamese.PairReport{}
		err = jsonfile.Read(path, out.pairs)
	case kind.Protocols != nil:
		out.protocols = &siamese.ProtocolReport{}
		err = jsonfile.Read(path, out.protocols)
	default:
		out.compared, err = siamese.LoadReports(path)
		return &out, err
	}
	if err != nil {
		return nil, fmt.Errorf("%w: want a file that siamese evaluate or protocols has written with -json", err)
	}
	return &out, nil
}
