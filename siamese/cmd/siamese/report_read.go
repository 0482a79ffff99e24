package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/protocol"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/version"
)

// savedReport is what a file of evaluate or protocols holds. Exactly one field is not nil.
type savedReport struct {
	compared  *report.Compared // of one report or several
	protocols *protocol.Report
}

// wantReport ends the error about a file that holds something else.
const wantReport = "want a file that siamese evaluate or protocols has written with --json"

// readReport returns the report in a JSON file. A report of protocols is known by its key "protocols", which no other
// has. What it returns has been checked: no part is missing, and parts that belong together have the same length, so
// that showing it does not panic. Errors name the file.
func readReport(path string) (*savedReport, error) {
	text, err := openfile.ReadFile(path)
	if err != nil {
		return nil, err
	}
	// Only this key is looked at first; the file is then read again, strictly, as what it is.
	var kind struct {
		Protocols []json.RawMessage `json:"protocols"`
	}
	if err := json.Unmarshal(text, &kind); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", quote.Text(path), err, wantReport)
	}
	var out savedReport
	if kind.Protocols != nil {
		out.protocols, err = readProtocols(path)
	} else {
		out.compared, err = report.Load(path)
	}
	return &out, err
}

// readProtocols returns the report of protocols in a file, checked by [protocol.Report.Check].
func readProtocols(path string) (*protocol.Report, error) {
	out := &protocol.Report{}
	if err := jsonfile.Read(path, out); err != nil {
		return nil, fmt.Errorf("%w: %s", err, cmp.Or(version.Other(jsonfile.Find(path, "lab")), wantReport))
	}
	if err := out.Check(); err != nil {
		return nil, fmt.Errorf("%s: %w", quote.Text(path), err)
	}
	return out, nil
}

// gather returns the reports of one or more files, none of protocols, as one comparison. names are what to call the
// models of reports that do not say which model they are of, one for each file. It changes the reports of files, and
// fails where they are about different items or pairs. Advice that all files with some agree on is kept; of others errOut
// is told.
func gather(files []*savedReport, names []string, errOut io.Writer) (*report.Compared, error) {
	if len(files) == 1 {
		return files[0].compared, nil
	}
	var all []*report.Report
	for k, file := range files {
		for _, r := range file.compared.Reports {
			// A report that evaluate wrote of one model alone names none.
			r.Model = cmp.Or(r.Model, names[k])
			all = append(all, r)
		}
	}
	out, err := report.Compare(all...)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		switch a := file.compared.Advice; {
		case a == nil || reflect.DeepEqual(a, out.Advice):
		case out.Advice == nil:
			out.Advice = a
		default:
			fmt.Fprintln(errOut, "warning: the files have different advice on the data: it is left out, show each file by itself")
			out.Advice = nil
			return out, nil
		}
	}
	return out, nil
}

// shortNames returns the names of files without their folders, or the paths themselves where two names are the same.
func shortNames(paths []string) []string {
	var out []string
	for _, path := range paths {
		name := filepath.Base(path)
		// Two folders with a file of the same name: then all keep their folders.
		if slices.Contains(out, name) {
			return paths
		}
		out = append(out, name)
	}
	return out
}
