package main

import (
	"context"
	"fmt"
	"io"
)

const compareHelp = `usage: siamese compare [flags] MODEL DATA ID ID ...

Says of every two of the items with these ids how similar they are, by their cosine, whether the model's threshold
calls them the same, and how probable it is that they are, which depends on how common that is (-prevalence).

  siamese compare model.safetensors builtin digits/00001 digits/00002 fashion/00007

` + dataHelp + "\n"

// compareCommand scores items against one another.
func compareCommand(ctx context.Context, args []string, out, complaints io.Writer) error {
	var m modelFlags
	flags := newFlags("compare", compareHelp)
	m.register(flags)
	var likely chance
	likely.register(flags)
	rest, err := parse(flags, args, out)
	if err == nil {
		err = likely.check()
	}
	if err != nil {
		return err
	}
	if len(rest) < 4 {
		return usageError{fmt.Errorf("%d arguments are given, want MODEL, DATA and at least two ids", len(rest))}
	}
	u, err := m.open(ctx, rest[0], rest[1], complaints)
	if err != nil {
		return err
	}
	ids := rest[2:]
	items, err := itemsByID(u.frame, rest[1], ids...)
	if err != nil {
		return err
	}
	z, err := u.embed(ctx, items, complaints)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "threshold %.4f%s\n", u.Threshold, likely.legend(u))
	for j := range ids {
		for i := range j {
			cosine := z.Cosine(i, j)
			probability, err := likely.of(u, cosine)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "%8.4f  %-9s  %s%s  %s\n", cosine, u.verdict(cosine), probability, ids[i], ids[j])
		}
	}
	return nil
}
