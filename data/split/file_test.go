package split

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/labtest"
)

func TestSplitSaveLoad(t *testing.T) {
	f := labelled(20, 20, 20)
	path := filepath.Join(t.TempDir(), "split.json")
	for _, want := range []*Split{
		labtest.Must(Items(f, ItemOptions{Val: .1, Test: .1, Seed: math.MaxUint64})),
		labtest.Must(Classes(f, ClassOptions{HeldOutCount: 1, ValClasses: 1, Seed: 3})),
	} {
		if err := want.Save(path, f); err != nil {
			t.Fatal(err)
		}
		got, err := Load(path, f)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	other := labelled(20, 20, 20)
	other.X[3]++
	if _, err := Load(path, other); err == nil || !strings.Contains(err.Error(), f.Hash()) ||
		!strings.Contains(err.Error(), other.Hash()) {
		t.Errorf("another frame: %v", err)
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none"), f); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if err := (&Split{}).Save(path, f); err == nil {
		t.Error("an unsound split is saved")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, spoiled := range map[string][]byte{
		"empty":      nil,
		"cut":        text[:len(text)/2],
		"more":       append(slices.Clone(text), "{}"...),
		"format":     bytes.Replace(text, []byte("split 2"), []byte("split 9"), 1),
		"field":      bytes.Replace(text, []byte(`"seed"`), []byte(`"sead"`), 1),
		"moved":      bytes.Replace(text, []byte(`"ids":["i0",`), []byte(`"ids":["i1",`), 1),
		"not a list": []byte(`{"train": 3}`),
	} {
		if _, err := Read(bytes.NewReader(spoiled), "s.json", f); err == nil ||
			!strings.Contains(err.Error(), "s.json") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzLoad(f *testing.F) {
	frame := labelled(4, 4, 4)
	dir := f.TempDir()
	for k, s := range []*Split{labtest.Must(Items(frame, ItemOptions{Val: 2, Test: 3})),
		labtest.Must(Classes(frame, ClassOptions{HeldOutCount: 1, ValClasses: 1}))} {
		path := filepath.Join(dir, fmt.Sprint(k))
		if err := s.Save(path, frame); err != nil {
			f.Fatal(err)
		}
		f.Add(labtest.Must(os.ReadFile(path)))
	}
	grouped := labtest.Must(Items(frame, ItemOptions{Test: 4, Groups: groupsOfThree(frame.N())}))
	f.Add(labtest.Must(json.Marshal(grouped.manifest(frame))))
	f.Add([]byte(`{"format":"siamese-lab split 1","frame":"` + frame.Hash() + `","train":[0],"test":[99999999999]}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, text []byte) { checkSplit(t, text, frame) })
}

// checkSplit reads a manifest that may be anything.
func checkSplit(t *testing.T, text []byte, frame *data.Frame) {
	s, err := Read(bytes.NewReader(text), "s.json", frame)
	if err != nil {
		if !strings.Contains(err.Error(), "s.json") {
			t.Fatalf("does not name the file: %v", err)
		}
		return
	}
	if err := s.Check(frame); err != nil {
		t.Fatal(err)
	}
	again, err := Read(bytes.NewReader(labtest.Must(json.Marshal(s.manifest(frame)))), "s.json", frame)
	if diff := cmp.Diff(s, again, cmpopts.EquateEmpty()); diff != "" || err != nil {
		t.Fatal(err, diff)
	}
}
