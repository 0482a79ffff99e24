package device

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/kernels/plugin"
	"github.com/go-siamese/lab/siamese/origin"
	"github.com/go-siamese/lab/siamese/version"
)

// Machine is what the bits of a training depend on besides its settings, data and seed: who computes, and in how many
// parts sums are taken. A field whose value is not known is empty, and differs from nothing.
type Machine struct {
	Backend string `json:"backend"`           // name, by GoMLX
	Plugin  string `json:"plugin,omitempty"`  // of XLA: its file, and the SHA-256 of that
	Options string `json:"options,omitempty"` // of XLA: of go-xla, and what XLA_FLAGS held
	Threads int    `json:"threads"`           // that share the work: GOMAXPROCS, or what XLA was told
	SIMD    string `json:"simd,omitempty"`    // of the Go backend: whether it was built with vector instructions
	// its model and the set of its instructions, and GPUs where they compute
	Processor string `json:"processor"`
	Program   string `json:"program"` // versions of the lab and of Go, and the architecture
}

// MachineOf returns the machine that backend computes on. The first call for a plugin that was not installed by the lab
// reads its file.
func MachineOf(backend compute.Backend) Machine {
	m := Machine{Backend: backend.Name(), Threads: runtime.GOMAXPROCS(0), Processor: processor(),
		Program: fmt.Sprintf("lab %s, %s %s/%s", version.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)}
	path, options, ok := XLA(backend)
	if !ok {
		m.SIMD = "without"
		if SIMDEnabled {
			m.SIMD = "with"
		}
		return m
	}
	m.Threads = XLAThreads()
	if IsPortable(backend) {
		m.Threads, m.Processor = 0, "" // neither changes a bit
		options = "portable," + options
	}
	m.Plugin, m.Options = fileID(path), strings.TrimSpace(options+" "+os.Getenv(xlaFlags))
	if gpus := gpus(); gpus != "" && strings.Contains(strings.ToLower(path), "cuda") {
		m.Processor += "; " + gpus
	}
	return m
}

// XLAThreads returns how many threads share XLA's work: what PJRT_NPROC or NPROC says, else GOMAXPROCS.
func XLAThreads() int {
	for _, name := range []string{"PJRT_NPROC", "NPROC"} { // XLA reads both, the first one first
		if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
			return n
		}
	}
	return runtime.GOMAXPROCS(0)
}

// Differences returns in what now differs from m, a text such as "threads were 2 and are 1" each; nil if in nothing
// that is known of both.
func (m Machine) Differences(now Machine) []string {
	var out []string
	differ := func(format, was, is string) {
		if was != is {
			out = append(out, fmt.Sprintf(format, was, is))
		}
	}
	known := func(format, was, is string) {
		if was != "" && is != "" {
			differ(format, was, is)
		}
	}
	known("the backend was %s and is %s", m.Backend, now.Backend)
	known("the plugin was %s and is %s", m.Plugin, now.Plugin)
	if m.Backend == now.Backend {
		differ("XLA's options were %q and are %q", m.Options, now.Options)
	}
	known("threads were %s and are %s", number(m.Threads), number(now.Threads))
	known("the program was built %s SIMD and is built %s SIMD", m.SIMD, now.SIMD)
	known("the processor was %s and is %s", m.Processor, now.Processor)
	known("the program was %s and is %s", m.Program, now.Program)
	return out
}

// number returns a number in words, "" for 0.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// processor returns the model of the processor with its sets of instructions that matter.
func processor() string {
	model, sets := origin.Processor()
	if len(sets) == 0 {
		return model
	}
	return model + " with " + strings.Join(sets, " ")
}

// gpus returns the models of the NVIDIA GPUs of this machine, "" where the driver does not tell.
var gpus = sync.OnceValue(func() string {
	files, _ := filepath.Glob("/proc/driver/nvidia/gpus/*/information")
	var models []string
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			if model, ok := strings.CutPrefix(line, "Model:"); ok {
				models = append(models, strings.TrimSpace(model))
			}
		}
	}
	return strings.Join(models, ", ")
})

// fileIDs are the results of fileID by path: plugins have hundreds of megabytes.
var fileIDs sync.Map

// fileID returns the name of a file with its SHA-256; of what cannot be read only the name.
func fileID(path string) string {
	if known, ok := fileIDs.Load(path); ok {
		return known.(string)
	}
	id := filepath.Base(path)
	if p, ok := RecordedPlugin(path); ok && plugin.Check(path) == nil { // which read it when it was opened
		id += " sha256:" + p.SHA256
	} else if _, sum, err := openfile.Hash(path); err == nil {
		id += " sha256:" + sum
	}
	fileIDs.Store(path, id)
	return id
}
