package session_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/failure"
	"github.com/go-siamese/lab/siamese/session/full"
)

// TestKill kills the worker at random moments of a training: the call says what happened, what was finished is kept,
// and the training ends with the bits of one that nobody disturbed.
func TestKill(t *testing.T) {
	path := items(t, 60, 6)
	undisturbed := connect(t, t.TempDir())
	cfg := small()
	cfg.PairsPerEpoch, cfg.Epochs, cfg.Patience = 3200, 6, 0
	_, split, _ := trained(t, undisturbed, path)
	want, err := split.Train(t.Context(), cfg, session.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s := connect(t, t.TempDir())
	f, split, first := trained(t, s, path)
	rng, killed := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1)), 0
	var m *session.Model
	for range 5 {
		status, err := s.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Duration(rng.IntN(300))*time.Millisecond, func() {
			_ = syscall.Kill(status.Pid, syscall.SIGKILL)
		})
		m, err = split.Train(t.Context(), cfg, session.TrainOptions{})
		timer.Stop()
		if err == nil {
			break
		}
		killed++
		var e *session.Error
		if !errors.As(err, &e) || e.Kind != failure.Ended {
			t.Fatalf("killed: error %v", err)
		}
		if !strings.Contains(e.Text, "train") {
			t.Errorf("the error does not say during what: %v", e)
		}
	}
	if m == nil {
		if m, err = split.Train(t.Context(), cfg, session.TrainOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("killed %d times", killed)
	a, err := full.Model(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	b, err := full.Model(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.Layers[0].Weights, b.Layers[0].Weights) || m.Threshold != want.Threshold {
		t.Error("the disturbed training has another result")
	}
	// What was finished before is still there, and handles of then are good.
	again, err := split.Train(t.Context(), small(), session.TrainOptions{})
	if err != nil || !again.Known || again.Key != first.Key {
		t.Errorf("the first model: %+v, error %v", again, err)
	}
	if _, err := first.Score(t.Context(), f, "i1", "i2"); err != nil {
		t.Error(err)
	}
}

// TestKilledAtWork sees that an end in the middle of work is told with what the next worker knows.
func TestKilledAtWork(t *testing.T) {
	s := connect(t, t.TempDir())
	_, split, _ := trained(t, s, items(t, 60, 7))
	cfg := small()
	cfg.PairsPerEpoch, cfg.Epochs, cfg.Patience = 160000, 100, 0
	status, err := s.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = split.Train(t.Context(), cfg, session.TrainOptions{Progress: func(session.Progress) {
		_ = syscall.Kill(status.Pid, syscall.SIGKILL)
	}})
	var e *session.Error
	if !errors.As(err, &e) || e.Kind != failure.Ended || !strings.Contains(e.Text, "in memory") {
		t.Errorf("error %v", err)
	}
}

// TestNoOrphan ends the process that started the worker by closing the session, and sees that the worker is gone.
func TestNoOrphan(t *testing.T) {
	s := connect(t, t.TempDir())
	status, err := s.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(status.Pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the worker is still there: %v", err)
	}
	if _, err := s.Status(t.Context()); err == nil {
		t.Error("a closed session answers")
	}
}

// TestDamaged changes what is kept on disk while no worker runs: it is computed again, and the handle says so.
func TestDamaged(t *testing.T) {
	dir, path := t.TempDir(), items(t, 60, 8)
	s := connect(t, dir)
	f, _, m := trained(t, s, path)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// Of the frame, on which all else rests, and of the model.
	for _, file := range []string{dir + "/values/" + f.Key[:32] + "/frame",
		dir + "/values/" + m.Key[:32] + "/model.safetensors"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)-1] ^= 1
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s = connect(t, dir)
	var mu sync.Mutex
	mended := 0
	t.Cleanup(provenance.To(func(e provenance.Event) {
		mu.Lock()
		defer mu.Unlock()
		if e.Kind == provenance.Fact && e.Name == "session" {
			mended++
		}
	}))
	wantMended := func(want int) { // cells with such a note are not kept as what another run would show
		t.Helper()
		mu.Lock()
		defer mu.Unlock()
		if mended != want {
			t.Errorf("%d calls have told of what was mended, want %d", mended, want)
		}
	}
	// The old handles name values that are damaged.
	opened, err := s.Open(t.Context(), path, session.OpenOptions{})
	if err != nil || opened.Known || len(opened.Notes) != 1 || opened.Key != f.Key {
		t.Fatalf("frame %+v, error %v", opened, err)
	}
	split, err := opened.Split(t.Context(), session.SplitOptions{Val: .2, Test: .2, Seed: 1})
	if err != nil || !split.Known {
		t.Fatalf("split %+v, error %v", split, err)
	}
	wantMended(1)
	model, err := s.ModelByID(t.Context(), m.ID())
	if err != nil {
		t.Fatal(err)
	}
	score, err := model.Score(t.Context(), opened, "i1", "i2")
	if err != nil || len(score.Notes) != 1 {
		t.Errorf("score %+v, error %v", score, err)
	}
	wantMended(2)
}
