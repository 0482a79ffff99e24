package session_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/advise"
	"github.com/go-siamese/lab/siamese/session"
)

// TestAdvice: a session gives the library's advice, keeps it, shows it as tables and names options that are wrong.
func TestAdvice(t *testing.T) {
	ctx := t.Context()
	s := connect(t, t.TempDir())
	f, err := s.Open(ctx, items(t, 120, 4), session.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	frame, err := f.Data(ctx)
	if err != nil {
		t.Fatal(err)
	}
	want, err := advise.Run(ctx, frame, advise.Options{Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	for _, known := range []bool{false, true} {
		a, err := f.Advise(ctx, session.AdviseOptions{Seed: 7}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if a.String() != want.String() || a.Known != known || !slices.Equal(a.Refused, want.Refused) ||
			a.Classes != nil || a.Items == nil || a.Items.Gain != want.ByItems.Forecast.Gain.Value ||
			a.Items.To != 80 || len(a.Suspects) != len(want.Labels.Suspects) {
			t.Errorf("%+v, want %v", a, want)
		}
		if shown, err := a.Show(ctx); err != nil || !strings.Contains(shown[0].HTML, "<table") {
			t.Errorf("shown %v, %v", shown, err)
		}
	}
	var e *session.Error
	if _, err := f.Advise(ctx, session.AdviseOptions{Repeats: -1}, nil); !errors.As(err, &e) ||
		!slices.Contains(e.Options, "Repeats") {
		t.Errorf("-1 repeats: %v", err)
	}
}
