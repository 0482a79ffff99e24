package worker

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/go-siamese/lab/siamese/session"
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
