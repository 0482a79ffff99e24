// Command siamese-beam embeds tables and lists of pictures of any size by a pipeline of Apache Beam.
//
//	siamese-beam embed --model model.safetensors --out z items-*.parquet
//	siamese-beam features --config features.json --out f list-*.tsv
//	siamese-beam features --model model.safetensors --out z list-*.tsv
//	siamese-beam embed --model model.safetensors --out z --milvus localhost:19530 --collection items items-*.parquet
//	siamese-beam embed --model model.safetensors --out /net/z --runner flink --endpoint localhost:8099 /net/*.parquet
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

	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/beam"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/milvus"
)

const usage = `Usage: siamese-beam embed --model FILE --out FOLDER [flags] TABLE...
       siamese-beam features [--config FILE | --like MODEL | --model MODEL] --out FOLDER [flags] LIST...

embed embeds tables. It may be left out. features makes features of pictures, or embeds them if there is a --model. A
line of a list has the path of a picture and, after tabs, its class and its domain; paths go from the list's folder.

Flags:
`

// flags are the words of the command line.
type flags struct {
	word         string
	opt          beam.Options
	pics         beam.Pictures
	ignore       string
	config, like string
	index        string
}

// names are the flags of options.
var names = map[string]string{"Model": "--model", "Out": "--out", "MaxBad": "--max-bad", "Backend": "--backend",
	"Milvus": "--milvus", "Address": "--milvus", "Collection": "--collection", "Kind": "--milvus-index",
	"TLS": "--milvus-tls", "Username": "--milvus-user", "Lines": "--lines", "MaxPixels": "--max-pixels",
	"config": "--config", "like": "--like"}

// main is short, so that deferred calls are not lost.
func main() { os.Exit(command()) }

// command runs the command line, and returns its exit status.
func command() int {
	klog.SetLogger(logr.Discard()) // of the pure-Go backend
	c := parse(os.Args[1:])
	apache.Init() // what is a worker ends here
	if err := c.check(); err != nil {
		fmt.Fprintf(os.Stderr, "error: %s\nsee: siamese-beam --help\n", quote.Lines(err.Error()))
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := c.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "error:", quote.Lines(option.Text(err, func(name string) string { return names[name] })))
		return 1
	}
	return 0
}

// parse reads the command line: a word, and the flags of all words, which those of Beam are among. Workers that a
// runner starts have flags alone.
func parse(args []string) *flags {
	c := &flags{word: "embed"}
	if len(args) > 0 && (args[0] == "embed" || args[0] == "features") {
		c.word, args = args[0], args[1:]
	}
	flag.StringVar(&c.opt.Model, "model", "", "`file` of the model")
	flag.StringVar(&c.opt.Out, "out", "", "`folder` for the shards; what an earlier run has written there is kept")
	flag.StringVar(&c.opt.Backend, "backend", "", "what computes, as in siamese --backend; it is the same for all workers")
	flag.StringVar(&c.opt.ID, "id-column", "", "embed: `column` of the ids (default: by name)")
	flag.StringVar(&c.opt.Label, "label-column", "", "embed: `column` of the classes (default: by name)")
	flag.StringVar(&c.opt.Domain, "domain-column", "", "embed: `column` of the domains (default: by name)")
	flag.StringVar(&c.ignore, "ignore", "", "embed: `columns` to leave out, with commas between")
	flag.StringVar(&c.config, "config", "", "features: `file` of settings, as siamese features --print-config writes it")
	flag.StringVar(&c.like, "like", "", "features: `model` whose settings are taken")
	flag.IntVar(&c.pics.MaxPixels, "max-pixels", 0, "features: most `pixels` of a picture (default 67 million)")
	flag.IntVar(&c.pics.Lines, "lines", 0, "features: `lines` of a list in a shard (default 1000)")
	flag.StringVar(&c.opt.Milvus.Address, "milvus", "", "`address` of a Milvus server that gets the embeddings too")
	flag.StringVar(&c.opt.Milvus.Collection, "collection", "", "`name` of the collection there, made where it is missing")
	flag.StringVar(&c.opt.Milvus.Database, "milvus-database", "", "`database` there")
	flag.StringVar(&c.opt.Milvus.Username, "milvus-user", "", "`user`; the password is in SIAMESE_MILVUS_PASSWORD, a "+
		"token in SIAMESE_MILVUS_TOKEN, of workers too")
	flag.BoolVar(&c.opt.Milvus.TLS, "milvus-tls", false, "encrypt")
	flag.StringVar(&c.index, "milvus-index", "", "`kind` of index of a new collection: flat (default) or hnsw")
	flag.Int64Var(&c.opt.MaxBad, "max-bad", 0, "most `rows` that may be left out because they cannot be embedded")
	flag.BoolVar(&c.opt.Unique, "unique", false, "check that ids are unique in all tables or lists")
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	_ = flag.CommandLine.Parse(args) // it exits
	return c
}

// check returns what is wrong with the command line.
func (c *flags) check() error {
	given := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { given[f.Name] = true })
	other := []string{"config", "like", "max-pixels", "lines"}
	if c.word == "features" {
		other = []string{"id-column", "label-column", "domain-column", "ignore"}
	}
	for _, name := range other {
		if given[name] {
			return fmt.Errorf("--%s has no effect on %s: leave it out", name, c.word)
		}
	}
	switch {
	case c.word == "embed" && c.opt.Model == "":
		return errors.New("give --model")
	case given["config"] && given["like"] || c.opt.Model != "" && (given["config"] || given["like"]):
		return errors.New("the settings are those of one of --config, --like and --model: give one")
	case c.opt.Model == "" && given["backend"]:
		return errors.New("--backend has no effect without --model: leave it out")
	case (c.opt.Milvus.Address == "") != (c.opt.Milvus.Collection == ""):
		return errors.New("--milvus and --collection belong together: give both")
	case c.opt.Milvus.Address == "" && (given["milvus-database"] || given["milvus-user"] || given["milvus-tls"] ||
		given["milvus-index"]):
		return errors.New("flags of Milvus have no effect without --milvus: give it")
	case c.opt.Out == "" || flag.NArg() == 0:
		return errors.New("give --out, and the tables or lists")
	}
	c.opt.Milvus.Index.Kind = milvus.Kind(c.index)
	if c.ignore != "" {
		c.opt.Ignore = strings.Split(c.ignore, ",")
	}
	return nil
}

// settings returns how features are made; with a model it is not used.
func (c *flags) settings() (to features.Config, err error) {
	switch {
	case c.config != "":
		if err := jsonfile.Read(c.config, &to); err != nil {
			return to, option.Errorf("config", "%w; siamese features --print-config shows what such a file looks like", err)
		}
	case c.like != "":
		m, err := siamese.Load(c.like)
		if err != nil {
			return to, option.Errorf("like", "%w", err)
		}
		if m.Transform.Settings == "" {
			return to, option.Errorf("like", "%s does not know how its features were made", quote.Text(c.like))
		}
		return features.ParseSettings(m.Transform.Settings)
	default:
		to = features.Default()
	}
	return to, nil
}

// run runs the pipeline and says what it has written.
func (c *flags) run(ctx context.Context) (err error) {
	pipeline, scope := apache.NewPipelineWithRoot()
	if c.word == "embed" {
		err = beam.Embed(ctx, scope, c.opt, flag.Args()...)
	} else if c.pics.Config, err = c.settings(); err == nil {
		err = beam.Features(ctx, scope, c.opt, c.pics, flag.Args()...)
	}
	if err != nil {
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
	path := filepath.Join(c.opt.Out, beam.ManifestName)
	if err := jsonfile.Read(path, &m); err != nil {
		return err
	}
	fmt.Printf("%s: %v\n", quote.Text(path), m)
	return nil
}
