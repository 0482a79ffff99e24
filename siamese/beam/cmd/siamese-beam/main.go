// Command siamese-beam embeds tables of any size with a model, by a pipeline of Apache Beam.
//
//	siamese-beam --model model.safetensors --out z items-*.parquet
//	siamese-beam --model model.safetensors --out /shared/z --runner flink --endpoint localhost:8099 /shared/items-*.parquet
//
// It runs on this machine unless --runner names another place; the flags of Beam and of its runners are among its own.
// Results go to standard output, all else to standard error. The exit status is 0 for success, 1 for a failure and 2
// for a wrong command line.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	apache "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"
	"github.com/go-logr/logr"
	"k8s.io/klog/v2"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/beam"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
)

func main() {
	klog.SetLogger(logr.Discard()) // of the pure-Go backend
	var opt beam.Options
	var ignore string
	flag.StringVar(&opt.Model, "model", "", "`file` of the model")
	flag.StringVar(&opt.Out, "out", "", "`folder` for the shards; what an earlier run has written there is kept")
	flag.StringVar(&opt.Backend, "backend", "", "what computes, as in siamese --backend")
	flag.StringVar(&opt.ID, "id-column", "", "`column` of the ids (default: by name)")
	flag.StringVar(&opt.Label, "label-column", "", "`column` of the classes (default: by name)")
	flag.StringVar(&opt.Domain, "domain-column", "", "`column` of the domains (default: by name)")
	flag.StringVar(&ignore, "ignore", "", "`columns` to leave out, with commas between")
	flag.Int64Var(&opt.MaxBad, "max-bad", 0, "most `rows` that may be left out because they cannot be embedded")
	flag.BoolVar(&opt.Unique, "unique", false, "check that ids are unique in all tables")
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), "Usage: siamese-beam --model FILE --out FOLDER [flags] TABLE...\n\nFlags:\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	apache.Init() // what is a worker ends here
	if ignore != "" {
		opt.Ignore = strings.Split(ignore, ",")
	}
	if opt.Model == "" || opt.Out == "" || flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "error: give --model, --out and the tables\nsee: siamese-beam --help")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, opt, flag.Args())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", quote.Lines(option.Text(err, func(name string) string {
			return map[string]string{"Model": "--model", "Out": "--out", "MaxBad": "--max-bad",
				"Backend": "--backend"}[name]
		})))
		os.Exit(1)
	}
}

// run runs the pipeline and says what it has written.
func run(ctx context.Context, opt beam.Options, tables []string) error {
	pipeline, scope := apache.NewPipelineWithRoot()
	if err := beam.Embed(ctx, scope, opt, tables...); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- beamx.Run(ctx, pipeline) }()
	select {
	case err := <-ended:
		if err != nil {
			return err
		}
	case <-ctx.Done(): // not every runner ends with its context; what is written stays
		return errors.New("interrupted: the same command goes on from the shards that are there")
	}
	var m beam.Manifest
	path := filepath.Join(opt.Out, beam.ManifestName)
	if err := jsonfile.Read(path, &m); err != nil {
		return err
	}
	fmt.Printf("%s: %v\n", quote.Text(path), m)
	return nil
}
