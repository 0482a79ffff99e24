package table

import (
	"archive/zip"
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestAlikeLabels: classes that differ in spelling only are told, and stay two; others are not told.
func TestAlikeLabels(t *testing.T) {
	for labels, want := range map[string][][2]string{
		"1.0 1 2":     {{"1.0", "1"}},
		"Cat cat dog": {{"Cat", "cat"}},
		"01 1 +1":     {{"01", "1"}, {"01", "+1"}},
		"-0 0 1":      {{"-0", "0"}},
		"1 10 100":    nil,
		"a b a":       nil,
		"1e1 10 x":    {{"1e1", "10"}},
		"0x1 1 inf":   nil,
		"9007199254740993 9007199254740992 9007199254740994": nil,
	} {
		var text strings.Builder
		text.WriteString("id,f,label,domain\n")
		for k, label := range strings.Fields(labels) {
			text.WriteString(strings.Repeat("i", k+1) + ",1.5," + label + "," + label + "\n")
		}
		f, e, err := openBytes(t, []byte(text.String()), Options{})
		if err != nil {
			t.Errorf("%s: %v", labels, err)
			continue
		}
		if !slices.Equal(e.AlikeLabels, want) || !slices.Equal(e.AlikeDomains, want) ||
			!slices.Equal(f.Labels, strings.Fields(labels)) {
			t.Errorf("%s: %q and %q, want %q; labels %q", labels, e.AlikeLabels, e.AlikeDomains, want, f.Labels)
		}
		if want != nil && !strings.Contains(e.String(), `"`+want[0][0]+`" and "`+want[0][1]+`"`) {
			t.Errorf("%s: not told:\n%s", labels, e)
		}
	}
	f, _, err := openBytes(t, []byte("id,f\na,1\nb,2\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, e, err := JoinLabels(t.Context(), f, labelsFile(t, "id,label\na,1\nb,1.0\n"), JoinOptions{})
	if err != nil || !strings.Contains(e.String(), `"1.0"`) {
		t.Errorf("joined: %v, %v", e, err)
	}
}

// TestCodesTold: features that look like codes or days are told; measurements, and columns with another role, are not.
func TestCodesTold(t *testing.T) {
	for column, told := range map[string]bool{
		"00123 01234": true, "0 00": true, "20260131 20251231": true, "0 1": false, "0.5 00.5": false,
		"20260131 20261331": false, "123 456": false, "20260131 ": true, "-01 2": false, "100000 200000": false,
	} {
		cells := strings.Split(column, " ")
		text := "id,f,zip\na,1.5," + cells[0] + "\nb,2," + cells[1] + "\nc,3," + cells[0] + "\n"
		_, e, err := openBytes(t, []byte(text), Options{AllowMissing: true})
		if err != nil {
			t.Errorf("%s: %v", column, err)
			continue
		}
		if got := slices.ContainsFunc(e.Notes, func(note string) bool {
			return strings.Contains(note, `column "zip"`) && strings.Contains(note, "unless it is a measurement")
		}); got != told {
			t.Errorf("%q: told %v, want %v", column, got, told)
		}
		opt := Options{AllowMissing: true}
		opt.Label = "zip"
		if _, e, err := openBytes(t, []byte(text), opt); err != nil || strings.Contains(e.String(), "unless it is") {
			t.Errorf("%q as label: %v, %v", column, e, err)
		}
	}
}

// TestZippedTable: a table that pandas packed is named, with what to do.
func TestZippedTable(t *testing.T) {
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	w, err := z.Create("items.csv")
	if err == nil {
		_, err = w.Write([]byte("id,f\na,1\n"))
	}
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	_, _, err = openBytes(t, file.Bytes(), Options{})
	var fault *Error
	if !errors.As(err, &fault) || !strings.Contains(fault.Problem, "items.csv") || len(fault.Fix) == 0 {
		t.Errorf("got %v", err)
	}
}
