package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/search"
	"github.com/go-siamese/lab/siamese/serve"
)

// serveCommand answers other programs over HTTP.
type serveCommand struct {
	Model string `arg:"" help:"File of the model, as train writes it."`
	Data  string `arg:"" optional:"" help:"Gallery: the items to search, as in other commands."`
	modelFlags
	serverFlags
}

// serverFlags are the flags of a command that answers over HTTP.
type serverFlags struct {
	prevalenceFlag
	Host      string        `default:"127.0.0.1" help:"Address to listen on; others than this machine's own can be reached."`
	Port      int           `default:"8765" help:"Port to listen on; 0 = a free one."`
	TokenFile string        `placeholder:"FILE" help:"File whose first line is the token; else SIAMESE_TOKEN, else one is made."`
	MaxBody   int           `default:"64" help:"Largest body of a request, in MiB."`
	MaxRows   int           `default:"10000" help:"Most items of a request."`
	Timeout   time.Duration `default:"30s" help:"Longest time of a request."`
	Check     bool          `help:"Prepare everything, say what would be served, and end."`
}

// tokenVariable is the environment variable with the token.
const tokenVariable = "SIAMESE_TOKEN"

// Help is the text below the usage.
func (*serveCommand) Help() string {
	return `Answers requests over HTTP until it is interrupted, and then finishes those that have begun.

  siamese serve model.safetensors items.parquet
  curl -H "Authorization: Bearer $SIAMESE_TOKEN" -d '{"ids": ["a-17"], "k": 5}' http://127.0.0.1:8765/v1/search

/v1/embed, /v1/score and /v1/search take {"rows": [[...]]} in the order of the model's columns, which /v1/model
lists, {"columns": [...], "rows": [[...]]}, or {"ids": [...]} of DATA; embed and search also take a table, such as NPY,
Arrow or Parquet. /metrics has counters for Prometheus. All but /healthz need the token.

All items of DATA are embedded at the start. Where that takes long, make an index of them and use siamese index serve.

Requests travel unencrypted: where others can listen, put a proxy with TLS in front.
`
}

// Run embeds DATA, listens and answers until ctx ends.
func (c *serveCommand) Run(ctx context.Context, parsed *kong.Context, s *streams) error {
	if err := c.check(); err != nil {
		return err
	}
	if search.Is(c.Data) {
		return isIndex(c.Data, "serve")
	}
	if c.Data == "" { // then flags about a table would do nothing
		if flag := tableFlag(parsed); flag != "" {
			return wrongFlag(flag, "it is about a table of items, and none is given")
		}
		u, err := bare(c.Model, c.backendFlag, c.widthFlags, s.errOut)
		if err != nil {
			return err
		}
		return c.serve(ctx, s, u, serve.Options{})
	}
	u, err := c.open(ctx, c.Model, c.Data, s.errOut)
	if err != nil {
		return err
	}
	if err := needs(s.errOut, "the gallery", numbers(u.frame.N(), u.E())); err != nil {
		return err
	}
	return c.serve(ctx, s, u, serve.Options{Gallery: u.frame})
}

// indexServeCommand answers other programs over HTTP, with the items of an index as the gallery.
type indexServeCommand struct {
	modelAndIndex
	backendFlag
	widthFlags
	serverFlags
}

// Help is the text below the usage.
func (*indexServeCommand) Help() string {
	return `Answers requests over HTTP as siamese serve does, with the items of an index as the gallery, which are not embedded again.

  siamese index serve model.safetensors items.index
  curl -H "Authorization: Bearer $SIAMESE_TOKEN" -d '{"ids": ["a-17"], "k": 5}' http://127.0.0.1:8765/v1/search

{"labels": [...]} and {"domains": [...]} of a search leave out other items.
`
}

// Run opens the index, listens and answers until ctx ends.
func (c *indexServeCommand) Run(ctx context.Context, s *streams) (err error) {
	if err := c.check(); err != nil {
		return err
	}
	u, err := bare(c.Model, c.backendFlag, c.widthFlags, s.errOut)
	if err != nil {
		return err
	}
	x, err := openIndex(ctx, c.Index, c.Model, &c.widthFlags, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	return c.serve(ctx, s, u, serve.Options{Index: x})
}

// bare returns a model that is used on no items of a table.
func bare(model string, b backendFlag, w widthFlags, errOut io.Writer) (*loadedModel, error) {
	flags := modelFlags{backendFlag: b, widthFlags: w}
	m, err := flags.load(model)
	if err != nil {
		return nil, err
	}
	backend, err := flags.openBackend(m, errOut)
	return &loadedModel{Model: m, backend: backend, told: map[string]bool{}}, err
}

// check returns what is wrong with the flags, or nil.
func (c *serverFlags) check() error {
	switch {
	case c.Port < 0 || c.Port > 65535:
		return wrongFlag("port", "%d is not a port: use 0 to 65535", c.Port)
	case c.MaxBody < 1 || c.MaxBody > 1<<20:
		return wrongFlag("max-body", "%d is not in [1, %d]", c.MaxBody, 1<<20)
	case c.MaxRows < 1:
		return wrongFlag("max-rows", "%d is less than 1", c.MaxRows)
	case c.Timeout <= 0:
		return wrongFlag("timeout", "%v is no time", c.Timeout)
	}
	return c.prevalenceFlag.check()
}

// serve listens and answers until ctx ends. opt has the gallery.
func (c *serverFlags) serve(ctx context.Context, s *streams, u *loadedModel, opt serve.Options) error {
	token, from, err := c.token()
	if err != nil {
		return err
	}
	if err := c.fits(u); err != nil {
		return err
	}
	// Before the gallery is embedded: that a port is taken is known at once.
	l, err := net.Listen("tcp", net.JoinHostPort(c.Host, strconv.Itoa(c.Port)))
	if err != nil {
		return option.Errorf("port", "%w", err)
	}
	defer l.Close()
	opt.Token, opt.Prevalence, opt.Log = token, c.Prevalence, log.New(s.errOut, "", log.LstdFlags)
	opt.MaxBytes, opt.MaxRows, opt.Timeout = int64(c.MaxBody)<<20, c.MaxRows, c.Timeout
	server, err := serve.New(ctx, u.backend, u.Model, opt)
	if err != nil {
		return err
	}
	defer server.Close()
	address := l.Addr().String()
	if c.Check {
		address = net.JoinHostPort(c.Host, strconv.Itoa(c.Port))
	}
	fmt.Fprintf(s.out, "%s on http://%s; at most %d MiB, %d items and %v seconds a request\n", server, address,
		c.MaxBody, c.MaxRows, c.Timeout.Seconds())
	if u.Calibration != nil {
		prevalence := c.Prevalence
		if prevalence == 0 {
			prevalence = u.Calibration.Prevalence
		}
		fmt.Fprintf(s.out, "probabilities are those where %.3g %% of pairs are the same\n", 100*prevalence)
	}
	if ip := net.ParseIP(c.Host); ip == nil || !ip.IsLoopback() {
		fmt.Fprintf(s.errOut, "warning: %s can be reached from other machines, and nothing is encrypted\n", quote.Text(c.Host))
	}
	fmt.Fprintln(s.out, "token:", from)
	if c.Check {
		return nil
	}
	return server.Run(ctx, l)
}

// token returns the token, and in words where it is from.
func (c *serverFlags) token() (token, from string, err error) {
	if c.TokenFile != "" {
		text, err := openfile.ReadFile(c.TokenFile)
		if err != nil {
			return "", "", option.Errorf("token-file", "%w", err)
		}
		line, _, _ := strings.Cut(string(text), "\n")
		if token = strings.TrimSpace(line); len(token) < serve.LeastToken {
			return "", "", option.Errorf("token-file", "%s: the first line has %d characters, want %d at least",
				quote.Text(c.TokenFile), len(token), serve.LeastToken)
		}
		return token, "that of " + quote.Text(c.TokenFile), nil
	}
	if token = os.Getenv(tokenVariable); token != "" {
		if len(token) < serve.LeastToken {
			return "", "", errors.New(tokenVariable + " is too short a token: use 16 characters or more")
		}
		return token, "that of " + tokenVariable, nil
	}
	token = rand.Text()
	return token, token, nil
}
