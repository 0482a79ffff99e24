package worker

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/onnx"
	"github.com/go-siamese/lab/siamese/origin"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/wire"
)

// answered calls an operation and returns the value with what is told of it.
func answered(conn *wire.Conn, op string, args any) (session.Value, []provenance.Event, error) {
	var v session.Value
	body, err := json.Marshal(args)
	if err != nil {
		return v, nil, err
	}
	if err := conn.Send(wire.Message{Kind: wire.Call, Call: 1, Op: op, Body: body}); err != nil {
		return v, nil, err
	}
	for {
		m, err := conn.Receive()
		switch {
		case err != nil:
			return v, nil, err
		case m.Kind == wire.Problem:
			return v, m.Told, errors.New(op + ": " + string(m.Body))
		case m.Kind == wire.Result && strings.HasPrefix(string(m.Body), "{"):
			return v, m.Told, json.Unmarshal(m.Body, &v)
		case m.Kind == wire.Result:
			return v, m.Told, nil
		}
	}
}

// tableOf writes a table of 60 items of three classes and returns its path.
func tableOf(t *testing.T, name string, seed uint64) string {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	text := "id,label,a,b,c,d\n"
	for i := range 60 {
		text += fmt.Sprintf("i%d,%c", i, 'x'+rune(i%3))
		for j := range 4 {
			text += fmt.Sprintf(",%.3f", rng.NormFloat64()+3*float64((i+j)%3))
		}
		text += "\n"
	}
	return written(t, name, text)
}

// written writes a file and returns its path.
func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// small is a configuration that trains in a moment.
func small(seed uint64) config.Config {
	cfg := config.Default()
	cfg.Layers, cfg.PairsPerEpoch, cfg.BatchPairs, cfg.Epochs, cfg.ValPairs = []int{8}, 64, 16, 1, 50
	cfg.Seed = seed
	return cfg
}

// Events as they are expected.
func readEvent(path string) provenance.Event {
	return provenance.Event{Kind: provenance.FileRead, Text: path}
}

func keptEvent(key string) provenance.Event {
	return provenance.Event{Kind: provenance.KeptValue, Text: key}
}

var goEvent = provenance.Event{Kind: provenance.Fact, Name: "backend", Text: "go"}

// A call that is refused is told what it has read all the same, and nothing of what is not there.
func TestToldOfRefused(t *testing.T) {
	_, path := serve(t, Options{Dir: t.TempDir()})
	conn, _ := dial(t, path)
	bad, labels := written(t, "bad.csv", "id,label,a\nx,y,1\nz,y,wrong\n"), written(t, "labels.csv", "id,label\nx,y\n")
	for _, test := range []struct {
		args openArgs
		want []provenance.Event
	}{
		{openArgs{Path: bad}, []provenance.Event{readEvent(bad)}},
		{openArgs{Path: bad, Options: session.OpenOptions{Labels: labels}},
			[]provenance.Event{readEvent(bad), readEvent(labels)}},
		{openArgs{Path: filepath.Join(filepath.Dir(bad), "none.csv"), Options: session.OpenOptions{Labels: labels}},
			[]provenance.Event{readEvent(labels)}},
	} {
		_, told, err := answered(conn, "open", &test.args)
		if err == nil || !slices.Equal(told, test.want) {
			t.Errorf("%s: error %v, told %v, want %v", test.args.Path, err, told, test.want)
		}
	}
}

// Each call is told what it read and drew from, with its first answer and with a later one; then the value's key comes
// too. What the library itself tells meanwhile is among that: no operation reads a file or takes a seed that its answer
// does not tell.
func TestTold(t *testing.T) {
	dir := t.TempDir()
	w, path := serve(t, Options{Dir: dir})
	if _, err := w.openBackend(); err != nil { // which tells so, and does it in the background else
		t.Fatal(err)
	}
	var mu sync.Mutex
	var library []provenance.Event
	t.Cleanup(provenance.To(func(e provenance.Event) {
		own := e.Kind == provenance.FileRead && strings.HasPrefix(e.Text, dir) // kept values and their parts
		if (e.Kind == provenance.FileRead || e.Kind == provenance.Fact) && !own {
			mu.Lock()
			library = append(library, e)
			mu.Unlock()
		}
	}))
	conn, _ := dial(t, path)
	items, more := tableOf(t, "items.csv", 1), tableOf(t, "more.csv", 2)
	pairsText := "left,right,same\n"
	for i := range 600 {
		a, b := i%60, (i*7+i/60+1)%60
		if a != b {
			pairsText += fmt.Sprintf("i%d,i%d,%d\n", a, b, map[bool]int{true: 1}[a%3 == b%3])
		}
	}
	given := written(t, "pairs.csv", pairsText)
	call := func(op string, args any, want ...provenance.Event) session.Value {
		t.Helper()
		mu.Lock()
		library = nil
		mu.Unlock()
		v, told, err := answered(conn, op, args)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(told, want) {
			t.Errorf("%s: told %v, want %v", op, told, want)
		}
		mu.Lock()
		for _, e := range library {
			if !slices.Contains(told, e) {
				t.Errorf("%s: the library tells %v, the answer only %v", op, e, told)
			}
		}
		mu.Unlock()
		_, again, err := answered(conn, op, args)
		if err != nil {
			t.Fatal(err)
		}
		if want := append(slices.Clone(told), keptEvent(v.Key)); !slices.Equal(again, want) {
			t.Errorf("%s: told again %v, want %v", op, again, want)
		}
		return v
	}
	type m = map[string]any
	seed := provenance.SeedEvent
	frame := call("open", m{"path": items}, readEvent(items))
	labelled := call("open", m{"path": items, "options": m{"label": "-", "ignore": []string{"label"}}}, readEvent(items))
	call("open", m{"path": more, "options": m{"labels": items}}, readEvent(more), readEvent(items))
	call("builtin", m{"per_class": 2}, seed(42))
	call("describe", m{"frame": frame.Key})
	split := call("split", m{"frame": frame.Key, "options": m{"seed": 5, "val": .2, "test": .2}}, seed(5))
	call("side", m{"split": split.Key, "side": "test"})
	model := call("train", m{"split": split.Key, "config": small(7)}, goEvent, seed(7))
	call("evaluate", m{"model": model.Key, "split": split.Key, "options": m{"bootstrap": true, "baselines": true}},
		goEvent, seed(7))
	embedded := m{"model": model.Key, "frame": frame.Key}
	z := call("embed", embedded, goEvent)
	call("score", m{"model": model.Key, "frame": frame.Key, "left": "i0", "other": frame.Key, "right": "i1"}, goEvent)
	call("similar", m{"model": model.Key, "frame": frame.Key, "other": frame.Key, "query": "i0"}, goEvent,
		keptEvent(z.Key))
	call("explain", m{"model": model.Key, "frame": frame.Key, "left": "i0", "right": "i1", "options": m{"seed": 9}},
		goEvent, seed(9))
	ofPairs := call("pairs", m{"frame": labelled.Key, "path": given, "options": m{"seed": 3, "val": .2, "test": .2}},
		readEvent(given), seed(3))
	byPairs := call("train pairs", m{"pairs": ofPairs.Key, "config": small(8)}, goEvent, seed(8))
	call("evaluate pairs", m{"model": byPairs.Key, "pairs": ofPairs.Key}, goEvent, seed(8))

	// The model says what it is from, through the split and the frame; a saved one is written and read.
	out := filepath.Join(t.TempDir(), "m.safetensors")
	_, told, err := answered(conn, "save", m{"key": model.Key, "file": modelFile, "path": out})
	if want := []provenance.Event{{Kind: provenance.FileWritten, Text: out}}; err != nil || !slices.Equal(told, want) {
		t.Errorf("save: told %v, want %v; error %v", told, want, err)
	}
	loaded, err := siamese.Load(out)
	if err != nil {
		t.Fatal(err)
	}
	want, ok := origin.Of(items)
	if !ok || loaded.Origin == nil || loaded.Origin.Seed != 7 || loaded.Origin.Backend != "go" ||
		!slices.Equal(loaded.Origin.Data, []origin.File{want}) {
		t.Errorf("the model's origin is %+v, want data %v", loaded.Origin, want)
	}
	call("load", m{"path": out}, readEvent(out))
	exported := filepath.Join(t.TempDir(), "m.ONNX")
	if _, told, err = answered(conn, "save", m{"key": model.Key, "file": modelFile, "path": exported}); err != nil ||
		!slices.Equal(told, []provenance.Event{{Kind: provenance.FileWritten, Text: exported}}) {
		t.Errorf("save: told %v, error %v", told, err)
	}
	var wanted bytes.Buffer
	if err := onnx.Write(&wanted, loaded); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(exported); err != nil || !bytes.Equal(got, wanted.Bytes()) {
		t.Errorf("the exported model is another: %v", err)
	}

	// A sweep tells the seeds of all its trainings, and its times, which differ from run to run; so do its pictures.
	trials := []session.Trial{{Name: "kept", Config: small(7)}, {Name: "new", Config: small(6)}}
	sweep, told, err := answered(conn, "sweep", m{"split": split.Key, "trials": trials})
	if err != nil {
		t.Fatal(err)
	}
	var times []provenance.Event
	for _, e := range told {
		if e.Kind == provenance.Changes {
			times = append(times, e)
			if !strings.HasSuffix(e.Text, " s (anew)") && !strings.HasSuffix(e.Text, " s (kept)") || !strings.Contains(sweep.Text, strings.TrimSpace(e.Text)) {
				t.Errorf("the sweep marks %q, and prints\n%s", e.Text, sweep.Text)
			}
		}
	}
	for _, e := range []provenance.Event{goEvent, seed(6), seed(7), keptEvent(model.Key)} {
		if !slices.Contains(told, e) {
			t.Errorf("the sweep tells %v, not %v", told, e)
		}
	}
	if len(times) == 0 || len(times) > 2 {
		t.Errorf("the sweep marks %v", times)
	}
	_, shown, err := answered(conn, "show", m{"key": sweep.Key})
	if err != nil || !slices.Equal(shown, times) {
		t.Errorf("its pictures tell %v, want %v; error %v", shown, times, err)
	}
}

// Calls of several cells at once are each told their own.
func TestToldApart(t *testing.T) {
	_, path := serve(t, Options{})
	var all sync.WaitGroup
	for k := range uint64(4) {
		items := tableOf(t, "items.csv", 20+k)
		conn, _ := dial(t, path)
		all.Go(func() {
			frame, told, err := answered(conn, "open", map[string]any{"path": items})
			if want := []provenance.Event{readEvent(items)}; err != nil || !slices.Equal(told, want) {
				t.Errorf("open: told %v, want %v; error %v", told, want, err)
				return
			}
			split, told, err := answered(conn, "split", map[string]any{"frame": frame.Key,
				"options": map[string]any{"seed": 30 + k, "val": .2, "test": .2}})
			if want := []provenance.Event{provenance.SeedEvent(30 + k)}; err != nil || !slices.Equal(told, want) {
				t.Errorf("split: told %v, want %v; error %v", told, want, err)
				return
			}
			_, told, err = answered(conn, "train", map[string]any{"split": split.Key, "config": small(40 + k)})
			if want := []provenance.Event{goEvent, provenance.SeedEvent(40 + k)}; err != nil || !slices.Equal(told, want) {
				t.Errorf("train: told %v, want %v; error %v", told, want, err)
			}
		})
	}
	all.Wait()
}
