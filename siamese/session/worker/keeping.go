package worker

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/store"
)

// Kept returns the values in a folder, those used last first. No worker needs to run.
func Kept(dir string) ([]session.Listed, error) {
	s, err := store.Open(dir, 0)
	if err != nil {
		return nil, err
	}
	entries, err := s.List()
	if err != nil {
		return nil, err
	}
	var out []session.Listed
	for _, e := range entries {
		out = append(out, session.Listed{Value: *valueOf(e.Record, true, nil), Used: e.Used})
	}
	return out, nil
}

// Clear removes the values in a folder whose keys begin with the given ids, or without any all of them. A worker that
// runs computes them again when they are wanted. An id that no value has is an error, and then nothing is removed.
func Clear(dir string, ids ...string) (session.Cleared, error) {
	s, err := store.Open(dir, 0)
	if err != nil {
		return session.Cleared{}, err
	}
	var keys []string
	if len(ids) > 0 {
		entries, err := s.List()
		if err != nil {
			return session.Cleared{}, err
		}
		for _, id := range ids {
			i := slices.IndexFunc(entries, func(e store.Entry) bool { return id != "" && strings.HasPrefix(e.Key, id) })
			if i < 0 {
				return session.Cleared{}, fmt.Errorf("no value has the id %q: list shows them", id)
			}
			keys = append(keys, entries[i].Key)
		}
	}
	n, bytes, err := s.Clear(keys)
	return session.Cleared{Values: n, Bytes: bytes}, err
}
