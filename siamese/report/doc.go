// Package report holds what an evaluation found, and says it: the metrics of a model beside features without training,
// their confidence intervals, the comparison, and a verdict in words.
//
// Package evaluate makes a [Report] for each model and puts them in a [Compared], which prints itself as tables of text
// ([Compared.String]) and is kept as JSON ([Compared.Save], [Load]). [Compare] sets reports of several files on the
// same items side by side. [Report.Verdict] and [Report.Findings] are what the tables, the pages of package show and
// the command line have in common, so that all of them draw the same conclusions.
//
// This package computes no metric; the only intervals it computes are those of differences on given pairs, from the
// cosines that reports keep. Reports are plain values: nothing here changes one, except [Details.CutClasses].
package report
