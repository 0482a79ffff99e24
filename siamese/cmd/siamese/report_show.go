package main

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/show"
)

// showItems shows the reports of files as one.
func (p *pageFlags) showItems(pictures *finder, files []*savedReport, names []string, out io.Writer) (err error) {
	compared := files[0].compared
	if len(files) > 1 || len(compared.Reports) == 1 {
		reports := gather(files, names, func(f *savedReport) []*report.Report { return f.compared.Reports },
			func(r *report.Report) *string { return &r.Model })
		if len(reports) == 1 {
			fmt.Fprint(out, reports[0])
			return p.save(pictures, nil, reports[0])
		}
		if compared, err = report.Compare(reports...); err != nil {
			return err
		}
	}
	fmt.Fprint(out, compared)
	return p.save(pictures, compared)
}

// gather returns the reports of files as one list. Those that do not say which model they are of get the name of their file.
func gather[R any](files []*savedReport, names []string, of func(*savedReport) []R, model func(R) *string) (out []R) {
	for k, file := range files {
		for _, r := range of(file) {
			*model(r) = cmp.Or(*model(r), names[k])
			out = append(out, r)
		}
	}
	return out
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

// showPairs is showItems for reports on given pairs.
func (p *pageFlags) showPairs(pictures *finder, files []*savedReport, names []string, out io.Writer) (err error) {
	compared := files[0].pairs
	if len(files) > 1 {
		reports := gather(files, names, func(f *savedReport) []*report.PairReport { return f.pairs.Reports },
			func(r *report.PairReport) *string { return &r.Model })
		if compared, err = report.ComparePairs(reports...); err != nil {
			return err
		}
	}
	return p.tellPairs(pictures, compared, out)
}

// tellPairs prints a report on given pairs, or several, and writes the page where one is wanted.
func (p *pageFlags) tellPairs(find *finder, c *report.ComparedPairs, out io.Writer) error {
	if len(c.Reports) == 1 {
		fmt.Fprint(out, c.Reports[0])
		return p.write(find, func(opt show.PageOptions) error { return show.SavePairs(p.HTML, opt, c.Reports[0]) })
	}
	fmt.Fprint(out, c)
	return p.write(find, func(opt show.PageOptions) error { return show.SavePairComparison(p.HTML, opt, c) })
}
