package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/milvus"
)

// serverFlags say which collection of which server, and how to reach it. Secrets are in files or in the environment:
// all users of a machine see its command lines.
type serverFlags struct {
	Collection string `arg:"" help:"Name of the collection."`

	Address  string `default:"localhost:19530" placeholder:"HOST:PORT" help:"Where the server is (${default})."`
	Database string `placeholder:"NAME" help:"Database of the server."`
	Username string `placeholder:"NAME" help:"User; the password is in SIAMESE_MILVUS_PASSWORD or --password-file."`

	PasswordFile string `option:"Password" placeholder:"FILE" help:"File with the password of --username."`
	TokenFile    string `option:"Token" placeholder:"FILE" help:"File with a token, else that in SIAMESE_MILVUS_TOKEN."`

	TLS       bool   `help:"Encrypt; the server's certificate has to be valid for its name."`
	CA        string `name:"ca" placeholder:"FILE" help:"PEM certificates to trust in place of the system's; encrypts."`
	Plaintext bool   `help:"Send the secret without encryption to another machine."`

	Timeout time.Duration `default:"10s" help:"How long to wait for an answer (${default})."`
	Retries int           `default:"6" help:"How often to try again where the server is not reached or busy (${default})."`
}

// config returns the configuration with the secret.
func (f *serverFlags) config() (milvus.Config, error) {
	if f.Timeout <= 0 {
		return milvus.Config{}, wrongFlag("timeout", "%v: an answer takes some time", f.Timeout)
	}
	if f.Retries < 0 {
		return milvus.Config{}, wrongFlag("retries", "%d is negative", f.Retries)
	}
	c := milvus.Config{Address: f.Address, Database: f.Database, Collection: f.Collection, Username: f.Username,
		TLS: f.TLS, CA: f.CA, Plaintext: f.Plaintext, Timeout: f.Timeout, Retries: cmp.Or(f.Retries, -1)}
	var err error
	if c.Password, err = secret("password-file", f.PasswordFile, "SIAMESE_MILVUS_PASSWORD"); err != nil {
		return c, err
	}
	if c.Token, err = secret("token-file", f.TokenFile, "SIAMESE_MILVUS_TOKEN"); err != nil {
		return c, err
	}
	if f.Username == "" && f.PasswordFile == "" {
		c.Password = "" // of the environment, for other commands
	}
	if err := c.Validate(); err != nil {
		return c, usageError{err}
	}
	return c, nil
}

// secret returns the first line of a file, else a variable of the environment.
func secret(flag, path, variable string) (string, error) {
	if path == "" {
		return os.Getenv(variable), nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", &option.Error{Option: flag, Err: err}
	}
	line, rest, _ := strings.Cut(string(b), "\n")
	if line = strings.TrimSuffix(line, "\r"); line == "" || strings.TrimSpace(rest) != "" {
		return "", option.Errorf(flag, "%s has to be one line, the secret", quote.Text(path))
	}
	return line, nil
}

// with runs work on the collection.
func (f *serverFlags) with(ctx context.Context, work func(x *milvus.Collection) error) error {
	c, err := f.config()
	if err != nil {
		return err
	}
	x, err := milvus.Open(ctx, c)
	if err != nil {
		return err
	}
	return errors.Join(work(x), x.Close())
}

type deleteCommand struct {
	serverFlags
	IDs []string `arg:"" name:"id" help:"Ids of items."`
}

// Run deletes the items, or none where one is not there.
func (c *deleteCommand) Run(ctx context.Context, s *streams) error {
	return c.with(ctx, func(x *milvus.Collection) error {
		err := x.Delete(ctx, c.IDs...)
		if err == nil {
			fmt.Fprintf(s.out, "%s: %s deleted\n", c.Collection, quote.Count(len(c.IDs), "item"))
		}
		return err
	})
}

type dropCommand struct{ serverFlags }

// Run drops the collection.
func (c *dropCommand) Run(ctx context.Context, s *streams) error {
	return c.with(ctx, func(x *milvus.Collection) error {
		err := x.Drop(ctx)
		if err == nil {
			fmt.Fprintf(s.out, "%s: dropped\n", c.Collection)
		}
		return err
	})
}

type statsCommand struct {
	serverFlags
	JSON bool `name:"json" help:"As JSON."`
}

// Run prints what the collection holds.
func (c *statsCommand) Run(ctx context.Context, s *streams) error {
	return c.with(ctx, func(x *milvus.Collection) error {
		stats, err := x.Stats(ctx)
		switch {
		case err != nil:
		case c.JSON:
			err = json.NewEncoder(s.out).Encode(stats)
		default:
			fmt.Fprintf(s.out, "%s: %s\n", c.Collection, stats)
		}
		return err
	})
}
