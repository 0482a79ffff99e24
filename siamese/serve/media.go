package serve

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/embedding"
)

// Media types of bodies. Tables may be of others too, since they are recognised by content.
const (
	jsonType = "application/json"
	npy      = "application/x-npy"
)

// tableEndings are the endings of package table for the media types that embeddings are written in.
var tableEndings = map[string]string{
	npy: ".npy", "application/vnd.apache.arrow.file": ".arrow", "application/vnd.apache.parquet": ".parquet",
	"text/csv": ".csv",
}

// accepted returns the first media type of Accept that embeddings can be written in.
func accepted(r *http.Request) (string, error) {
	list := r.Header.Values("Accept")
	if len(list) == 0 {
		return jsonType, nil
	}
	for one := range strings.SplitSeq(strings.Join(list, ","), ",") {
		kind, _, err := mime.ParseMediaType(strings.TrimSpace(one))
		switch {
		case err != nil:
		case kind == jsonType || kind == "*/*" || kind == "application/*":
			return jsonType, nil
		case tableEndings[kind] != "":
			return kind, nil
		}
	}
	return "", statusError{http.StatusNotAcceptable, fmt.Errorf("embeddings are written as %s", known())}
}

// known lists the media types of answers.
func known() string {
	kinds := []string{jsonType}
	for kind := range tableEndings {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	return strings.Join(kinds, ", ")
}

// isJSON reports whether a body is JSON, which it is where nothing else is said.
func isJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err != nil || kind == jsonType || kind == "application/x-www-form-urlencoded" // what curl says unasked
}

// answerTable writes embeddings with the ids, labels and domains of frame; nil = numbers for ids.
func (s *Server) answerTable(w http.ResponseWriter, z *embedding.Embeddings, frame *data.Frame, kind string) error {
	dir, err := os.MkdirTemp("", "siamese-answer-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "embeddings"+tableEndings[kind])
	if err := table.Save(path, z.Frame(frame)); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, warning := range z.Warnings() {
		w.Header().Add("X-Warning", quote.Line(warning))
	}
	w.Header().Set("Content-Type", kind)
	if stat, err := f.Stat(); err == nil {
		w.Header().Set("Content-Length", strconv.FormatInt(stat.Size(), 10))
	}
	_, _ = io.Copy(w, f) // who has gone away misses the rest
	return nil
}

// answer writes a value as JSON.
func answer(w http.ResponseWriter, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", jsonType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)+1))
	_, _ = w.Write(append(body, '\n')) // who has gone away misses the rest
	return nil
}
