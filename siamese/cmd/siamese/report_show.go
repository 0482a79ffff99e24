package main

import (
	"cmp"
	"path/filepath"
	"slices"

	"github.com/go-siamese/lab/siamese/report"
)

// gather returns the reports of one or more files, none of protocols, as one comparison. names are what to call the
// models of reports that do not say which model they are of, one for each file. It changes the reports of files, and
// fails where they are about different items or pairs.
func gather(files []*savedReport, names []string) (*report.Compared, error) {
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
	return report.Compare(all...)
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
