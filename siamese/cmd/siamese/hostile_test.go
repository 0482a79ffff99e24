package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode"
)

// evil is what an attacker puts into every name: it sets a terminal's title, rings, clears the screen by a control
// character of one rune, forges a line, overwrites one and turns the writing around.
const evil = "\x1b]0;pwned\a\x1b[2J\u009b1mx\nerror: FORGED\r\nFORGED\u2028FORGED\u202e\u2066\x7f\b\ufeff"

// hostile returns a name that is evil.
func hostile(name string) string { return name + evil }

// hostileTable writes a table whose names are all hostile: 60 items of four classes and two domains.
func hostileTable(t *testing.T, path string, ids bool) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w := csv.NewWriter(file)
	header := []string{"id", "label", "domain"}
	for j := range 4 {
		header = append(header, hostile(fmt.Sprintf("f%d/", j%2))+fmt.Sprint(j))
	}
	rows := [][]string{header}
	for i := range 60 {
		row := []string{hostile(fmt.Sprint("item", i)), hostile(fmt.Sprint("class", i%4)),
			hostile(fmt.Sprint("dom", i%2))}
		for j := range 4 {
			row = append(row, fmt.Sprint(float64((i*7+j*13)%11)+3*float64(i%4)*float64(j)))
		}
		rows = append(rows, row)
	}
	// Copies of an item, of other classes, for the reports about duplicates.
	for k := range 2 {
		names := []string{hostile(fmt.Sprint("copy", k)), hostile(fmt.Sprint("class", k)), hostile("dom0")}
		rows = append(rows, append(names, rows[1][3:]...))
	}
	if !ids {
		for k := range rows {
			rows[k] = rows[k][1:]
		}
	}
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
}

// harmless fails for text that a terminal would obey, or that forges a line.
func harmless(t *testing.T, args []string, stream, text string) {
	t.Helper()
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(strings.TrimLeft(line, " \t"), "FORGED") || strings.HasPrefix(line, "error: FORGED") {
			t.Errorf("siamese %.20q: a line of %s is forged: %q", args, stream, line)
		}
		for _, r := range line {
			if unicode.IsControl(r) && r != '\t' || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) ||
				r == unicode.ReplacementChar {
				t.Errorf("siamese %.20q: %U in %s: %.200q", args, r, stream, line)
				break
			}
		}
	}
}

// Names from files and from the command line print as text, whatever is in them, in every command and its errors. The
// guard of the streams, which main adds, is not in place here: names are quoted where they are printed.
func TestHostileNames(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Fatal("file names cannot have control characters on Windows")
	}
	folder := filepath.Join(t.TempDir(), hostile("folder"))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join(folder, hostile(name)+filepath.Ext(name)) }
	table := in("t.csv")
	hostileTable(t, table, true)
	model, split, report := in("m.safetensors"), in("s.json"), in("r.json")
	state, broken, pairs := in("state"), in("broken.json"), in("p.csv")
	if err := os.WriteFile(broken, []byte(`{"`+"\u202e"+`\u001b[1m": 3}`), 0o644); err != nil {
		t.Fatal(err)
	}
	listed := "left,right,label\n"
	for i := range 40 {
		q := func(s string) string { return `"` + s + `"` }
		left, right := hostile(fmt.Sprint("item", i)), hostile(fmt.Sprint("item", (i*i+7)%60))
		listed += fmt.Sprintf("%s,%s,%d\n", q(left), q(right), i%2)
	}
	if err := os.WriteFile(pairs, []byte(listed), 0o644); err != nil {
		t.Fatal(err)
	}
	twin := in("twin.safetensors")
	pictures := in("pictures")
	for k := range 4 {
		dir := filepath.Join(pictures, hostile(fmt.Sprint("class", k%2)))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		var picture bytes.Buffer
		if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 64, 64))); err != nil {
			t.Fatal(err)
		}
		// The last one is damaged, and beside the pictures lies a text.
		content := picture.Bytes()
		if k == 3 {
			content = content[:40]
		}
		for name, content := range map[string][]byte{hostile(fmt.Sprint("picture", k)) + ".png": content,
			hostile(fmt.Sprint("text", k)) + ".txt": []byte("text")} {
			if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	small := strings.Fields(small)
	with := func(words ...string) []string { return append(words, small...) }
	id := hostile("item1")
	for _, c := range []struct {
		status int
		args   []string
	}{
		{0, []string{"describe", "--near", ".99", "--json", in("d.json"), "--html", in("d.html"), table}},
		{1, []string{"describe", "--html", in("no") + "/x.html", table}},
		{1, []string{"describe", in("none.csv")}},
		{1, []string{"describe", broken}},
		{1, []string{"describe", "--label", hostile("no"), table}},
		{1, []string{"describe", "--ignore", hostile("no"), table}},
		{1, []string{"describe", "--block", hostile("b") + "=(" + evil, table}},
		{2, []string{"describe", "--block", evil, table}},
		{2, []string{"describe", table, evil}},
		{2, []string{"describe", "--" + evil, table}},
		{2, []string{evil}},
		{2, []string{"help", evil}},
		{1, []string{"describe", "builtin:" + evil}},
		{0, []string{"split", "--out", split, "--val", ".2", "--test", ".3", "--allow", "exact-duplicates", table}},
		{1, []string{"split", "--out", in("s2.json"), "--val", ".2", "--test", ".3", "--near", ".9", table}},
		{0, []string{"split", "--out", in("s2.json"), "--val", "4", "--held-out", hostile("class1"), "--allow",
			"exact-duplicates", table}},
		{1, []string{"split", "--out", in("s2.json"), "--held-out", hostile("classs"), table}},
		{1, []string{"split", "--out", in("s2.json"), "--held-out-domains", hostile("nowhere"), table}},
		{1, []string{"split", "--out", in("s2.json"), "--allow", evil, table}},
		{2, []string{"split", "--out", in("s2.json"), "--duplicates", evil, table}},
		{1, []string{"split", "--out", in("s2.json"), "--groups", in("none"), table}},
		{1, []string{"split", "--out", in("s2.json"), "--pairs", in("none"), table}},
		{0, with("train", "--out", model, "--split", split, "--allow", "exact-duplicates", "--state", state,
			"--history", in("h"), "--tensorboard", in("tb"), table)},
		{1, with("train", "--out", model, "--split", split, "--allow", "exact-duplicates", "--state", state,
			"--seed", "7", "--history", in("h"), table)},
		{1, with("train", "--out", in("m2.safetensors"), "--split", split, "--allow", "exact-duplicates",
			"--unseen", evil, table)},
		{2, with("train", "--out", in("m"), table)},
		{1, with("train", "--out", model, "--split", broken, table)},
		{1, with("train", "--out", model, "--config", broken, table)},
		{2, with("train", "--out", model, "--loss", evil, table)},
		{2, with("train", "--out", model, "--layers", evil, table)},
		{1, with("train", "--out", model, "--monitor", evil, table)},
		{2, []string{"train", "--preset", evil, "--out", model, table}},
		{1, []string{"train", "--print-config", "--optimizer", evil}},
		{0, []string{"evaluate", "--backend", "go", "--split", split, "--json", report, "--html", in("r.html"),
			"--name", evil, model, table}},
		{0, []string{"evaluate", "--backend", "go", "--no-baselines", "--split", split, "--pairs", pairs, model,
			table}},
		{1, []string{"evaluate", "--backend", "go", "--split", split, model, in("none")}},
		{1, []string{"evaluate", "--backend", evil, "--split", split, model, table}},
		{2, []string{"evaluate", "--backend", "go", "--split", split, model, model, table}},
		{1, []string{"evaluate", "--backend", "go", "--split", split, broken, table}},
		{0, []string{"report", report}},
		{0, with("train", "--out", twin, "--split", split, "--allow", "exact-duplicates", "--seed", "3", table)},
		{2, []string{"report", report, report}},
		{1, []string{"report", broken}},
		{1, []string{"report", "--html", in("p.html"), "--images", in("none"), report}},
		{0, []string{"embed", "--backend", "go", "--out", in("z.csv"), model, table}},
		{1, []string{"embed", "--backend", "go", "--out", in("z.x"), model, table}},
		{0, []string{"compare", "--backend", "go", model, table, id, hostile("item2")}},
		{1, []string{"compare", "--backend", "go", model, table, id, hostile("item")}},
		{0, []string{"search", "--backend", "go", "--query", id, model, table}},
		{0, []string{"search", "--backend", "go", "--k", "2", "--query", table, model, table}},
		{1, []string{"search", "--backend", "go", "--query", hostile("item"), model, table}},
		{0, []string{"explain", "--backend", "go", "--split", split, "--pairs", "4", model, table}},
		{0, []string{"explain", "--backend", "go", "--pair", id + "," + id, model, table}},
		{1, []string{"explain", "--backend", "go", "--pair", "a" + evil + "," + evil, model, table}},
		{2, []string{"explain", "--backend", "go", "--pair", evil, model, table}},
		{0, with("protocols", "--protocols", "items,classes", "--folds", "2", "--seeds", "1", "--json", in("pr.json"),
			table)},
		{1, with("protocols", "--protocols", evil, table)},
		{0, []string{"report", in("pr.json")}},
		{1, []string{"features", "--out", in("f.parquet"), folder}},
		{1, []string{"features", "--out", in("f.parquet"), pictures}},
		{0, []string{"features", "--out", in("f.parquet"), "--skip-corrupt", pictures}},
		{1, []string{"features", "--out", in("f.parquet"), "--skip-corrupt", "--label-depth", "3", pictures}},
		{0, []string{"evaluate", "--backend", "go", "--no-baselines", "--split", split, "--html", in("two.html"),
			model, twin, table}},
		{1, []string{"features", "--out", in("f.parquet"), in("none")}},
		{2, []string{"features", "--out", in("f.parquet"), "--hog", evil, folder}},
		{1, []string{"features", "--out", in("f.parquet"), "--config", broken, folder}},
		{1, []string{"features", "--out", in("f.parquet"), table}},
	} {
		var out, errOut strings.Builder
		status := run(context.Background(), c.args, &out, &errOut)
		if status != c.status {
			t.Errorf("siamese %q: status %d, want %d\n%s%s", c.args, status, c.status, out.String(), errOut.String())
		}
		harmless(t, c.args, "standard output", out.String())
		harmless(t, c.args, "standard error", errOut.String())
	}
}
