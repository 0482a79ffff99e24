package setup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/sys/cpu"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/proof"
	"github.com/go-siamese/lab/kernels/plugin"
)

// mendInstall is the line that mends whatever the installer can install.
const mendInstall = "go run ./kernels install"

// Item is one line of a doctor's report.
type Item struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	// Needed = the lab does not work without it. What is not needed makes it faster (XLA) or more comfortable (gopls).
	Needed bool `json:"needed"`
	// Damaged = it was installed, and is not what was installed any more.
	Damaged bool `json:"damaged,omitempty"`
	// State is what is there, or what is wrong.
	State string `json:"state"`
	// Mend is the one command that mends it; "" if all is well.
	Mend string `json:"mend,omitempty"`
}

// Report is what the doctor found, in the order of an installation, which is also that of mending.
type Report struct {
	Items []Item `json:"items"`
	// Backend is which backend notebooks will use, and why, in a sentence.
	Backend string `json:"backend"`
}

// Examination says how closely [Doctor] looks. The zero value tries all but the kernels.
type Examination struct {
	// Quick = nothing is compiled, imported, loaded or run, and no bytes are compared: it takes a tenth of a second.
	Quick bool
	// Cell runs a cell through a kernel, by the interpreter of the environment, and returns what it found out; nil = no
	// cell is run.
	Cell func(ctx context.Context, python, kernel string) (string, error)
	// Portable does the same with portable bits, through XLA's kernel; nil = the report says nothing of
	// them.
	Portable func(ctx context.Context, python string) (string, error)
	// Slow, if not nil, is called with the name of what takes longer than two seconds. It may be called from another
	// goroutine than Doctor's.
	Slow func(name string)
}

// Doctor looks at everything that the lab needs, and tries it: it compiles, imports, loads and runs. Beside the files
// that it makes for a moment it changes nothing. Each look has a time by which it has to be over. What goes wrong is an
// item of the report, not an error: one look shows everything. The line that mends an item is one that was tried.
func Doctor(ctx context.Context, lab place.Lab, how Examination) Report {
	e := &examiner{lab: lab, how: how, avx2: cpu.X86.HasAVX2 && cpu.X86.HasFMA}
	e.system(ctx)
	e.environment(ctx)
	e.tools(ctx)
	e.plugin(ctx)
	e.kernels(ctx)
	e.portable(ctx)
	e.report.Backend = e.backend()
	return e.report
}

// examiner makes a report. Later looks use what earlier ones found.
type examiner struct {
	lab    place.Lab
	how    Examination
	report Report

	env     GoEnv  // empty where there is no go command; the items that need it say so in their own words
	python  string // "" = there is no environment, or a broken one
	library plugin.Plugin
	avx2    bool                           // the processor has AVX2 and FMA
	gpu     func(ctx context.Context) bool // nil = it is looked for
	// What is in order.
	goOK, compilerOK, pythonOK, toolsOK, pluginOK, xlaOK bool
}

// look adds an item and reports whether it is in order. mend is the line that would mend it, limit the time that check
// may take.
func (e *examiner) look(ctx context.Context, name string, needed bool, mend string, limit time.Duration,
	check func(ctx context.Context) (string, error)) bool {
	if e.how.Slow != nil {
		timer := time.AfterFunc(2*time.Second, func() { e.how.Slow(name) })
		defer timer.Stop()
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	state, err := check(limited)
	item := Item{Name: name, OK: err == nil, Needed: needed, State: state}
	if err != nil {
		item.State, item.Mend, item.Damaged = oneLine(err), mend, errors.Is(err, proof.ErrDamaged)
	}
	if limited.Err() != nil && ctx.Err() == nil && err != nil {
		item.State = fmt.Sprintf("no answer within %v", limit)
	}
	e.report.Items = append(e.report.Items, item)
	return item.OK
}

// install is the line that installs into the lab's directory, with flags.
func (e *examiner) install(flags string) string { return installLine(e.lab, flags) }

// backend returns which backend notebooks use, and why. A kernel's spec fixes its backend (GOMLX_BACKEND), so that which
// kernel there is decides.
func (e *examiner) backend() string {
	switch {
	case e.compilerOK && e.pluginOK && e.xlaOK:
		text := "XLA (" + KernelXLA + "), since a C compiler and its plugin are there: " + origin(e.library)
		if cpu.X86.HasAMXBF16 {
			text += `; the processor has AMX: Precision "bfloat16" trains faster`
		}
		return text
	case !e.compilerOK:
		return "pure Go with SIMD (" + KernelGo + "), since there is no C compiler for XLA"
	}
	return "pure Go with SIMD (" + KernelGo + "), since the XLA plugin or its kernel is not in place"
}

// oneLine returns an error's first line; programs' output follows in others.
func oneLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// Healthy reports whether everything that is needed is there, and nothing damaged.
func (r Report) Healthy() bool {
	for _, item := range r.Items {
		if !item.OK && (item.Needed || item.Damaged) {
			return false
		}
	}
	return true
}

// JSON writes the report as JSON, for scripts, with "healthy" besides.
func (r Report) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		Report
		Healthy bool `json:"healthy"`
	}{r, r.Healthy()})
}

// Text writes the report as a table: a line for each thing ("ok", "DAMAGED", "MISSING" where it is needed, else
// "lacking"), and below it what mends it. The last line is the backend.
func (r Report) Text(w io.Writer) error {
	var b strings.Builder
	width := 0
	for _, item := range r.Items {
		width = max(width, len(item.Name))
	}
	for _, item := range r.Items {
		mark := "ok     "
		switch {
		case item.OK:
		case item.Damaged:
			mark = "DAMAGED"
		case item.Needed:
			mark = "MISSING"
		default:
			mark = "lacking"
		}
		fmt.Fprintf(&b, "%s  %-*s  %s\n", mark, width, item.Name, quote.Line(item.State))
		if item.Mend != "" {
			fmt.Fprintf(&b, "%*s  mend: %s\n", len(mark)+2+width, "", quote.Line(item.Mend))
		}
	}
	fmt.Fprintf(&b, "backend: %s\n", r.Backend)
	_, err := io.WriteString(w, b.String())
	return err
}
