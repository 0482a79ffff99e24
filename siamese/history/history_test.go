package history

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func someHistory() []Epoch {
	return []Epoch{
		{Number: 1, Loss: 0.25, ValLoss: 1.0 / 3, ValAUC: 0.5, ValMAP: 0.125, PairsPerSec: 12345.678, Best: true},
		{Number: 2, Loss: 1e-9, ValLoss: 5e300, ValAUC: 1, ValMAP: math.NaN()},
		{Number: 3, Loss: 0.1, ValLoss: 0, ValAUC: 0.75, ValMAP: 0.5, Best: true},
	}
}

// sameHistory reports where the two differ; NaN is equal to NaN.
func sameHistory(t *testing.T, what string, want, got []Epoch) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func appendAll(t *testing.T, path string, history ...Epoch) {
	t.Helper()
	log, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range history {
		if err := log.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
}

func readBack(t *testing.T, path string) []Epoch {
	t.Helper()
	got, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestHistoryRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	want := someHistory()
	appendAll(t, path, want...)
	sameHistory(t, "appended", want, readBack(t, path))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := Write(&b, want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), b.String()); diff != "" {
		t.Errorf("Write differs from the log:\n%s", diff)
	}
	if !strings.HasPrefix(string(text), `{"epoch":1,"loss":0.25,"val_loss":0.3333333333333333,`) ||
		!strings.Contains(string(text), `"val_map":null`) {
		t.Errorf("lines:\n%s", text)
	}
}

// TestHistoryCutOff cuts the file at every byte, as a kill or a full disk does.
func TestHistoryCutOff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	want := someHistory()
	appendAll(t, path, want...)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(whole) + 1 {
		for _, tail := range []string{"", "\x00\x00\x00"} {
			text := append(append([]byte{}, whole[:cut]...), tail...)
			if tail != "" && (cut == len(whole) || whole[cut] == '\n') {
				continue // zeros behind a whole line: covered by the next byte
			}
			if err := os.WriteFile(path, text, 0o644); err != nil {
				t.Fatal(err)
			}
			complete := bytes.Count(whole[:cut], []byte{'\n'})
			if cut < len(whole) && whole[cut] == '\n' {
				complete++ // only the line's end is missing
			}
			sameHistory(t, fmt.Sprint("cut at ", cut), want[:complete], readBack(t, path))
			appendAll(t, path, want[complete:]...)
			if now, _ := os.ReadFile(path); !bytes.Equal(now, whole) {
				t.Fatalf("cut at %d and resumed:\n%s", cut, now)
			}
		}
	}
}

func TestHistoryResumed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	h := someHistory()
	again := Epoch{Number: 2, Loss: 0.7}
	appendAll(t, path, h...)
	appendAll(t, path, again)
	sameHistory(t, "epoch 2 again", []Epoch{h[0], again}, readBack(t, path))
	appendAll(t, path, h[2])
	sameHistory(t, "and 3", []Epoch{h[0], again, h[2]}, readBack(t, path))
}

func TestHistoryOtherLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("\r\n" + `{"epoch": 4, "loss": null, "new_metric": 3}` + "\r\n\n")
	nan := math.NaN()
	sameHistory(t, "other programs' lines", []Epoch{{Number: 4, Loss: nan, ValLoss: nan, ValAUC: nan, ValMAP: nan,
		UnseenAUC: nan, UnseenMAP: nan, LearningRate: nan, PairsPerSec: nan}}, readBack(t, path))

	for text, want := range map[string]string{
		"{\"epoch\":1}\n{\"epo\n{\"epoch\":2}\n":        "line 2",
		"{\"epoch\":1}\n{\"epoch\":\"x\"}":              "line 2",
		`{"layers":[1024]}`:                             "line 1",
		"id,label\n":                                    "line 1",
		"some notes":                                    "line 1",
		`{"epoch":-1}`:                                  "-1",
		"{\"epoch\":1}\n{\"other\": \"program's\", \"x": "line 2",
	} {
		write(text)
		_, err := Read(path)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
		if _, err := Open(path); err == nil {
			t.Errorf("%q: opened", text)
		}
		if now, _ := os.ReadFile(path); string(now) != text {
			t.Errorf("%q was changed to %q", text, now)
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("no error for a file that is not there")
	}
	if _, err := Open(t.TempDir()); err == nil {
		t.Error("no error for a directory")
	}
}

func TestHistoryProgress(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	log, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	h := someHistory()
	report := log.Progress()
	report(Progress{Epoch: 2, Step: 1, Steps: 2, Last: &h[0]}) // a run that was resumed after epoch 1
	report(Progress{Epoch: 2, Step: 2, Steps: 2, Last: &h[1]})
	report(Progress{Epoch: 3, Step: 1, Steps: 2, Last: &h[1]})
	report(Progress{Epoch: 3, Step: 2, Steps: 2, Last: &h[2], Ended: true})
	report(Progress{Epoch: 3, Step: 2, Steps: 2, Last: &h[2], Ended: true})
	sameHistory(t, "reported", h[1:], readBack(t, path)) // before Close: every line is on the disk
	log.file.Close()
	log.Append(h[0])
	if err := log.Close(); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a failure is lost: %v", err)
	}
	if err := log.Append(h[0]); err == nil {
		t.Error("no error after Close")
	}
}

func TestWriteHistoryCSV(t *testing.T) {
	var b strings.Builder
	if err := WriteCSV(&b, someHistory()); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 4 {
		t.Fatalf("%d rows", len(rows))
	}
	at := map[string]int{}
	for c, name := range rows[0] {
		at[name] = c
	}
	for _, c := range []struct {
		row        int
		name, want string
	}{{1, "epoch", "1"}, {1, "val_loss", "0.3333333333333333"}, {1, "best", "true"}, {2, "loss", "1e-09"},
		{2, "val_loss", "5e+300"}, {2, "val_map", ""}, {3, "val_auc", "0.75"}} {
		if got := rows[c.row][at[c.name]]; got != c.want {
			t.Errorf("row %d, %s: %q, want %q", c.row, c.name, got, c.want)
		}
	}
}

// FuzzReadHistory gives the reader anything: it never panics, and what it takes comes back from its own lines.
func FuzzReadHistory(f *testing.F) {
	f.Add([]byte("{\"epoch\":1,\"loss\":0.5}\n{\"epoch\":2"))
	f.Add([]byte("\n\n{\"epoch\":3,\"best\":true}"))
	f.Add([]byte("[]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, size, err := parseHistory("fuzz", text)
		if err != nil {
			return
		}
		if size > len(text) {
			t.Fatalf("%d of %d bytes", size, len(text))
		}
		var b bytes.Buffer
		if err := Write(&b, got); err != nil {
			t.Fatal(err)
		}
		again, _, err := parseHistory("again", b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		sameHistory(t, "again", got, again)
	})
}
