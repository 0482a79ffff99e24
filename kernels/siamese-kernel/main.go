// Command siamese-kernel is the lab's Jupyter kernel, in front of GoNB. Jupyter starts it as the kernelspecs say, which
// `go run ./kernels install` writes. With the argument "parameters" it answers a question about those of a notebook.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/go-siamese/lab/kernels/internal/assist"
	"github.com/go-siamese/lab/kernels/internal/front"
	"github.com/go-siamese/lab/kernels/internal/widgets"
	"github.com/go-siamese/lab/kernels/plugin"
)

func main() {
	var o front.Options
	var gonb, gopls, workspace, worker, saved string
	flag.StringVar(&o.Connection, "connection", "", "the connection `file` that Jupyter wrote")
	flag.StringVar(&gonb, "gonb", "gonb", "GoNB's `program`")
	flag.StringVar(&gopls, "gopls", "", "gopls' `program`; empty = code is not completed")
	flag.StringVar(&workspace, "workspace", "", "the `directory` of the checkout that cells build against")
	flag.StringVar(&o.Language, "language", "", "the `version` of Go's language, as notebooks have it")
	flag.StringVar(&o.History, "history", "", "the `directory` that keeps what was executed, by notebook")
	flag.StringVar(&worker, "worker", "", "the `program` of the session's worker; one that is not there = no session")
	flag.StringVar(&saved, "stamp", "", "start no kernel: print the receipts of the notebook on standard input, saved at `path`")
	flag.Parse()
	if o.History != "" { // the lab's directory may be only for reading
		o.History = filepath.Join(plugin.State(filepath.Dir(o.History)), filepath.Base(o.History))
	}
	// Two services for Python's programs: their input is on standard input.
	service := func() error { return stamp(os.Stdin, os.Stdout, saved, o.History) }
	if flag.NArg() == 1 && flag.Arg(0) == "parameters" {
		saved, service = "-", func() error { return parameters(os.Stdin, os.Stdout) }
	}
	if saved != "" {
		if err := service(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if o.Connection == "" || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "siamese-kernel is started by Jupyter; its flags:")
		flag.PrintDefaults()
		os.Exit(2)
	}
	o.GoNB = []string{gonb}
	if workspace != "" {
		o.GoNB = append(o.GoNB, "-go_work="+workspace)
	}
	o.Widgets = func(publish front.Publish) front.Widgets { return widgets.New(widgets.Publish(publish)) }
	if path, err := exec.LookPath(worker); err == nil {
		o.Worker = []string{path, "-checkout", workspace}
	}
	o.Notebook, o.Checkout = notebookName(), workspace
	cwd, err := os.Getwd()
	if err != nil {
		cwd = ""
	}
	o.Ready = func() (why, hint string) { return ready(workspace, cwd) }
	inUse(gopls)
	o.Assist = func(ctx context.Context, dir string) front.Assistant {
		return assist.Start(ctx, assist.Options{Gopls: gopls, Repo: workspace, Temp: dir})
	}
	logger := log.New(os.Stderr, "siamese-kernel: ", log.LstdFlags)
	o.Log = logger.Printf
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	o.Interrupts = interrupts
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := front.Run(ctx, o); err != nil {
		logger.Print(err)
		os.Exit(1)
	}
}

// notebookName returns the name under which the history is kept: the notebook's path, which Jupyter's server tells, else
// the directory.
func notebookName() string {
	if path := os.Getenv("JPY_SESSION_NAME"); path != "" {
		return path
	}
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	return dir
}
