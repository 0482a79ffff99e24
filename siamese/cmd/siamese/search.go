package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
)

const searchHelp = `usage: siamese search -query ID|FILE [flags] MODEL DATA

Finds the items of DATA most similar to one of them, or to each item of another table, with their cosines, labels,
whether the model's threshold calls them the same, and how probable it is that they are, which depends on how common that
is (-prevalence).

  siamese search -query fashion/00007 -k 5 model.safetensors builtin
  siamese search -query new.csv model.safetensors items.parquet

` + dataHelp + "\n"

// searchCommand finds the most similar items.
func searchCommand(ctx context.Context, args []string, out, complaints io.Writer) error {
	var m modelFlags
	flags := newFlags("search", searchHelp)
	m.register(flags)
	var likely chance
	likely.register(flags)
	query := flags.String("query", "", "`id` of an item of DATA, which is not found itself, or a table with items to look for")
	k := flags.Int("k", 10, "`number` of items to find")
	rest, err := parse(flags, args, out)
	if err == nil {
		err = likely.check()
	}
	switch {
	case err != nil:
		return err
	case *query == "":
		return usageError{errors.New("-query is missing: give the id of an item of DATA, or a table")}
	case *k < 1:
		return usageError{fmt.Errorf("-k is %d: want 1 or more", *k)}
	case len(rest) != 2:
		return usageError{fmt.Errorf("%d arguments are given, want MODEL and DATA", len(rest))}
	}
	u, err := m.open(ctx, rest[0], rest[1], complaints)
	if err != nil {
		return err
	}
	queries, self, err := m.queries(ctx, u.frame, rest[1], *query)
	if err != nil {
		return err
	}
	references, err := u.embed(ctx, nil, complaints)
	if err != nil {
		return err
	}
	z, err := u.embedFrame(ctx, queries, complaints)
	if err != nil {
		return err
	}
	found, err := siamese.Nearest(z, references, *k+1, false) // one more: the query may be among them
	if err != nil {
		return err
	}
	for q, list := range found {
		if q > 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintf(out, "%s%s  (threshold %.4f%s)\n", queries.IDs[q], inBrackets(queries.Labels, q), u.Threshold, likely.legend(u))
		list = slices.DeleteFunc(list, func(n siamese.Neighbour) bool { return n.Item == self })
		for _, n := range list[:min(*k, len(list))] {
			cosine := float64(n.Cosine)
			probability, err := likely.of(u, cosine)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "%8.4f  %-9s  %s%s%s\n", cosine, u.verdict(cosine), probability, u.frame.IDs[n.Item], inBrackets(u.frame.Labels, n.Item))
		}
	}
	return nil
}

// queries returns the items to look for, and the number of the one that is in the frame itself, else -1.
func (m *modelFlags) queries(ctx context.Context, frame *data.Frame, name, query string) (*data.Frame, int, error) {
	items, missing := itemsByID(frame, name, query)
	if missing == nil {
		return frame.Select(items), items[0], nil
	}
	if _, err := os.Stat(query); err != nil {
		return nil, 0, fmt.Errorf("-query %s: it is no file, and %w", query, missing)
	}
	queries, _, err := m.data.open(ctx, query)
	if err != nil {
		return nil, 0, fmt.Errorf("-query: %w", err)
	}
	return queries, -1, nil
}

// inBrackets returns the label of an item in brackets, or "".
func inBrackets(labels []string, i int) string {
	if labels == nil || labels[i] == "" {
		return ""
	}
	return " [" + labels[i] + "]"
}
