package serve

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/search"
	"github.com/go-siamese/lab/siamese/version"
)

// about is the answer of /v1/model.
type about struct {
	Lab       string   `json:"lab"`     // version of the lab that serves
	Columns   []string `json:"columns"` // [F]
	Width     int      `json:"width"`   // E, of an embedding
	Threshold float64  `json:"threshold"`
	// Prevalence is that of the probabilities; absent where the model gives none.
	Prevalence float64 `json:"prevalence,omitempty"`
	Gallery    int     `json:"gallery"` // number of items, 0 = none
	// Recall is that of approximate searches in the gallery; absent where they are exact.
	Recall  *search.Certificate `json:"recall,omitempty"`
	Imputes bool                `json:"imputes"` // whether null is allowed
	Notes   []string            `json:"notes,omitempty"`
}

func (s *Server) about(w http.ResponseWriter, _ *http.Request) error {
	a := about{Lab: version.Version, Columns: s.model.Transform.Columns, Width: s.model.E(), Threshold: s.model.Threshold,
		Prevalence: s.prevalence(), Imputes: len(s.model.Transform.Fill) > 0, Notes: s.model.Notes}
	if s.gallery != nil {
		a.Gallery, a.Recall = s.gallery.Stats().Items, s.recall
	}
	if s.model.Cut != "" {
		a.Notes = append(slices.Clone(a.Notes), "the training was cut, "+s.model.Cut)
	}
	return answer(w, a)
}

// prevalence returns that of the probabilities, 0 = there are none.
func (s *Server) prevalence() float64 {
	switch {
	case s.model.Calibration == nil:
		return 0
	case s.opt.Prevalence != 0:
		return s.opt.Prevalence
	}
	return s.model.Calibration.Prevalence
}

// embedded is the answer of /v1/embed in JSON.
type embedded struct {
	Embeddings [][]float32 `json:"embeddings"`         // each of unit length, or zero
	Warnings   []string    `json:"warnings,omitempty"` // what is doubtful about them
}

// embedItems answers with the embeddings of items in JSON or in a table, in JSON or as the table that Accept names.
func (s *Server) embedItems(w http.ResponseWriter, r *http.Request) error {
	kind, err := accepted(r)
	if err != nil {
		return err
	}
	z, frame, err := s.read(r)
	if err != nil {
		return err
	}
	if kind != jsonType {
		return s.answerTable(w, z, frame, kind)
	}
	out := embedded{Embeddings: make([][]float32, z.N), Warnings: z.Warnings()}
	for i := range z.N {
		out.Embeddings[i] = z.Row(i)
	}
	return answer(w, out)
}

// read returns the embeddings of the items in a body, and the frame of those that came as a table, else nil.
func (s *Server) read(r *http.Request) (*embedding.Embeddings, *data.Frame, error) {
	if isJSON(r) {
		var in items
		if err := decode(r.Body, &in); err != nil {
			return nil, nil, err
		}
		z, _, err := s.resolve(r.Context(), in)
		return z, nil, err
	}
	frame, err := s.table(r.Context(), r)
	if err != nil {
		return nil, nil, err
	}
	z, err := s.embed(r.Context(), frame)
	return z, frame, err
}

// scores is the answer of /v1/score, a value for each pair.
type scores struct {
	Cosines       []float64 `json:"cosines"`                 // in [-1, 1]
	Same          []bool    `json:"same"`                    // whether the cosine reaches the threshold
	Probabilities []float64 `json:"probabilities,omitempty"` // of being the same; absent without a calibration
	Threshold     float64   `json:"threshold"`
	Prevalence    float64   `json:"prevalence,omitempty"` // that the probabilities assume
	Warnings      []string  `json:"warnings,omitempty"`
}

// score answers with the similarity of the items left[i] and right[i].
func (s *Server) score(w http.ResponseWriter, r *http.Request) error {
	if !isJSON(r) {
		return statusError{http.StatusUnsupportedMediaType, fmt.Errorf("pairs are sent as %s", jsonType)}
	}
	var in struct {
		Left  items `json:"left"`
		Right items `json:"right"`
	}
	if err := decode(r.Body, &in); err != nil {
		return err
	}
	var sides [2]*embedding.Embeddings
	var warnings []string
	for k, side := range []items{in.Left, in.Right} {
		z, _, err := s.resolve(r.Context(), side)
		if err != nil {
			return within([]string{"left", "right"}[k], err)
		}
		sides[k] = z
		for _, one := range z.Warnings() {
			if !slices.Contains(warnings, one) {
				warnings = append(warnings, one)
			}
		}
	}
	left, right := sides[0], sides[1]
	if left.N != right.N {
		return bad("there are %d items on the left and %d on the right: a pair has one of each", left.N, right.N)
	}
	out := scores{Cosines: make([]float64, left.N), Same: make([]bool, left.N), Threshold: s.model.Threshold,
		Prevalence: s.prevalence(), Warnings: warnings}
	for i := range left.N {
		out.Cosines[i] = embedding.Cosine(left.Row(i), right.Row(i))
		out.Same[i] = out.Cosines[i] >= s.model.Threshold
		if p := s.probability(out.Cosines[i]); p != nil {
			out.Probabilities = append(out.Probabilities, *p)
		}
	}
	return answer(w, out)
}

// within returns err with the part of a body that it is about, and the same status.
func within(part string, err error) error {
	if status, ok := err.(statusError); ok { //nolint:errorlint // made here
		return statusError{status.status, fmt.Errorf("%s: %w", part, status.error)}
	}
	return err
}

// probability returns that of two items being the same; nil = the model gives none.
func (s *Server) probability(cosine float64) *float64 {
	p, err := s.model.Probability(cosine, s.opt.Prevalence)
	if err != nil { // checked by New but for a calibration
		return nil
	}
	return &p
}
