package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table"
)

const embedHelp = `usage: siamese embed -out z.parquet [flags] MODEL DATA

Writes the embeddings of all items of DATA, each of unit length, with their ids, labels and domains. The ending says the
format: .parquet, .arrow, .npz, .npy (the numbers alone), .csv, .tsv.

  siamese embed -out z.parquet model.safetensors items.parquet
  siamese embed -out z.npy model.safetensors builtin:50

` + dataHelp + "\n"

// embedCommand writes embeddings.
func embedCommand(ctx context.Context, args []string, out, complaints io.Writer) error {
	var m modelFlags
	flags := newFlags("embed", embedHelp)
	m.register(flags)
	to := flags.String("out", "", "`file` to write")
	rest, err := parse(flags, args, out)
	switch {
	case err != nil:
		return err
	case *to == "":
		return usageError{errors.New("-out is missing: say which file to write the embeddings to")}
	case len(rest) != 2:
		return usageError{fmt.Errorf("%d arguments are given, want MODEL and DATA", len(rest))}
	}
	u, err := m.open(ctx, rest[0], rest[1], complaints)
	if err != nil {
		return err
	}
	z, err := u.embed(ctx, nil, complaints)
	if err != nil {
		return err
	}
	frame := &data.Frame{
		X: z.Values, IDs: u.frame.IDs, Labels: u.frame.Labels, Domains: u.frame.Domains,
		Blocks: []data.Block{{Name: "embedding", Start: 0, End: z.E}},
	}
	for k := range z.E {
		frame.Columns = append(frame.Columns, fmt.Sprintf("embedding/%d", k))
	}
	if err := table.Save(*to, frame); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %d items x %d numbers\n", *to, z.N, z.E)
	return nil
}
