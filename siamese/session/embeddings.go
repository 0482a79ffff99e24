package session

import (
	"context"
	"encoding/json"
	"fmt"
)

// SaveEmbeddings writes the embeddings of the frame's items, each of unit length, as a table with their ids, labels and
// domains; the path's ending says the format: .npy (the numbers alone), .npz, .parquet, .arrow, .csv, .tsv. It returns
// what is doubtful about them, in sentences.
func (m *Model) SaveEmbeddings(ctx context.Context, f *Frame, path string) (warnings []string, err error) {
	return m.saveOf(ctx, "save embeddings", map[string]string{"model": m.Key, "frame": f.Key}, path)
}

// SaveIndex writes the embeddings of the frame's items as an index, which [Model.SimilarIn] and the command search
// without embedding them again: the file of package siamese/search. storage is how they are compared: "float32" (""),
// "float16" or "int8". It returns what is doubtful about them, in sentences.
func (m *Model) SaveIndex(ctx context.Context, f *Frame, path, storage string) (warnings []string, err error) {
	return m.saveOf(ctx, "save index", map[string]string{"model": m.Key, "frame": f.Key, "storage": storage}, path)
}

// saveOf asks for a file of embeddings at path.
func (m *Model) saveOf(ctx context.Context, op string, args map[string]string, path string) ([]string, error) {
	path, err := absolute(path)
	if err != nil {
		return nil, err
	}
	args["path"] = path
	body, err := json.Marshal(args)
	if err != nil {
		return nil, err
	}
	answer, err := m.session.call(ctx, op, body, nil)
	if err != nil {
		return nil, err
	}
	var doubts struct {
		Warnings []string `json:"warnings"`
	}
	if err := json.Unmarshal(answer.Body, &doubts); err != nil {
		return nil, fmt.Errorf("the session's answer: %w", err)
	}
	return doubts.Warnings, nil
}
