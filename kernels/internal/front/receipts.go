package front

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/kernels/internal/receipt"
	"github.com/go-siamese/lab/kernels/internal/wire"
)

// Bounds of the time that a receipt takes: a cell is not over before it has one.
const (
	hashTold  = 2 * time.Second // after it the log says what takes so long
	hashLimit = time.Minute     // a file that is not hashed by then has no digest
	lookAhead = 250 * time.Millisecond
)

// maxEvents is how many bytes of a cell's events count.
const maxEvents = 64 << 20

// receipts makes the receipts of cells: nil = there are none.
type receipts struct {
	dir     string // of the events' files
	folder  string // the notebook's
	around  *surroundings
	history string // folder of journals; "" = none is kept
	name    string // the notebook's, where a request does not tell it
	log     func(format string, args ...any)

	journalsMu sync.Mutex
	journals   map[string]*receipt.Journal // by the notebook's name

	mu       sync.Mutex
	by       map[string]*proof // by the header of the request, as long as outputs may come
	order    []string
	displays map[string][]*proof // by the id with which an output can be updated
}

// proof is what is known of a cell's execution.
type proof struct {
	events string                  // the file in which its programs tell what they do
	around <-chan receipt.Notebook // what it is executed with; closed without a value = that is not known
	began  time.Time
	cancel context.CancelFunc // gives up what is hashed
	name   string             // of its notebook

	mu      sync.Mutex
	outputs receipt.Outputs
	entry   *receipt.Entry // of the journal, when the cell is over
	late    *time.Timer    // writes the entry again
}

// openReceipts returns what makes the receipts, or nil without a checkout.
func (k *kernel) openReceipts() *receipts {
	if k.o.Checkout == "" {
		return nil
	}
	folder, err := os.Getwd()
	if err != nil {
		k.o.Log("receipts: %v", err)
		return nil
	}
	r := &receipts{dir: filepath.Join(k.dir, eventsDir), folder: folder, log: k.o.Log, by: map[string]*proof{},
		displays: map[string][]*proof{}, around: newSurroundings(k.ctx, k.o.Checkout, k.environment(), k.o.GoNB)}
	if err := os.Mkdir(r.dir, 0o700); err != nil {
		k.o.Log("receipts: %v", err)
		return nil
	}
	r.history, r.name, r.journals = k.o.History, k.o.Notebook, map[string]*receipt.Journal{}
	r.journal(r.name)
	return r
}

// begin begins the receipt of a cell.
func (r *receipts) begin(ctx context.Context, x *execution) {
	if r == nil || x.Silent {
		return
	}
	around := make(chan receipt.Notebook, 1)
	ctx, cancel := context.WithCancel(ctx)
	p := &proof{events: filepath.Join(r.dir, wire.NewID()), around: around, began: time.Now(), cancel: cancel,
		name: cmp.Or(notebookOf(x.request.Metadata), r.name)}
	go func() {
		defer close(around)
		n, err := r.around.now(ctx)
		if err != nil {
			r.log("receipts: %v", err)
			return
		}
		around <- n
	}()
	r.mu.Lock()
	defer r.mu.Unlock()
	head := string(x.request.Head)
	r.by[head] = p
	if r.order = append(r.order, head); len(r.order) > remembered {
		delete(r.by, r.order[0])
		r.order = r.order[1:]
	}
	x.proof = p
	go r.ahead(ctx, x)
}

// ahead hashes what a cell reads while it runs, so that its end need not wait for that.
func (r *receipts) ahead(ctx context.Context, x *execution) {
	tick := time.NewTicker(lookAhead)
	defer tick.Stop()
	var from int64
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var events []provenance.Event
		events, from = x.proof.told(from)
		for _, e := range events {
			if e.Kind == provenance.FileRead {
				_, _ = r.around.files.Hash(ctx, e.Text) // the end of the cell says what is wrong
			}
		}
	}
}

// told returns what the programs of a cell have told, from a place in the file on, and where the rest will be.
func (p *proof) told(from int64) (events []provenance.Event, to int64) {
	f, err := os.Open(p.events)
	if err != nil {
		return nil, from // nothing was told
	}
	defer f.Close()
	content, err := io.ReadAll(io.NewSectionReader(f, from, maxEvents-from))
	if err != nil {
		return nil, from
	}
	content = content[:bytes.LastIndexByte(content, '\n')+1]
	return provenance.Parse(content), from + int64(len(content))
}

// end makes the receipt of a cell that is over, for the metadata of its reply; nil = there is none.
func (r *receipts) end(ctx context.Context, x *execution) any {
	p := x.proof
	if p == nil {
		return nil
	}
	seconds := math.Round(time.Since(p.began).Seconds()*1000) / 1000
	defer p.cancel()
	ctx, cancel := context.WithTimeout(ctx, hashLimit)
	defer cancel()
	x.mu.Lock()
	x.hashing = cancel // an interrupt ends it
	x.mu.Unlock()
	told := time.AfterFunc(hashTold, func() { r.log("cell %d: hashing what it read and wrote, for its receipt", x.count) })
	defer told.Stop()
	around, ok := receipt.Notebook{}, false
	select {
	case around, ok = <-p.around:
	case <-ctx.Done():
	}
	if !ok {
		return nil
	}
	events, _ := p.told(0)
	cell := r.cell(ctx, events)
	cell.Code, cell.Seconds = receipt.Digest([]byte(x.Code)), seconds
	_ = os.Remove(p.events) // it goes with the kernel's folder else
	p.mu.Lock()
	defer p.mu.Unlock()
	cell.Outputs = p.outputs.Digest()
	cell.Volatile = p.outputs.Among(cell.Volatile)
	p.outputs.Forget()
	p.entry = &receipt.Entry{ID: wire.NewID(), Cell: cell, Notebook: around}
	r.keep(p)
	return map[string]any{"siamese": map[string]any{"cell": cell, "notebook": around}}
}

// keep writes an execution into the journal of its notebook.
func (r *receipts) keep(p *proof) {
	if r.history == "" {
		return
	}
	if err := r.journal(p.name).Add(*p.entry); err != nil {
		r.log("receipts: %v", err)
	}
}

// cell returns the part of a receipt that programs have told.
func (r *receipts) cell(ctx context.Context, events []provenance.Event) receipt.Cell {
	cell := receipt.Cell{}
	read, written := map[string]bool{}, map[string]bool{}
	facts := map[string][]string{}
	for _, e := range events {
		switch e.Kind {
		case provenance.FileRead:
			if !written[e.Text] { // what it has made itself is no input
				read[e.Text] = true
			}
		case provenance.FileWritten:
			written[e.Text] = true
		case provenance.Changes:
			cell.Volatile = append(cell.Volatile, e.Text)
		case provenance.Fact:
			facts[e.Name] = append(facts[e.Name], e.Text)
		case provenance.KeptValue:
			cell.Session = true
		}
	}
	for path := range read {
		file := r.file(ctx, path)
		if written[path] { // of what it read only the name is left
			file.Bytes, file.SHA = 0, ""
		}
		cell.Read = append(cell.Read, file)
	}
	for path := range written {
		cell.Written = append(cell.Written, r.file(ctx, path))
	}
	for _, files := range [][]receipt.File{cell.Read, cell.Written} {
		slices.SortFunc(files, receipt.File.Compare)
	}
	slices.Sort(cell.Volatile)
	cell.Volatile = slices.Compact(cell.Volatile)
	for name, values := range facts {
		slices.Sort(values)
		facts[name] = slices.Compact(values)
	}
	if len(facts) > 0 {
		cell.Facts = facts
	}
	return cell
}

// file returns a file that a cell used as it is now.
func (r *receipts) file(ctx context.Context, path string) receipt.File {
	file, err := r.around.files.Hash(ctx, path)
	if err != nil && !errors.Is(err, os.ErrNotExist) { // a cell may remove what it made
		r.log("receipts: %s: %v", path, err)
	}
	file.Name = receipt.Name(path, r.folder, r.around.checkout)
	return file
}
