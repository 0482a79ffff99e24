package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-siamese/lab/siamese/session"
)

// Score returns how similar two items are, by their ids.
func (m *Model) Score(left, right string) *session.Score {
	return result(during("comparing", func(func(session.Work)) (*session.Score, error) {
		return m.model.Score(stopped(), m.items.frame, left, right)
	}))
}

// ScoreOf returns how similar a new item is to one of the model's, by its id.
func (m *Model) ScoreOf(fresh Fresh, id string) *session.Score {
	queries := fresh.fresh(m)
	if len(queries) != 1 {
		check(fmt.Errorf("there are %d new items: score one at a time, or use SimilarTo", len(queries)))
	}
	return result(during("comparing", func(func(session.Work)) (*session.Score, error) {
		return m.model.ScoreWith(stopped(), queries[0].frame, queries[0].id, m.items.frame, id)
	}))
}

// Similar returns the items most similar to the one with an id, itself left out: k of them, 10 if it is not given.
func (m *Model) Similar(id string, k ...int) *session.Neighbours {
	return m.similar(nil, id, number(k))
}

// similar searches for an item of a frame, nil = one of those that are searched.
func (m *Model) similar(of *session.Frame, id string, k int) *session.Neighbours {
	return result(during("searching", func(func(session.Work)) (*session.Neighbours, error) {
		if m.index != "" {
			if m.gallery != (session.GalleryOptions{}) {
				return nil, errors.New("an index is searched as it is: leave out Expand and Rerank, or In")
			}
			return m.model.SimilarIn(stopped(), m.index, of, id, k, m.in)
		}
		if of == nil {
			of = m.items.frame
		}
		return m.model.SimilarWith(stopped(), m.items.frame, of, id, k, m.gallery)
	}))
}

// number returns the one number of optional ones, 0 = none.
func number(k []int) int {
	switch {
	case len(k) == 0:
		return 0
	case len(k) > 1:
		check(errors.New("one number of neighbours is enough"))
	case k[0] < 1:
		check(fmt.Errorf("%d neighbours: at least 1", k[0]))
	}
	return k[0]
}

// Fresh are new items that a model has not seen: [Pictures], or other [Items].
type Fresh interface{ fresh(m *Model) []query }

// query is an item of a frame.
type query struct {
	frame *session.Frame
	id    string
}

// pictures are files by a pattern.
type pictures string

// Pictures are the picture files of a pattern such as "new/*.png", a file, or all pictures in a folder. Their features
// are computed as the model's were.
func Pictures(pattern string) Fresh { return pictures(pattern) }

func (p pictures) fresh(m *Model) []query {
	paths := []string{string(p)}
	if _, err := os.Stat(string(p)); err != nil { // a name that is there is no pattern
		paths, err = filepath.Glob(string(p))
		check(err)
	}
	if len(paths) == 0 {
		check(fmt.Errorf("no file is %q", string(p)))
	}
	if m.model.Settings == "" {
		check(errors.New("the model does not know how the features of its items were computed from pictures: " +
			"compute those of the new ones likewise, and use SimilarTo(lab.Open(TABLE))"))
	}
	var all []query
	for _, path := range paths {
		i := Open(path, func(o *session.OpenOptions) { o.Settings = m.model.Settings })
		if info, err := os.Stat(path); err == nil && !info.IsDir() && i.N == 1 {
			all = append(all, query{i.frame, filepath.Base(path)})
			continue
		}
		all = append(all, i.fresh(m)...)
	}
	return all
}

func (i *Items) fresh(*Model) []query {
	var all []query
	for _, id := range i.IDs() {
		all = append(all, query{i.frame, id})
	}
	return all
}

// Nearest has the neighbours of several new items.
type Nearest []*session.Neighbours

// SimilarTo returns the items most similar to new ones: for each k, 10 if it is not given.
func (m *Model) SimilarTo(fresh Fresh, k ...int) Nearest {
	n := number(k)
	var out Nearest
	for _, q := range fresh.fresh(m) {
		out = append(out, m.similar(q.frame, q.id, n))
	}
	return out
}

// String returns the neighbours of each.
func (n Nearest) String() string {
	var texts []string
	for _, one := range n {
		texts = append(texts, one.String())
	}
	return strings.Join(texts, "\n")
}

// mostShown bounds the new items that are shown.
const mostShown = 20

// Display shows the neighbours of each in the cell, of many those of the first 20.
func (n Nearest) Display() {
	for one := range slices.Values(n[:min(len(n), mostShown)]) {
		display(one)
	}
	if more := len(n) - mostShown; more > 0 {
		fmt.Printf("and those of %d more: take a part of them, such as [20:40]\n", more)
	}
}

// Explain returns which blocks and features the similarity of two items comes from.
func (m *Model) Explain(left, right string) *session.Explanation {
	return result(during("explaining", func(func(session.Work)) (*session.Explanation, error) {
		return m.model.Explain(stopped(), m.items.frame, left, right, session.ExplainOptions{})
	}))
}

// In returns the model for searches in an index, a file that SaveIndex or the command index wrote with this model:
// Similar and SimilarTo find its items then, without embedding them again. Options say which.
//
//	model.In("items.index").SimilarTo(lab.Pictures("new/*.png"), 5)
//	model.In("items.index", lab.OnlyLabels("shoe", "boot")).Similar("a-17", 5)
func (m *Model) In(path string, options ...Option[session.IndexOptions]) *Model {
	in := *m
	in.index, in.in = path, change(session.IndexOptions{}, options)
	return &in
}

// OnlyLabels has a search in an index find items of these labels alone.
func OnlyLabels(labels ...string) Option[session.IndexOptions] {
	return func(o *session.IndexOptions) { o.Labels = append([]string{}, labels...) } // none is not all
}

// SaveIndex writes the model's items as an index for [Model.In] and the command: their embeddings, ids, labels and
// domains. Numbers are compared as "float32", or as what is given: "float16", or "int8", whose answers are approximate
// and say how good they are.
//
//	model.SaveIndex("items.index")
func (m *Model) SaveIndex(path string, storage ...string) {
	if len(storage) > 1 {
		check(errors.New("numbers are kept in one way: float32, float16 or int8"))
	}
	doubts := result(during("indexing", func(func(session.Work)) ([]string, error) {
		return m.model.SaveIndex(stopped(), m.items.frame, path, strings.Join(storage, ""))
	}))
	for _, d := range doubts {
		fmt.Println("warning: " + d)
	}
}

// SaveEmbeddings writes the embeddings of the model's items, each of unit length, as a table with their ids, labels and
// domains; the path's ending says the format: .npy (the numbers alone), .npz, .parquet, .arrow, .csv, .tsv.
func (m *Model) SaveEmbeddings(path string) {
	doubts := result(during("embedding", func(func(session.Work)) ([]string, error) {
		return m.model.SaveEmbeddings(stopped(), m.items.frame, path)
	}))
	for _, d := range doubts {
		fmt.Println("warning: " + d)
	}
}
