package show

import (
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"image"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/advise"
	"github.com/go-siamese/lab/siamese/report"
)

// PageOptions says what a page of reports shows beside them. The zero value is usable.
type PageOptions struct {
	// Title is the heading of the page; "" = one made of the first report's name.
	Title string
	// Image returns the picture of an item, nil where there is none. With it the hardest pairs are shown and not only
	// named; it is called for these items alone.
	Image func(id string) image.Image
	// Advice follows the reports: learning curves, what to collect next, and labels that look wrong, with pictures where
	// Image has them. A page may have it alone. nil = that of [report.Compared], if it has any.
	Advice *advise.Advice
}

// pageTemplate has the layout and the styles of all pages. The template escapes what it is given, but for pictures.
//
//go:embed page.html
var pageTemplate string

var pageHTML = template.Must(template.New("page").Parse(pageTemplate))

// SavePage writes one self-contained HTML file from one report or several, on items or on given pairs, one after
// another. It needs no network, no script and no notebook, prints on paper, and escapes every name. What
// [evaluate.Options] left out of a report (intervals, details) is left out of the page. The file appears, or replaces
// an older one, only when it is complete. Errors are those of [PageHTML] and of writing.
//
//	compared := show.Must(report.Load("reports.json"))
//	page := show.PageOptions{Title: "Sneakers and bags", Image: show.Pictures(pictures)}
//	show.OK(show.SavePage("report.html", page, compared.Reports...))
func SavePage(path string, opt PageOptions, reports ...*report.Report) error {
	return save(path, func() (string, error) { return PageHTML(opt, reports...) })
}

// SaveComparison is [SavePage] for what an evaluation of one model or of several returns: the differences of several
// come first, and their curves stand in one plot.
//
//	show.OK(show.SaveComparison("report.html", show.PageOptions{}, show.Must(report.Load("reports.json"))))
func SaveComparison(path string, opt PageOptions, c *report.Compared) error {
	return save(path, func() (string, error) { return comparisonHTML(opt, c) })
}

// save writes what page returns to a file. Errors begin with "the page".
func save(path string, page func() (string, error)) error {
	// The page is made before the file is touched, so that an invalid report leaves an older page in place.
	content, err := page()
	if err != nil {
		return fmt.Errorf("the page %s: %w", quote.Text(path), err)
	}
	err = atomicfile.Write(path, func(w io.Writer) error {
		_, err := io.WriteString(w, content)
		return err
	})
	if err != nil {
		return fmt.Errorf("the page: %w", err)
	}
	return nil
}

// PageHTML returns what [SavePage] writes. It returns an error when there is neither report nor advice, a report is nil
// or invalid (with its number, from 1), or a picture cannot be encoded.
func PageHTML(opt PageOptions, reports ...*report.Report) (string, error) {
	return page(opt, nil, reports)
}

// comparisonHTML returns what [SaveComparison] writes. A comparison of one report is a page of that report. It returns
// an error when there is no report, or one is invalid.
func comparisonHTML(opt PageOptions, c *report.Compared) (string, error) {
	if err := c.Check(); err != nil {
		return "", fmt.Errorf("page: %w", err)
	}
	if opt.Advice == nil {
		opt.Advice = c.Advice
	}
	if len(c.Reports) == 1 {
		return page(opt, nil, c.Reports)
	}
	view, err := comparisonOf(c)
	if err != nil {
		return "", err
	}
	return page(opt, view, c.Reports)
}

// pageView is what the template shows. It holds text that is formatted already: the template makes no choices.
type pageView struct {
	Title      string
	Comparison *comparisonView // nil where there is one report
	Reports    []*reportView
	Advice     *adviceView // nil = none
	Protocols  []protocolView
	Config     string   // of all protocols, JSON
	Origins    []string // of all protocols: by what they were computed, and from what
}

// reportView is the part of a page on one report.
type reportView struct {
	Title, About string
	Verdict      string   // the finding that comes first
	Findings     []string // the others
	Table        table    // of metrics
	Sections     []section
	Warnings     []string
	Facts        []report.Fact // what the evaluation was computed on
	Config       string        // JSON; "" without details
}

// section is a heading with what belongs below it: a note, further sentences, pictures, then tables.
type section struct {
	Title, Note string
	Notes       []string
	Drawings    []*drawing
	// Pictures are for pages only. They are not escaped: they are made by this package, which escapes the names in
	// them.
	Pictures []template.HTML
	Tables   []table
}

// empty reports whether there is nothing to show: no picture, and no table with rows.
func (s section) empty() bool {
	for _, t := range s.Tables {
		if len(t.Rows) > 0 {
			return false
		}
	}
	return len(s.Drawings) == 0 && len(s.Pictures) == 0
}

// page returns the page of reports, with comparison before them and advice after them unless these are nil. Reports are
// checked first: files may hold anything, and the views index into their lists.
func page(opt PageOptions, comparison *comparisonView, reports []*report.Report) (string, error) {
	if len(reports) == 0 && opt.Advice == nil {
		return "", errors.New("page: no report is given")
	}
	view := pageView{Title: opt.Title, Comparison: comparison}
	for k, r := range reports {
		if err := r.Check(); err != nil {
			return "", fmt.Errorf("page: report %d: %w", k+1, err)
		}
		one, err := reportOf(opt, r)
		if err != nil {
			return "", fmt.Errorf("page: %s: %w", r.Name, err)
		}
		view.Reports = append(view.Reports, one)
	}
	if opt.Advice != nil {
		of, err := adviceOf(opt)
		if err != nil {
			return "", fmt.Errorf("page: advice: %w", err)
		}
		view.Advice = of
	}
	if len(reports) == 0 {
		return view.html("Advice")
	}
	// The default title says what the first report is on; those of a comparison are on the same.
	of := ""
	if first := reports[0]; first.GivenPairs && first.Labels != nil {
		of = " on labelled pairs"
	} else if first.GivenPairs {
		of = " on given pairs"
	}
	return view.html("Evaluation" + of + ": " + reports[0].Name)
}

// html returns the page, under the given title where it has none of its own.
func (v pageView) html(title string) (string, error) {
	if v.Title == "" {
		v.Title = title
	}
	var out strings.Builder
	err := pageHTML.Execute(&out, v)
	return out.String(), err
}

// reportOf returns the view of a report, which must be valid.
func reportOf(opt PageOptions, r *report.Report) (*reportView, error) {
	findings := r.Findings()
	v := &reportView{
		Title: r.Name, Verdict: findings[0], Findings: findings[1:], Warnings: r.Warnings, Table: methods(r),
		About: r.About(),
	}
	// Sections are made in the order in which the page shows them.
	pairs, hash := "All pairs of test items.", r.ItemsHash
	if r.GivenPairs {
		pairs, hash = "All test pairs, by weight.", r.PairsHash
	}
	// Several models on the same items have reports of one name.
	if r.Model != "" {
		v.Title = r.Model + ": " + r.Name
	}
	parts := []func() (section, error){
		func() (section, error) { return rates(curvesOf(r)) },
		func() (section, error) { return histograms(curvesOf(r), pairs) },
		func() (section, error) { return reliability(r.Probabilities) },
		func() (section, error) { return evidence(r.Evidence) },
	}
	// The hardest pairs come last: they are the longest section, and with pictures the largest.
	if d := r.Details; d != nil {
		if !r.GivenPairs {
			parts = append(parts, partsOfItems(d)...)
		}
		parts = append(parts, func() (section, error) {
			return hardest(d.Of[0].Same, d.Of[0].Different, !r.GivenPairs, opt.Image)
		})
		config, err := configText(d.Config)
		if err != nil {
			return nil, err
		}
		v.Config, v.Facts = config, d.Facts
	}
	if what := "test items"; hash != "" || !r.GivenPairs {
		if r.GivenPairs {
			what = "test pairs"
		}
		// The hash comes first: it tells whether two pages are of the same items. A report on pairs may have none.
		v.Facts = append([]report.Fact{{Name: what, Value: hash}}, v.Facts...)
	}
	if o := r.Origin; o != nil {
		v.Facts = append(slices.Clip(v.Facts), report.Fact{Name: "lab", Value: r.Lab},
			report.Fact{Name: "computed by", Value: o.By()}, report.Fact{Name: "seed", Value: strconv.FormatUint(o.Seed, 10)})
		if from := o.From(); from != "" {
			v.Facts = append(v.Facts, report.Fact{Name: "from", Value: from})
		}
	}
	return v, v.add(parts)
}

// partsOfItems returns the sections that only details over all pairs of items have: given pairs have no classes.
func partsOfItems(d *report.Details) []func() (section, error) {
	return []func() (section, error){
		func() (section, error) { return thresholds(d), nil },
		func() (section, error) { return further(d), nil },
		func() (section, error) { return byClass(d), nil },
		func() (section, error) { return confusion(d), nil },
		func() (section, error) { return byDomain(d), nil },
		func() (section, error) { return embeddingMaps(d), nil },
	}
}

// add appends the sections that have something to show, in order.
func (v *reportView) add(parts []func() (section, error)) error {
	for _, part := range parts {
		s, err := part()
		if err != nil {
			return err
		}
		if !s.empty() {
			for k := range s.Tables {
				s.Tables[k].Name = s.Title
			}
			v.Sections = append(v.Sections, s)
		}
	}
	return nil
}
