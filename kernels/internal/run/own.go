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

// claims are the names that a run writes and nobody else meanwhile.
type claims []*place.Claim

// release gives them back.
func (c claims) release() {
	for _, one := range c {
		one.Release()
	}
}

// own returns the plan for a notebook, with what it writes its own: its result and its folder of files. It waits while
// another run has one of them, and says so on o.Log. What runs that were cut off have left is kept apart, and told. The
// claims, which are to be released in any case, are for the driver too: it lives on for a moment where this process is
// killed.
func own(ctx context.Context, path string, o Options) (*plan, claims, error) {
	for {
		p, err := newPlan(path, o)
		if err != nil {
			return nil, nil, err
		}
		held, waited, err := p.claim(ctx, o)
		if waited && err == nil { // the other run may have written the notebook itself
			was := p.folder
			if p, err = newPlan(path, o); err == nil && p.folder != was {
				held.release()
				continue
			}
		}
		if err == nil {
			err = p.salvage(o)
		}
		if err == nil && p.runs != "" {
			err = p.fresh(o)
		}
		return p, held, err
	}
}

// claim takes the names that a run writes. waited = another run had one of them.
func (p *plan) claim(ctx context.Context, o Options) (held claims, waited bool, err error) {
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
			told, waited = true, true
		})
		switch {
		case err == nil:
			held = append(held, c)
			continue
		case ctx.Err() != nil:
			err = fmt.Errorf("waiting for another run of %s: %w", p.path, ctx.Err())
		case target != p.base:
			err = &OutputError{Path: target,
				Err: fmt.Errorf("%w; -p %s=FOLDER names another folder for files", err, notebook.ParameterRuns)}
		default:
			err = &OutputError{Path: target, Err: err}
		}
		return held, waited, err
	}
	return held, waited, nil
}

// salvage keeps what a run that was killed has left of its result, under a name that nothing has yet, and tells it.
func (p *plan) salvage(o Options) error {
	left := p.base + runningEnd
	content, err := os.ReadFile(left)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	done := 0
	if err == nil {
		content, done = completed(content, o)
	}
	kept, f, failed := numbered(p.base, "cut")
	if err = errors.Join(err, failed); failed == nil {
		_, failed = f.Write(content)
		err = errors.Join(err, failed, f.Close())
	}
	if err == nil {
		err = os.Remove(left)
	} else if f != nil {
		os.Remove(kept)
	}
	if err != nil {
		return &OutputError{Path: kept, Err: err}
	}
	fmt.Fprintf(o.Log, "an earlier run was cut off: the %d cells that it executed are kept in %s\n", done,
		quote.Text(kept))
	return nil
}

// completed returns a copy that a driver wrote as [Notebook] would have written it, and how many of its cells were
// executed. One that is no notebook stays as it is.
func completed(content []byte, o Options) (text []byte, done int) {
	nb, err := notebook.Parse(content)
	if err != nil {
		return content, 0
	}
	for _, c := range nb.Cells {
		if c.Count() > 0 {
			done++
		}
	}
	nb.Clean("", "")
	nb.Seal(o.Kernel, o.Sets)
	if text, err = nb.Bytes(); err != nil {
		return content, done
	}
	return text, done
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
// Of a checkout whose files cannot be read it has the version only. It is that of when it is asked for first.
func (p *plan) code(o Options) string {
	if p.digest != "" {
		return p.digest
	}
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
	p.digest = receipt.Digest([]byte(all.String()))
	return p.digest
}
