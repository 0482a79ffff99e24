package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/formula"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/onnx"
	"github.com/go-siamese/lab/siamese/search"
	"github.com/go-siamese/lab/siamese/session/internal/wire"
	"github.com/go-siamese/lab/siamese/show"
	"github.com/go-siamese/lab/siamese/study/export"
	"github.com/go-siamese/lab/siamese/study/found"
)

// saveFile writes a file of a value to a path: as it is, but a model in ONNX where the path ends in .onnx.
func saveFile(_ context.Context, w *Worker, _ *client, body []byte) (wire.Message, error) {
	var args struct {
		Key  string `json:"key"`
		File string `json:"file"`
		Path string `json:"path"`
	}
	if err := decodeArgs("save", body, &args); err != nil {
		return wire.Message{}, err
	}
	from, err := w.opened(args.Key, args.File)
	if err != nil {
		return wire.Message{}, err
	}
	defer from.Close()
	if args.File == modelFile && strings.EqualFold(filepath.Ext(args.Path), ".onnx") {
		m, err := siamese.Load(from.Name())
		if err == nil {
			err = onnx.Save(args.Path, m)
		}
		if err != nil {
			return wire.Message{}, err
		}
	} else if err := atomicfile.Write(args.Path, func(to io.Writer) error {
		_, err := io.Copy(to, from)
		return err
	}); err != nil {
		return wire.Message{}, err
	}
	return wire.Message{Told: []provenance.Event{{Kind: provenance.FileWritten, Text: args.Path}}}, nil
}

// embedded returns a frame with its embeddings by a model, and warnings about them.
func (t *task) embedded(ctx context.Context, model, frame string) (*frameObject, *embeddingsObject, []string, error) {
	f, err := input[*frameObject](ctx, t, frame)
	if err != nil {
		return nil, nil, nil, err
	}
	z, warnings, err := t.embeddings(ctx, model, frame)
	return f, z, warnings, err
}

// written is the answer of a task that has written a file.
func (t *task) written(path string, warnings []string) (wire.Message, error) {
	answer, err := json.Marshal(warned{warnings})
	t.tell(provenance.Event{Kind: provenance.FileWritten, Text: path})
	return wire.Message{Body: answer, Told: t.events}, err
}

// saveEmbeddings writes the embeddings of a frame as a table, in the format that the path's ending says.
func saveEmbeddings(ctx context.Context, w *Worker, c *client, body []byte) (wire.Message, error) {
	var args struct {
		Model string `json:"model"`
		Frame string `json:"frame"`
		Path  string `json:"path"`
	}
	if err := decodeArgs("save embeddings", body, &args); err != nil {
		return wire.Message{}, err
	}
	t := &task{w: w, flight: &flight{}, key: args.Model, cell: c.cell, begun: time.Now()}
	defer t.release()
	f, z, warnings, err := t.embedded(ctx, args.Model, args.Frame)
	if err != nil {
		return wire.Message{}, err
	}
	out := z.Frame(f.Frame)
	if n := formula.Count(out); n > 0 && strings.Contains(strings.ToLower(filepath.Ext(strings.TrimSuffix(
		strings.TrimSuffix(args.Path, ".gz"), ".zst"))), "sv") {
		warnings = append(warnings, fmt.Sprintf("%s in %s begin with =, +, - or @: a spreadsheet would run them as formulas",
			quote.Count(n, "text"), quote.Text(args.Path)))
	}
	if err := table.Save(args.Path, out); err != nil {
		return wire.Message{}, err
	}
	return t.written(args.Path, warnings)
}

// saveIndex writes the embeddings of a frame as an index of the model.
func saveIndex(ctx context.Context, w *Worker, c *client, body []byte) (wire.Message, error) {
	var args struct {
		Model   string         `json:"model"`
		Frame   string         `json:"frame"`
		Storage search.Storage `json:"storage"`
		Path    string         `json:"path"`
	}
	if err := decodeArgs("save index", body, &args); err != nil {
		return wire.Message{}, err
	}
	t := &task{w: w, flight: &flight{}, key: args.Model, cell: c.cell, begun: time.Now()}
	defer t.release()
	f, z, warnings, err := t.embedded(ctx, args.Model, args.Frame)
	if err != nil {
		return wire.Message{}, err
	}
	_, hash, err := openfile.Hash(w.store.Path(args.Model, modelFile))
	if err != nil {
		return wire.Message{}, err
	}
	x, err := search.New(z.E, search.Config{Storage: args.Storage, Of: hash, Room: z.N})
	if err != nil {
		return wire.Message{}, err
	}
	if err := x.Add(ctx, z.Embeddings, f.Frame); err != nil {
		return wire.Message{}, err
	}
	if err := x.Save(args.Path); err != nil {
		return wire.Message{}, err
	}
	return t.written(args.Path, warnings)
}

// searchWriters write a search, by the ending of the path; "" = a folder.
var searchWriters = map[string]func(path string, r *found.Result) error{
	".csv":     export.CSV,
	".parquet": export.Parquet,
	".journal": func(path string, r *found.Result) error {
		return export.Journal(path, strings.TrimSuffix(filepath.Base(path), ".journal"), r, time.Now())
	},
	".html": func(path string, r *found.Result) error { return show.SaveSearch(path, show.PageOptions{}, r) },
	"":      export.TensorBoard,
}

// saveSearch writes a search for another program.
func saveSearch(ctx context.Context, w *Worker, c *client, body []byte) (wire.Message, error) {
	var args struct {
		Key  string `json:"key"`
		Path string `json:"path"`
	}
	if err := decodeArgs("save search", body, &args); err != nil {
		return wire.Message{}, err
	}
	write := searchWriters[strings.ToLower(filepath.Ext(args.Path))]
	if write == nil || args.Path == "" {
		return wire.Message{}, option.Errorf("path", "%s: the name ends in .journal (Optuna), .csv, .parquet or .html, or has "+
			"no ending for a folder of TensorBoard", quote.Text(args.Path))
	}
	t := &task{w: w, flight: &flight{}, key: args.Key, cell: c.cell, begun: time.Now()}
	defer t.release()
	s, err := input[*searchObject](ctx, t, args.Key)
	if err != nil {
		return wire.Message{}, err
	}
	if err := write(args.Path, s.Result); err != nil {
		return wire.Message{}, err
	}
	return wire.Message{Told: []provenance.Event{{Kind: provenance.FileWritten, Text: args.Path}}}, nil
}
