package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/store"
	"github.com/go-siamese/lab/siamese/session/internal/wire"
)

// listValues answers with all values, those used last first.
func listValues(_ context.Context, w *Worker, _ *client, _ []byte) (wire.Message, error) {
	entries, err := w.store.List()
	if err != nil {
		return wire.Message{}, err
	}
	type listed struct {
		*session.Value
		Used time.Time `json:"used"`
	}
	out := []listed{}
	for _, e := range entries {
		out = append(out, listed{valueOf(e.Record, true, nil), e.Used})
	}
	body, err := json.Marshal(out)
	return wire.Message{Body: body}, err
}

// clearValues removes the values with the given keys, or all of them.
func clearValues(_ context.Context, w *Worker, _ *client, body []byte) (wire.Message, error) {
	var args struct {
		Keys []string `json:"keys"` // nil = all
	}
	if err := decodeArgs("clear", body, &args); err != nil {
		return wire.Message{}, err
	}
	w.closeExplorers(args.Keys)
	removed, bytes, err := w.store.Clear(args.Keys)
	if args.Keys == nil {
		w.objects.clear()
	}
	for _, key := range args.Keys {
		w.objects.forget(key)
	}
	if err != nil {
		return wire.Message{}, err
	}
	answer, err := json.Marshal(map[string]int64{"removed": int64(removed), "bytes": bytes})
	return wire.Message{Body: answer}, err
}

// status answers with what the worker is and holds.
func status(_ context.Context, w *Worker, _ *client, _ []byte) (wire.Message, error) {
	s := session.Status{Pid: os.Getpid(), Code: w.code, Memory: resident()}
	s.Values, s.Most = w.objects.size()
	w.mu.Lock()
	s.Explorers = len(w.explorers)
	w.mu.Unlock()
	w.backendOnce.Lock()
	if w.backend != nil {
		s.Backend = w.backend.Why
	}
	w.backendOnce.Unlock()
	w.marker.mu.Lock()
	s.Running = slices.Sorted(maps.Keys(w.marker.runs))
	w.marker.mu.Unlock()
	body, err := json.Marshal(s)
	return wire.Message{Body: body}, err
}

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
