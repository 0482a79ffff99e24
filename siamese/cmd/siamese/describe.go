package main

import (
	"context"
	"fmt"
	"io"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
)

const describeHelp = `usage: siamese describe [flags] DATA

Says what is in DATA: blocks of features, values that are missing, columns that are constant, outliers, duplicates,
classes and domains, and what to do about what stands out. Missing values are read as such.

  siamese describe builtin
  siamese describe -near 0.98 -html items.html -json items.json items.parquet

` + dataHelp + "\n"

// describeCommand says what is in a table.
func describeCommand(ctx context.Context, args []string, out, _ io.Writer) error {
	var input dataFlags
	var opt data.DescribeOptions
	flags := newFlags("describe", describeHelp)
	input.register(flags)
	flags.Float64Var(&opt.Duplicates.Threshold, "near", 0, "`similarity` from which on items are near duplicates, such as 0.98; 0 = only exact ones are looked for")
	flags.Float64Var(&opt.Fence, "fence", 0, "`spreads` beyond the quartiles from which on a value is an outlier; 0 = 3")
	html := flags.String("html", "", "`file` for the description as a page")
	to := flags.String("json", "", "`file` for the description as JSON")
	rest, err := parse(flags, args, out)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usageError{fmt.Errorf("%d tables are given, want one DATA", len(rest))}
	}
	input.AllowMissing = true
	frame, how, err := input.open(ctx, rest[0])
	if err != nil {
		return err
	}
	fmt.Fprintln(out, how)
	found, err := data.Describe(ctx, frame, opt)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, found)
	if *html != "" {
		if err := saveText(*html, "<!DOCTYPE html>\n<meta charset=\"utf-8\">\n"+found.HTML()); err != nil {
			return err
		}
	}
	if *to != "" {
		return jsonfile.Write(*to, found)
	}
	return nil
}
