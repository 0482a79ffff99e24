package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/receipt"
	"github.com/go-siamese/lab/siamese/version"
)

// running is the file that has what was executed so far, beside where the result will be.
func (p *plan) running() string { return p.base + ".running" + executedEnd }

// own makes what a run writes its own: its result and its folder of files. It waits while another run has one of them,
// and says so on o.Log. What runs that were cut off have left is kept apart, and told. release gives all back;
// claims are for the driver, which lives on for a moment where this process is killed.
func (p *plan) own(ctx context.Context, o Options) (claims []*place.Claim, release func(), err error) {
	release = func() {
		for _, c := range claims {
			c.Release()
		}
	}
	targets := []string{p.base}
	if p.folder != "" {
		targets = append(targets, filepath.Clean(p.folder))
	}
	for _, target := range targets {
		told := false
		c, err := place.Take(ctx, target, func() {
			if !told {
				fmt.Fprintf(o.Log, "waiting: another run writes %s\n", quote.Text(target))
			}
			told = true
		})
		if err != nil {
			release()
			if ctx.Err() != nil {
				return nil, nil, fmt.Errorf("waiting for another run of %s: %w", p.path, ctx.Err())
			}
			return nil, nil, &OutputError{Path: target, Err: err}
		}
		claims = append(claims, c)
	}
	err = p.salvage(o)
	if err == nil && p.runs != "" {
		err = p.fresh(o)
	}
	if err != nil {
		release()
		return nil, nil, err
	}
	return claims, release, nil
}

// salvage keeps what a run that was killed has left of its result, under a name that nothing has yet, and tells it.
func (p *plan) salvage(o Options) error {
	left := p.running()
	nb, err := notebook.Read(left)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	done := 0
	if err == nil {
		for _, c := range nb.Cells {
			if c.Count() > 0 {
				done++
			}
		}
	}
	kept, f, err := numbered(p.base, "cut")
	if err != nil {
		return &OutputError{Path: kept, Err: err}
	}
	f.Close()
	if err := os.Rename(left, kept); err != nil {
		os.Remove(kept)
		return &OutputError{Path: kept, Err: err}
	}
	fmt.Fprintf(o.Log, "an earlier run was cut off: the %d cells that it executed are kept in %s\n", done,
		quote.Text(kept))
	return nil
}

// stamp says which run wrote a folder.
type stamp struct {
	Code     string `json:"code"`     // digest of all that the run executed
	Finished bool   `json:"finished"` // every cell succeeded
}

// stampFile is the file beside a run's folder that has its stamp.
func (p *plan) stampFile() string {
	return filepath.Join(filepath.Dir(p.folder), "."+filepath.Base(p.folder)+".run.json")
}

// fresh sees that nothing of another run is in the folder of this one, whose cells could take it for theirs. What a run
// of the same code that was cut off has left stays there, to go on from; what one that succeeded has left is set aside
// once, as FOLDER.former; all else under a number.
func (p *plan) fresh(o Options) error {
	now := stamp{Code: p.code(o)}
	if _, err := os.Lstat(p.folder); err == nil {
		var last stamp
		// One that cannot be read is another run's.
		if text, err := os.ReadFile(p.stampFile()); err != nil || json.Unmarshal(text, &last) != nil {
			last = stamp{}
		}
		if last.Code == now.Code && !last.Finished {
			fmt.Fprintf(o.Log, "goes on with the files of a run that did not end: %s\n", quote.Text(p.folder))
		} else if err := p.setAside(o, last); err != nil {
			return &OutputError{Path: p.folder, Err: err}
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return &OutputError{Path: p.folder, Err: err}
	}
	return p.mark(now)
}

// setAside renames the folder of an earlier run.
func (p *plan) setAside(o Options, last stamp) error {
	aside := p.folder + ".former"
	if last.Finished {
		if err := os.RemoveAll(aside); err != nil {
			return err
		}
	} else {
		for n := 1; ; n++ {
			aside = fmt.Sprintf("%s.kept-%d", p.folder, n)
			if _, err := os.Lstat(aside); errors.Is(err, os.ErrNotExist) {
				break
			}
		}
	}
	if err := os.Rename(p.folder, aside); err != nil {
		return err
	}
	fmt.Fprintf(o.Log, "files of an earlier run are kept in %s\n", quote.Text(aside))
	return nil
}

// mark writes the stamp of the run's folder.
func (p *plan) mark(s stamp) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := place.WriteFile(p.stampFile(), append(text, '\n'), 0o644); err != nil {
		return &OutputError{Path: p.stampFile(), Err: err}
	}
	return nil
}

// finish notes that every cell of the run has succeeded.
func (p *plan) finish(o Options) error {
	if p.runs == "" {
		return nil
	}
	return p.mark(stamp{Code: p.code(o), Finished: true})
}

// code returns the digest of all that a run executes: the cells with their parameters, the lab's own code, the kernel.
// Of a checkout whose files cannot be read it has the version only.
func (p *plan) code(o Options) string {
	lab, err := receipt.Code(o.Lab.Repo)
	if err != nil {
		lab = receipt.Lab{Version: version.Version}
	}
	var all strings.Builder
	for _, c := range p.nb.Cells {
		if c.Type() == "code" {
			fmt.Fprintln(&all, c.CodeDigest())
		}
	}
	fmt.Fprintln(&all, o.Kernel, lab.Version, lab.Code)
	return receipt.Digest([]byte(all.String()))
}
