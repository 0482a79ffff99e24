package milvus

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/milvus-io/milvus-proto/go-api/v2/milvuspb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/milvus/litetest"
)

// frames returns embeddings as the frames of a table, some items each.
func frames(z *embedding.Embeddings, like *data.Frame, some int) iter.Seq2[*data.Frame, error] {
	return func(yield func(*data.Frame, error) bool) {
		f := z.Frame(like)
		for from := 0; from < z.N; from += some {
			var part []int
			for i := from; i < min(z.N, from+some); i++ {
				part = append(part, i)
			}
			if !yield(f.Select(part), nil) {
				return
			}
		}
	}
}

// holds fails unless the collection has these items and no others, each once.
func holds(t *testing.T, x *Collection, z *embedding.Embeddings, like *data.Frame) {
	t.Helper()
	if s, err := x.Stats(t.Context()); err != nil || s.Items != z.N {
		t.Errorf("%+v, %v; want %d items", s, err, z.N)
	}
	got, want := map[string]string{}, map[string]string{}
	for p, err := range x.pages(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		for i, id := range p.like.IDs {
			if _, twice := got[id]; twice {
				t.Errorf("%q is there twice", id)
			}
			got[id] = fmt.Sprint(p.like.Labels[i], p.like.Domains[i], p.z.Row(i))
		}
	}
	for i, id := range like.IDs {
		want[id] = fmt.Sprint(like.Labels[i], like.Domains[i], z.Row(i))
	}
	if !maps.Equal(got, want) {
		t.Errorf("%d items are not the %d that were loaded", len(got), len(want))
	}
}

// A server that is killed in the midst of a load and started again has every item once: the load waits for it, or,
// where it gives up, the next one goes on from the cursor.
func TestKilled(t *testing.T) {
	s := litetest.New(t)
	z, like := items(3, 3000, 32)
	c := Config{Address: s.Address(), Collection: "killed", Timeout: 20 * time.Second, Retries: 60}
	x, err := Create(t.Context(), z.E, "", c)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	// It waits. The server dies while items are on their way.
	reached, again := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(again)
		<-reached
		s.Kill()
		s.Start(t)
	}()
	var once atomic.Bool
	opt := LoadOptions{Batch: 100, Cursor: filepath.Join(t.TempDir(), "cursor"), Progress: func(done int) {
		if done >= 900 && once.CompareAndSwap(false, true) {
			close(reached)
		}
	}}
	loaded, err := x.Load(t.Context(), frames(z, like, 250), opt)
	<-again
	if err != nil || loaded != (Loaded{Items: z.N}) {
		t.Fatalf("%+v, %v", loaded, err)
	}
	holds(t, x, z, like)

	// It gives up, and another one goes on.
	c.Collection, c.Retries = "resumed", -1
	y, err := Create(t.Context(), z.E, "", c)
	if err != nil {
		t.Fatal(err)
	}
	var last int
	opt.Cursor, opt.Progress = filepath.Join(t.TempDir(), "cursor"), func(done int) {
		if last = done; done == 1100 {
			s.Kill()
		}
	}
	var failed *Error
	if _, err = y.Load(t.Context(), frames(z, like, 250), opt); !errors.As(err, &failed) || last != 1100 {
		t.Fatalf("%v after %d items", err, last)
	}
	if err := y.Close(); err != nil {
		t.Fatal(err)
	}
	s.Start(t)
	c.Retries = 0
	if y, err = Open(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	defer y.Close()
	opt.Progress = nil
	// Other frames of the same items.
	if loaded, err = y.Load(t.Context(), frames(z, like, 170), opt); err != nil || loaded != (Loaded{z.N, 1100, ""}) {
		t.Fatalf("%+v, %v", loaded, err)
	}
	holds(t, y, z, like)

	// A stopped server answers nothing: time is up, and it says so.
	y.config.Timeout, y.config.Retries = 200*time.Millisecond, 1
	s.Signal(t, syscall.SIGSTOP)
	_, err = y.SearchItems(t.Context(), like.IDs[:1], searchOptions)
	s.Signal(t, syscall.SIGCONT)
	if err == nil || !strings.Contains(err.Error(), "no answer within 200ms, in 2 tries") {
		t.Errorf("%v", err)
	}
	y.config.Timeout = 20 * time.Second
	if _, err = y.SearchItems(t.Context(), like.IDs[:1], searchOptions); err != nil {
		t.Errorf("after it went on: %v", err)
	}
}

// Answers that get lost, a busy server and one that takes a part are tried again or told; nothing is lost or doubled.
func TestSpoiled(t *testing.T) {
	z, like := items(4, 400, 8)
	c := config(t, "spoiled")
	var lose, busy, part atomic.Int32
	b := &between{before: func(name string, _ metadata.MD) error {
		if name == "Upsert" && busy.Add(-1) >= 0 {
			return status.Error(codes.ResourceExhausted, "busy")
		}
		return nil
	}, after: func(name string, answer []byte) ([]byte, error) {
		switch {
		case name != "Upsert":
		case lose.Add(-1) >= 0:
			return nil, status.Error(codes.Unavailable, "the answer is lost")
		case part.Add(-1) >= 0:
			var m milvuspb.MutationResult
			if err := proto.Unmarshal(answer, &m); err != nil {
				return nil, err
			}
			m.UpsertCnt--
			return proto.Marshal(&m)
		}
		return answer, nil
	}}
	b.start(t, c.Address)
	c.Address, c.Retries = b.address, 2
	x := create(t, z.E, c)
	opt := LoadOptions{Batch: 100, Cursor: filepath.Join(t.TempDir(), "cursor")}
	lose.Store(1)
	busy.Store(1)
	if loaded, err := x.Load(t.Context(), frames(z, like, 400), opt); err != nil || loaded.Skipped != 0 {
		t.Fatalf("%+v, %v", loaded, err)
	}
	holds(t, x, z, like)
	// All of it is there, and nothing is sent.
	lose.Store(100)
	if loaded, err := x.Load(t.Context(), frames(z, like, 400), opt); err != nil || loaded.Skipped != 400 {
		t.Fatalf("%+v, %v", loaded, err)
	}
	// The table grew: only what is new is sent.
	more, moreLike := items(4, 400, 8)
	more.Values, more.N = append(more.Values, z.Row(0)...), 401
	moreLike.IDs, moreLike.Labels = append(moreLike.IDs, "new"), append(moreLike.Labels, "new")
	moreLike.Domains = append(moreLike.Domains, "new")
	lose.Store(0)
	part.Store(1)
	if _, err := x.Load(t.Context(), frames(more, moreLike, 100), opt); err == nil ||
		!strings.Contains(err.Error(), "took 0 of 1 items") {
		t.Errorf("%v", err)
	}
	if loaded, err := x.Load(t.Context(), frames(more, moreLike, 100), opt); err != nil || loaded.Skipped != 400 {
		t.Errorf("%+v, %v", loaded, err)
	}
	holds(t, x, more, moreLike)

	// Other items than those of the cursor are refused.
	changed := &embedding.Embeddings{N: more.N, E: more.E, Values: slices.Clone(more.Values)}
	copy(changed.Row(17), changed.Row(18))
	for name, f := range map[string]iter.Seq2[*data.Frame, error]{"changed": frames(changed, moreLike, 100),
		"shorter": frames(z, like, 100)} {
		if _, err := x.Load(t.Context(), f, opt); !slices.Contains(option.Names(err), "Cursor") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// What the cursor says is gone: all is sent again.
	if err := x.Delete(t.Context(), "new"); err != nil {
		t.Fatal(err)
	}
	loaded, err := x.Load(t.Context(), frames(more, moreLike, 100), opt)
	if err != nil || loaded.Skipped != 0 || !strings.Contains(loaded.Again, "lacks new") {
		t.Errorf("%+v, %v", loaded, err)
	}
	holds(t, x, more, moreLike)
	if err := x.Drop(t.Context()); err != nil {
		t.Fatal(err)
	}
	y := create(t, z.E, c)
	loaded, err = y.Load(t.Context(), frames(z, like, 100), opt)
	if err != nil || loaded.Skipped != 0 || loaded.Again != "the collection was made anew" {
		t.Errorf("%+v, %v", loaded, err)
	}
	holds(t, y, z, like)
}

// Tables whose items cannot be told apart, and cursors of something else, are refused.
func TestLoadRefused(t *testing.T) {
	x := create(t, 8, config(t, "notloaded"))
	z, like := items(5, 20, 8)
	z = z.Select([]int{0, 1, 2, 3, 4})
	like = like.Select([]int{0, 1, 2, 3, 4})
	like.Numbered = true
	if _, err := x.Load(t.Context(), frames(z, like, 2), LoadOptions{}); !slices.Contains(option.Names(err), "Numbered") {
		t.Errorf("%v", err)
	}
	if _, err := x.Load(t.Context(), frames(z, like, 2), LoadOptions{Numbered: true}); err != nil {
		t.Error(err)
	}
	holds(t, x, z, like)
	like.Numbered, like.IDs[4] = false, like.IDs[0]
	if _, err := x.Load(t.Context(), frames(z, like, 2), LoadOptions{}); err == nil ||
		!strings.Contains(err.Error(), "row 4: two items have the id") {
		t.Errorf("%v", err)
	}
	z.Row(3)[0] += 1
	like.IDs[4] = "four"
	if _, err := x.Load(t.Context(), frames(z, like, 2), LoadOptions{}); err == nil ||
		!strings.Contains(err.Error(), "from row 2 on: index: row 1") {
		t.Errorf("%v", err)
	}
	path := filepath.Join(t.TempDir(), "cursor")
	for text, want := range map[string]string{"{": "no cursor",
		`{"version":1,"rows":3,"address":"elsewhere","collection":"notloaded"}`: "elsewhere"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := x.Load(t.Context(), frames(z, like, 2), LoadOptions{Cursor: path}); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
