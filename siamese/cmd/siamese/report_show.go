package main

import (
	"cmp"
	"path/filepath"
	"slices"

	"github.com/go-siamese/lab/siamese/report"
)

// gather returns the reports of files as one. Of several files those that do not say which model they are of get the
// name of their file.
func gather(files []*savedReport, names []string) (*report.Compared, error) {
	if len(files) == 1 {
		return files[0].compared, nil
	}
	var all []*report.Report
	for k, file := range files {
		for _, r := range file.compared.Reports {
			r.Model = cmp.Or(r.Model, names[k])
			all = append(all, r)
		}
	}
	return report.Compare(all...)
}

// shortNames returns the names of files without their folders, where those tell the files apart.
func shortNames(paths []string) []string {
	var out []string
	for _, path := range paths {
		name := filepath.Base(path)
		if slices.Contains(out, name) {
			return paths
		}
		out = append(out, name)
	}
	return out
}
