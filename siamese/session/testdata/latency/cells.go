package main

// cell is a program as a notebook's cell becomes one. RUN stands for the number of the run, so that it is compiled
// anew. What it prints, a number of seconds, is measured in it.
type cell struct{ name, inside, source string }

const head = `package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/session"
)

func must[T any](v T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return v
}

var (
	ctx  = context.Background()
	s    = must(session.Connect(ctx))
	path = os.Getenv("SIAMESE_TABLE")
	cfg  = config.Default()
	_    = time.Now
)
`

var cells = []cell{
	{name: "hello", source: "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"hello RUN\") }\n"},
	{name: "session: another training", inside: "to the first step", source: head + `
func main() {
	cfg.Epochs, cfg.PairsPerEpoch = 1, 1280
	cfg.Seed = 100 + RUN
	split := must(must(s.Open(ctx, path, session.OpenOptions{})).Split(ctx, session.SplitOptions{KeepCopies: true}))
	model := must(split.Train(ctx, cfg, session.TrainOptions{}))
	if err := model.Save(ctx, os.Getenv("SIAMESE_MODEL")); err != nil {
		panic(err)
	}
	fmt.Println(model.FirstStep.Seconds())
}
`},
	{name: "session: open, load, score", inside: "the three calls", source: head + `
func main() {
	begun := time.Now()
	items := must(s.Open(ctx, path, session.OpenOptions{}))
	model := must(s.Load(ctx, os.Getenv("SIAMESE_MODEL")))
	must(model.Score(ctx, items, "item-0", "item-2RUN"))
	fmt.Println(time.Since(begun).Seconds())
}
`},
	{name: "session: the values of a frame", inside: "mapping them", source: head + `
func main() {
	items := must(s.Open(ctx, path, session.OpenOptions{}))
	begun := time.Now()
	frame := must(items.Data(ctx))
	if frame.N() != items.N {
		panic("RUN")
	}
	fmt.Println(time.Since(begun).Seconds())
}
`},
	{name: "library: open, load, score", inside: "the same without a session", source: `package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
)

func must[T any](v T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return v
}

func main() {
	ctx, begun := context.Background(), time.Now()
	items, _, err := table.Open(ctx, os.Getenv("SIAMESE_TABLE"), table.Options{})
	must(items, err)
	backend := must(siamese.OpenBackend(""))
	model := must(siamese.Load(os.Getenv("SIAMESE_MODEL")))
	must(model.Score(ctx, backend, items, 0, items, 20+RUN))
	fmt.Println(time.Since(begun).Seconds())
}
`},
}
