//go:build linux

package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/siamese/history"
)

// job is a command line with the files that it makes.
type job struct {
	name    string
	args    []string
	outputs []string // to be the same bytes every time
	stdout  bool     // what it prints is to be the same too
	allowed *regexp.Regexp
	pick    int // how often it is drawn, in comparison with others
	// Of the run that nothing disturbed.
	want    map[string][sha256.Size]byte
	printed string
	history []history.Epoch
	bytes   int64 // on the disk
	peak    int64 // of memory
}

// data are 2,000 pictures, with a split of their own.
const data = "builtin:100"

// prepare makes what all jobs read, and runs each of them once, undisturbed.
func (l *lab) prepare(ctx context.Context) error {
	small := []string{"--preset", "known", "--batch-pairs", "64", "--val-pairs", "500"}
	l.jobs = []*job{
		{name: "train", pick: 4, outputs: []string{"m.safetensors"},
			args: slices.Concat([]string{"train", "--split", "../split.json", "--layers", "128,64", "--epochs", "10",
				"--pairs-per-epoch", "4096", "--history", "h.jsonl", "--state", "state", "--out", "m.safetensors"}, small),
			allowed: regexp.MustCompile(`^(h\.jsonl|m\.safetensors|state|state/(lock|state-\d+\.safetensors))$`)},
		{name: "sweep", pick: 2, outputs: []string{"m.safetensors", "found.json"},
			args: slices.Concat([]string{"sweep", "--layers", "64", "--epochs", "2", "--pairs-per-epoch", "2048",
				"--trials", "5", "--state", "state", "--out", "m.safetensors", "--json", "found.json"}, small),
			allowed: regexp.MustCompile(`^(m\.safetensors|found\.json|state|state/(lock|search.*\.(json|safetensors)))$`)},
		{name: "index", pick: 1, outputs: []string{"items.index"},
			args:    []string{"index", "build", "--out", "items.index", "../model.safetensors"},
			allowed: regexp.MustCompile(`^items\.index$`)},
		{name: "search", pick: 1, stdout: true, allowed: regexp.MustCompile(`^$`)},
	}
	if err := l.once(ctx, "split", "--val", "0.2", "--test", "0.2", "--out", "split.json", data); err != nil {
		return err
	}
	for _, j := range l.jobs {
		if j.name == "search" {
			j.args = []string{"index", "search", "--query", l.query, "--k", "8", "../model.safetensors", "../gallery.index"}
		} else {
			j.args = append(j.args, data)
		}
		if l.backend != "" {
			j.args = slices.Insert(j.args, 1, "--backend", l.backend)
		}
		dir := filepath.Join(l.work, "reference-"+j.name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
		p, err := l.run(ctx, j, dir, "")
		if err != nil || p.status != 0 {
			return fmt.Errorf("siamese %q: status %d, %w\n%s", j.args, p.status, err, p.out.String())
		}
		j.peak = p.peak()
		j.printed = p.out.String()
		if j.want, j.bytes, err = sums(dir, j); err != nil {
			return err
		}
		if j.history, err = epochs(dir); err != nil {
			return err
		}
		fmt.Printf("%s, undisturbed: %v, %d MB of memory, %d kB of files\n", j.name, p.took(), j.peak>>20, j.bytes>>10)
		// What other jobs read.
		for from, to := range map[string]string{"m.safetensors": "model.safetensors", "items.index": "gallery.index"} {
			if j.name == "sweep" || !slices.Contains(j.outputs, from) {
				continue
			}
			if err := os.Rename(filepath.Join(dir, from), filepath.Join(l.work, to)); err != nil {
				return err
			}
		}
	}
	return nil
}

// once runs a command in the work folder, and learns an id of its split.
func (l *lab) once(ctx context.Context, args ...string) error {
	p, err := l.run(ctx, &job{args: args}, l.work, "")
	if err != nil || p.status != 0 {
		return fmt.Errorf("siamese %q: status %d, %w\n%s", args, p.status, err, p.out.String())
	}
	content, err := os.ReadFile(filepath.Join(l.work, "split.json"))
	if err != nil {
		return err
	}
	var split struct{ Test struct{ IDs []string } }
	if err := json.Unmarshal(content, &split); err != nil || len(split.Test.IDs) == 0 {
		return fmt.Errorf("split.json has no ids: %w", err)
	}
	l.query = split.Test.IDs[0]
	return nil
}

// run runs a job in a folder until it ends.
func (l *lab) run(ctx context.Context, j *job, dir, group string) (*process, error) {
	p, err := l.process(laneJobs, dir, group, j.args...)
	if err != nil {
		return p, err
	}
	if err := l.begin(laneJobs, p); err != nil {
		return p, err
	}
	l.end(ctx, laneJobs, p)
	return p, nil
}

// job draws a job and what disturbs it beside the plan's kills, and runs it until it has succeeded.
func (l *lab) job(ctx context.Context, rng *rand.Rand) {
	var drawn []*job
	for _, j := range l.jobs {
		drawn = append(drawn, slices.Repeat([]*job{j}, j.pick)...)
	}
	j := drawn[rng.IntN(len(drawn))]
	dir, err := os.MkdirTemp(l.work, j.name+"-*")
	if err != nil {
		l.fault("%v", err)
		return
	}
	switch rng.IntN(5) {
	case 0:
		l.onSmallDisk(ctx, j, dir, rng)
	case 1:
		l.inLittleMemory(ctx, j, dir, rng)
	default:
		l.untilDone(ctx, j, dir)
	}
	if err := os.RemoveAll(dir); err != nil {
		l.fault("%v", err)
	}
}

// untilDone runs a job until it succeeds: kills of the plan are the only reason for another run. Then it compares.
func (l *lab) untilDone(ctx context.Context, j *job, dir string) {
	for ctx.Err() == nil {
		before, err := epochs(dir)
		if err != nil {
			l.fault("%v", err)
		}
		p, err := l.run(ctx, j, dir, "")
		switch {
		case err != nil:
			l.fault("%s: %v", j.name, err)
			return
		case ctx.Err() != nil:
			return
		case p.status != 0 && p.hit == 0:
			l.fault("%s ended with status %d, and nobody had killed it:\n%s", j.name, p.status, p.out.String())
			return
		}
		l.repeated(j, p, len(before))
		if p.status == 0 {
			l.compare(j, p, dir)
			return
		}
	}
}

// epochs returns the history of a training, of which a part may be written; an epoch that it has twice counts once.
func epochs(dir string) ([]history.Epoch, error) {
	all, err := history.Read(filepath.Join(dir, "h.jsonl"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // not yet, or no training
	}
	for i := range all {
		all[i].PairsPerSec = 0 // another one in every run
	}
	return all, err
}

var epochLine = regexp.MustCompile(`(?m)^epoch (\d+) of`)

// repeated notes how many epochs a training that went on has computed again. before is how many were done.
func (l *lab) repeated(j *job, p *process, before int) {
	found := epochLine.FindStringSubmatch(p.out.String())
	if j.name != "train" || before == 0 || found == nil {
		return
	}
	first, err := strconv.Atoi(found[1])
	if err != nil {
		l.fault("%v", err)
		return
	}
	l.count("trainings that went on")
	if again := before + 1 - first; again > 1 || again < 0 {
		l.fault("lost work: a training with %d epochs done went on with epoch %d", before, first)
	} else if again == 1 {
		l.count("epochs computed again")
	}
}

// compare compares what a job has made with what it made undisturbed.
func (l *lab) compare(j *job, p *process, dir string) {
	l.count("done: %s", j.name)
	got, _, err := sums(dir, j)
	if err != nil {
		l.fault("%s: %v", j.name, err)
		return
	}
	for _, name := range j.outputs {
		if got[name] != j.want[name] {
			l.fault("lost work: %s of %s has other bytes than undisturbed", name, j.name)
		}
	}
	if j.stdout && p.out.String() != j.printed {
		l.fault("%s printed\n%s\nand undisturbed\n%s", j.name, p.out.String(), j.printed)
	}
	if told, err := epochs(dir); err != nil || !reflect.DeepEqual(told, j.history) {
		l.fault("lost work: the history has other epochs than undisturbed, %d of them, %v", len(told), err)
	}
}

// sums returns the digests of a job's outputs, and the bytes of all its files. A file that does not belong there is an
// error.
func sums(dir string, j *job) (map[string][sha256.Size]byte, int64, error) {
	all, bytes, problems := map[string][sha256.Size]byte{}, int64(0), []error(nil)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		name := strings.TrimPrefix(strings.TrimPrefix(path, dir), "/")
		if err != nil || name == "" {
			return err
		}
		if !j.allowed.MatchString(name) {
			problems = append(problems, fmt.Errorf("leak: it left %s", name))
		}
		if d.IsDir() {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		bytes += int64(len(content))
		if slices.Contains(j.outputs, name) {
			all[name] = sha256.Sum256(content)
		}
		return nil
	})
	return all, bytes, errors.Join(append(problems, err)...)
}
