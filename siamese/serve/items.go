package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/embedding"
)

// items are those of a request in JSON.
type items struct {
	IDs     []string   `json:"ids"`     // of the gallery
	Columns []string   `json:"columns"` // of Rows; nil = those of the model in their order
	Rows    [][]number `json:"rows"`
}

// number is a float32 in JSON, null being NaN.
type number float32

// UnmarshalJSON reads a number, or null. One that no float32 can hold is an error.
func (n *number) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*n = number(math.NaN())
		return nil
	}
	v, err := strconv.ParseFloat(string(text), 32)
	if err != nil {
		return fmt.Errorf("%s is no number that fits into 32 bits", quote.Text(string(text)))
	}
	*n = number(v)
	return nil
}

// statusError is an error with the status that it gets.
type statusError struct {
	status int
	error
}

func (e statusError) Unwrap() error { return e.error }

// bad returns an error about a request, of status 400.
func bad(format string, args ...any) error {
	return statusError{http.StatusBadRequest, fmt.Errorf(format, args...)}
}

// decode reads a body in JSON into to. Fields that nobody asked for are errors: they are slips.
func decode(body io.Reader, to any) error {
	d := json.NewDecoder(body)
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return badBody(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return bad("there is more after the JSON value")
	}
	return nil
}

// badBody returns the error of a body that cannot be read, with its status.
func badBody(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return statusError{http.StatusRequestEntityTooLarge,
			fmt.Errorf("the body has more than %d bytes: send fewer items at a time", large.Limit)}
	}
	return bad("%w", err)
}

// resolve returns the embeddings of items, and their places in the gallery; nil where they are not of it.
func (s *Server) resolve(ctx context.Context, in items) (*embedding.Embeddings, []int, error) {
	switch {
	case (in.IDs == nil) == (in.Rows == nil):
		return nil, nil, bad("give rows, or ids of the gallery, and not both")
	case in.Rows == nil && in.Columns != nil:
		return nil, nil, bad("columns are for rows, and ids are given")
	case max(len(in.IDs), len(in.Rows)) > s.opt.MaxRows:
		return nil, nil, statusError{http.StatusRequestEntityTooLarge,
			fmt.Errorf("%d items are more than %d: send fewer at a time", max(len(in.IDs), len(in.Rows)), s.opt.MaxRows)}
	}
	if in.IDs == nil {
		frame, err := s.frame(in)
		if err != nil {
			return nil, nil, err
		}
		z, err := s.embed(ctx, frame)
		return z, nil, err
	}
	if s.gallery == nil {
		return nil, nil, bad("there is no gallery that ids could be of: give rows")
	}
	places := make([]int, len(in.IDs))
	for i, id := range in.IDs {
		at, ok := s.gallery.Number(id)
		if !ok {
			return nil, nil, bad("the gallery has no item %s", quote.Text(id))
		}
		places[i] = at
	}
	z, err := s.gallery.Embeddings(places)
	return z, places, err
}

// frame returns rows as a frame with the model's columns in their order.
func (s *Server) frame(in items) (*data.Frame, error) {
	t := s.model.Transform
	match := make([]int, t.F())
	for j := range match {
		match[j] = j
	}
	if in.Columns != nil {
		var err error
		if match, err = t.Match(in.Columns); err != nil {
			return nil, bad("%w", err)
		}
	}
	f := &data.Frame{Columns: t.Columns, Blocks: t.Blocks, X: make([]float32, 0, len(in.Rows)*t.F())}
	for i, row := range in.Rows {
		if len(row) != t.F() {
			return nil, bad("row %d has %d numbers, want %d", i, len(row), t.F())
		}
		for _, j := range match {
			f.X = append(f.X, float32(row[j]))
		}
		f.IDs = append(f.IDs, fmt.Sprint("row ", i))
	}
	return f, s.known(f)
}

// known returns an error about the first missing value, where the model fills none in.
func (s *Server) known(f *data.Frame) error {
	if s.model.Transform.Spec.Imputing() != preprocess.ImputeNone {
		return nil
	}
	if at := slices.IndexFunc(f.X, func(v float32) bool { return v != v }); at >= 0 {
		i, j := at/f.F(), at%f.F()
		return bad("row %d: column %s is missing, and the model was trained without missing values", i,
			quote.Text(f.Columns[j]))
	}
	return nil
}

// embed embeds a frame of the model's columns in their order; faults of its values have status 400.
func (s *Server) embed(ctx context.Context, f *data.Frame) (*embedding.Embeddings, error) {
	if f.N() == 0 {
		return &embedding.Embeddings{E: s.model.E()}, nil
	}
	z, err := s.batches.embed(ctx, f)
	if err == nil || errors.Is(err, errBusy) || errors.Is(err, errClosed) || ctx.Err() != nil {
		return z, err
	}
	return nil, bad("%w", err)
}

// table reads a body that is a table, in any format of package table but folders, through a file of its own. Columns are
// matched by name; those of an NPY file, which has no names, are in the model's order.
func (s *Server) table(ctx context.Context, r *http.Request) (_ *data.Frame, err error) {
	dir, err := os.MkdirTemp("", "siamese-body-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "items")
	if err := spool(path, r.Body); err != nil {
		return nil, badBody(err)
	}
	t := s.model.Transform
	f, _, err := table.Open(ctx, path, table.Options{NoCache: true, MaxBytes: 4 * s.opt.MaxBytes,
		AllowMissing: t.Spec.Imputing() != preprocess.ImputeNone})
	if err != nil {
		return nil, bad("%s", strings.ReplaceAll(err.Error(), path, "the table"))
	}
	if f.N() > s.opt.MaxRows {
		return nil, statusError{http.StatusRequestEntityTooLarge,
			fmt.Errorf("%d items are more than %d: send fewer at a time", f.N(), s.opt.MaxRows)}
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == npy && f.F() == t.F() {
		f.Columns, f.Blocks = t.Columns, t.Blocks
	}
	if err := t.CheckSettings(f.Settings); err != nil {
		return nil, bad("%w", err)
	}
	if _, err := t.Match(f.Columns); err != nil {
		return nil, bad("%w", err)
	}
	settings := f.Settings
	if f, err = f.SelectColumns(t.Columns); err != nil {
		return nil, bad("%w", err)
	}
	f.Settings = settings
	return f, s.known(f)
}

// spool copies a body to a file.
func spool(path string, body io.Reader) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, body)
	return errors.Join(err, f.Close())
}
