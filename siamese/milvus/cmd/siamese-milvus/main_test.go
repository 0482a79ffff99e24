package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/milvus"
	"github.com/go-siamese/lab/siamese/milvus/litetest"
	"github.com/go-siamese/lab/siamese/search"
)

func TestMain(m *testing.M) { litetest.Main(m) }

// call runs a command line and returns what it printed; it fails unless the exit status is the one that is wanted.
func call(t *testing.T, want int, words ...string) string {
	t.Helper()
	var out, errOut bytes.Buffer
	guard := quote.NewWriter(&errOut)
	if got := run(t.Context(), words, &out, guard); got != want {
		t.Fatalf("%q: %d, want %d\n%s%s", words, got, want, out.String(), errOut.String())
	}
	return out.String() + errOut.String()
}

// What a model embeds on its way into a collection is found as search.Exact finds it; the same command goes on, and a
// collection of one model takes no other.
func TestCommand(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	t.Setenv("SIAMESE_LAB_DIR", dir)
	m, _ := toymodel.Trained(t)
	defer m.Close()
	f := labtest.Toy("s", 4, 300, 9, .5, 7)
	f.IDs[3], f.Labels[3] = `" or id != "`, `c"\`
	part := f.Select(labtest.Seq(700))
	for name, err := range map[string]error{"model": m.Save(at("m.safetensors")), "all": table.Save(at("all.csv"), f),
		"part": table.Save(at("part.csv"), part), "one": table.Save(at("one.csv"), f.Select([]int{5, 900}))} {
		if err != nil {
			t.Fatal(name, err)
		}
	}
	backend := devicetest.Go(t)
	z, err := m.Embed(t.Context(), backend, f)
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Save(at("z.parquet"), z.Frame(f)); err != nil {
		t.Fatal(err)
	}
	server := "--address=" + litetest.Shared(t).Address()
	load := func(want int, words ...string) string {
		return call(t, want, append([]string{"load", server, "--backend=go", "--cursor=" + at("cursor")}, words...)...)
	}
	model := "--model=" + at("m.safetensors")
	labtest.WantText(t, load(0, model, "--batch=100", "items", at("part.csv")), "items: 700 items of 3 numbers\n")
	labtest.WantText(t, load(0, model, "items", at("all.csv")), "1200 items of 3 numbers, 700 of them by an earlier load")
	labtest.WantText(t, load(2, "items", at("z.parquet")), "--model", "name it, with --embeddings")
	labtest.WantText(t, load(2, model, "--index=hnsw", "items", at("all.csv")), "--index: items is there, and is flat")

	var stats milvus.Stats
	if err := json.Unmarshal([]byte(call(t, 0, "stats", server, "--json", "items")), &stats); err != nil ||
		stats.Items != 1200 || stats.Width != 3 || len(stats.Of) != 64 {
		t.Errorf("%+v, %v", stats, err)
	}

	of, err := search.New(z.E, search.Config{})
	if err == nil {
		err = of.Add(t.Context(), z, f)
	}
	if err != nil {
		t.Fatal(err)
	}
	opt := search.Options{K: 4, Labels: []string{f.Labels[3], f.Labels[400]}, Own: []int{3}}
	want, err := of.Search(t.Context(), z.Select([]int{3}), opt)
	if err != nil {
		t.Fatal(err)
	}
	out := call(t, 0, "search", server, "--k=4", "--query="+f.IDs[3], "--only-label="+f.Labels[3],
		"--only-label="+f.Labels[400], "--certificate", "items")
	labtest.WantText(t, out, "recall@4 1.000")
	if got := cosines(out); len(got) != 4 || !slices.Equal(got, wanted(want)) {
		t.Errorf("%q, want %q\n%s", got, wanted(want), out)
	}
	if want, err = of.Search(t.Context(), z.Select([]int{5, 900}), search.Options{K: 10}); err != nil {
		t.Fatal(err)
	}
	if err := table.Save(at("zone.csv"), z.Frame(f).Select([]int{5, 900})); err != nil {
		t.Fatal(err)
	}
	for _, words := range [][]string{{"--query=" + at("one.csv")}, {"--embeddings", "--query=" + at("zone.csv")}} {
		out := call(t, 0, append([]string{"search", server, model, "--backend=go", "items"}, words...)...)
		if got := cosines(out); !slices.Equal(got, wanted(want)) {
			t.Errorf("%q: %q, want %q", words, got, wanted(want))
		}
	}
	labtest.WantText(t, call(t, 1, "search", server, "--query=none", "items"), "--query: none is not a file, and",
		"no item none")

	labtest.WantText(t, call(t, 0, "delete", server, "items", f.IDs[3], f.IDs[4]), "items: 2 items deleted")
	labtest.WantText(t, call(t, 1, "delete", server, "items", f.IDs[3], f.IDs[5]), "no item")
	labtest.WantText(t, call(t, 0, "stats", server, "items"), "1198 items of 3 numbers, flat")
	labtest.WantText(t, call(t, 0, "drop", server, "items"), "items: dropped")
	labtest.WantText(t, call(t, 1, "stats", server, "items"), "there is no such collection")

	// A table of embeddings, with a graph.
	labtest.WantText(t, call(t, 0, "load", server, "--index=hnsw", "plain", at("z.parquet")), "plain: 1200 items")
	labtest.WantText(t, call(t, 0, "search", server, "--query="+f.IDs[0], "plain"), "from the exact answers to 1 queries")
	labtest.WantText(t, call(t, 2, "search", server, model, "--backend=go", "--query="+at("one.csv"), "plain"),
		"--model: plain does not know")
	numbered := z.Frame(f)
	numbered.IDs, numbered.Numbered = make([]string, f.N()), true
	for i := range numbered.IDs {
		numbered.IDs[i] = fmt.Sprint(i)
	}
	if err := table.Save(at("n.npy"), numbered); err != nil {
		t.Fatal(err)
	}
	labtest.WantText(t, call(t, 1, "load", server, "numbers", at("n.npy")), "the items have no ids", "--id")
	labtest.WantText(t, call(t, 0, "load", server, "--id=-", "numbers", at("n.npy")), "numbers: 1200 items")
	for _, name := range []string{"plain", "numbers"} {
		call(t, 0, "drop", server, name)
	}

	// An end by a signal says how to go on, and keeps what there is.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var errOut bytes.Buffer
	status := run(ctx, []string{"load", server, "--cursor=" + at("c"), "more", at("z.parquet")}, &errOut, &errOut)
	if status != 130 || !strings.Contains(errOut.String(), "interrupted") {
		t.Errorf("%d: %s", status, errOut.String())
	}
}

var number = regexp.MustCompile(`(?m)^ *(-?[0-9.]+)  `)

// cosines returns the cosines of lines that search prints.
func cosines(out string) []string {
	var all []string
	for _, m := range number.FindAllStringSubmatch(out, -1) {
		all = append(all, m[1])
	}
	return all
}

func wanted(found *search.Found) []string {
	var all []string
	for _, list := range found.Lists {
		for _, n := range list {
			all = append(all, fmt.Sprintf("%.4f", n.Cosine))
		}
	}
	return all
}

// Secrets come from files and the environment; a command line that cannot be meant is told as one.
func TestFlags(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Setenv("SIAMESE_MILVUS_TOKEN", "")
	t.Setenv("SIAMESE_MILVUS_PASSWORD", "of the environment")
	f := serverFlags{Collection: "a", Address: "localhost:1", Timeout: 1, Username: "u"}
	if c, err := f.config(); err != nil || c.Password != "of the environment" || c.Retries != -1 {
		t.Errorf("%+v, %v", c, err)
	}
	f.PasswordFile = file("password", "of a file\r\n")
	if c, err := f.config(); err != nil || c.Password != "of a file" {
		t.Errorf("%+v, %v", c, err)
	}
	f.PasswordFile, f.Username, f.TokenFile = "", "", file("token", "t")
	if c, err := f.config(); err != nil || c.Token != "t" || c.Password != "" {
		t.Errorf("%+v, %v", c, err)
	}
	two := file("two", "a\nb")
	for _, w := range []struct {
		want  string
		words []string
	}{{"--token-file: ", []string{"stats", "--token-file=" + two, "a"}},
		{"--tls: a secret would cross", []string{"stats", "--address=db.example:1", "--token-file=" + f.TokenFile, "a"}},
		{"--timeout", []string{"stats", "--timeout=0s", "a"}}, {"--retries", []string{"stats", "--retries=-1", "a"}},
		{"--collection", []string{"drop", "a b"}}, {"--links: it has no effect", []string{"load", "--links=8", "a", "b"}},
		{"--index", []string{"load", "--index=tree", "a", "b"}}, {"--batch", []string{"load", "--batch=0", "a", "b"}},
		{"--k", []string{"search", "--query=x", "--k=0", "a"}}, {"unknown flag", []string{"stats", "--none", "a"}}} {
		status := 2
		if w.want == "--token-file: " {
			status = 1
		}
		want := w.want
		if want == "--collection" {
			want = "letters, digits and _"
		}
		if got := call(t, status, w.words...); !strings.Contains(got, want) {
			t.Errorf("%q: %s, want %q", w.words, got, want)
		}
	}
	if got := call(t, 0, "load", "--help"); !strings.Contains(got, "--cursor") {
		t.Error(got)
	}
	// Nobody listens there.
	if got := call(t, 1, "stats", "--address=127.0.0.1:1", "--retries=1", "a"); !strings.Contains(got,
		"in 2 tries: is the server running") {
		t.Error(got)
	}
}
