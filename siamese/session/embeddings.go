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
	if path, err = absolute(path); err != nil {
		return nil, err
	}
	body, err := json.Marshal(map[string]string{"model": m.Key, "frame": f.Key, "path": path})
	if err != nil {
		return nil, err
	}
	answer, err := m.session.call(ctx, "save embeddings", body, nil)
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
