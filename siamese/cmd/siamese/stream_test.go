package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/data/memory"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/report"
)

// With --stream a table is described, split, trained and evaluated on while its features are on disk: with what comes
// out otherwise. What takes more memory than there is is refused with the figure.
func TestStreamedCommands(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("SIAMESE_LAB_DIR", filepath.Join(dir, "lab"))
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := table.Save(at("i.parquet"), labtest.Toy("i", 4, 50, 40, 0.5, 1)); err != nil {
		t.Fatal(err)
	}
	ran := func(status int, words ...string) string {
		t.Helper()
		got, out, errOut := call(words...)
		if got != status {
			t.Fatalf("%q: %d, want %d\n%s%s", words, got, status, out, errOut)
		}
		return out + errOut
	}
	text := ran(0, "describe", "--stream", at("i.parquet"))
	labtest.WantText(t, text, "on disk, 200 items x 40 features", "read from disk as they are needed")
	var models []*siamese.Model
	for _, how := range []string{"--stream", "--max-bytes=0"} { // 0 is the default
		name := fmt.Sprint("m", len(models))
		ran(0, "split", how, "--val=0.3", "--test=0.3", "--out="+at(name+".json"), at("i.parquet"))
		ran(0, "train", how, "--backend=go", "--layers=8,4", "--epochs=1", "--pairs-per-epoch=128", "--batch-pairs=16",
			"--val-pairs=60", "--split="+at(name+".json"), "--out="+at(name+".safetensors"), at("i.parquet"))
		ran(0, "evaluate", how, "--backend=go", "--no-baselines", "--split="+at(name+".json"), at(name+".safetensors"),
			at("i.parquet"))
		ran(0, "evaluate", how, "--backend=go", "--estimate=40", "--split="+at("m0.json"), "--json="+at(name+"-r.json"),
			at("m0.safetensors"), at("i.parquet"))
		m, err := siamese.Load(at(name + ".safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		models = append(models, m)
	}
	if diff := cmp.Diff(models[0].Layers, models[1].Layers); diff != "" {
		t.Error("other weights:", diff)
	}
	var reports []*report.Report
	for k := range 2 {
		all, err := report.Load(at(fmt.Sprintf("m%d-r.json", k)))
		if err != nil {
			t.Fatal(err)
		}
		all.One().Origin = nil // it has the times of files
		reports = append(reports, all.One())
	}
	if diff := cmp.Diff(reports[0], reports[1], cmpopts.IgnoreUnexported(report.Report{})); diff != "" {
		t.Error("another report:", diff)
	}
	if left, _ := filepath.Glob(at("lab/frames/siamese-items-*")); len(left) > 0 {
		t.Error("files are left:", left)
	}
	defer memory.Pretend(30_000)()
	text = ran(1, "train", "--stream", "--backend=go", "--layers=8,4", "--pairs-per-epoch=128", "--batch-pairs=16",
		"--split="+at("m0.json"), "--out="+at("x.safetensors"), at("i.parquet"))
	labtest.WantText(t, text, "training needs about", "of memory, and 30 kB are free")
	text = ran(1, "evaluate", "--stream", "--backend=go", "--estimate=40", "--split="+at("m0.json"),
		at("m0.safetensors"), at("i.parquet"))
	labtest.WantText(t, text, "evaluating needs about", "30 kB are free", "--no-baselines")
}

// What takes a while is told as a share, or in rows where the end is not known; what is done sooner is not.
func TestCountBar(t *testing.T) {
	var out strings.Builder
	tell, end := countBar(&out, time.Hour, shareOf("soon"))
	tell(1, 4)
	end()
	for _, total := range []int{4, 0} {
		tell, end := countBar(&out, 0, shareOf("the copy"))
		tell(2, total)
		tell(4, 4)
		end()
	}
	want := "the copy: 50 %\nthe copy: 100 %\nthe copy: 2 rows\nthe copy: 100 %\n"
	if got := out.String(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
