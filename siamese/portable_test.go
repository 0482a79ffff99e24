package siamese

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// portableEnv, where it is set, makes the test binary train on a portable backend, print the digest of the models and
// the processor, and end: XLA reads its flags once in a process.
const portableEnv = "SIAMESE_TEST_PORTABLE"

// portableChild computes each part of the trial on a portable backend of two devices, and prints its name and digest: a
// training of pairs and of all pairs of a batch with all parts of a step; the latter on both devices; explanations.
func portableChild() error {
	backend, err := OpenBackend("xla,portable,devices=2")
	if err != nil {
		return err
	}
	defer backend.Finalize()
	if o := OriginOf(backend); o.Backend != "xla:cpu,portable" || o.Plugin == nil || o.Plugin.SHA == "" {
		return fmt.Errorf("the origin of what it computes is %+v", o)
	} else if m, file := device.MachineOf(backend.Backend), o.Plugin.Name+" sha256:"+o.Plugin.SHA; m.Plugin != file {
		return fmt.Errorf("the machine's plugin is %q, not %q", m.Plugin, file)
	}
	if n, err := strconv.Atoi(os.Getenv("PJRT_NPROC")); err == nil && OriginOf(backend).Threads != n {
		return fmt.Errorf("%d threads, where XLA was told to take %d", OriginOf(backend).Threads, n)
	}
	train, val := labtest.Toy("t", 6, 12, 40, 0.9, 1), labtest.Toy("v", 6, 6, 40, 0.9, 2)
	all := func(devices int) Config {
		cfg := toyConfig()
		cfg.Layers, cfg.Epochs, cfg.Loss, cfg.Devices = []int{48, 24}, 2, labtest.LossOf("supcon"), devices
		cfg.Monitor, cfg.BatchNorm, cfg.EMADecay, cfg.Dropout = MonitorMAP, true, 0.9, 0.1
		return cfg
	}
	pairs := toyConfig()
	pairs.Layers, pairs.Epochs, pairs.Loss = []int{48, 24}, 2, labtest.LossOf("mse")
	rounded := all(1)
	rounded.Precision = PrecisionBFloat16
	_, err = Train(context.Background(), backend, rounded, train, val, TrainOptions{})
	if names := option.Names(err); !slices.Contains(names, "precision") {
		return fmt.Errorf("bfloat16 is refused for %v: %w", names, err)
	}
	sum := sha256.New()
	_, err = portableTraining(sum, backend, pairs, train, val)
	if err != nil {
		return err
	}
	model, err := portableTraining(sum, backend, all(1), train, val)
	if err != nil {
		return err
	}
	fmt.Println("training", hex.EncodeToString(sum.Sum(nil)))
	sum.Reset()
	if _, err := portableTraining(sum, backend, all(2), train, val); err != nil {
		return err
	}
	fmt.Println("devices", hex.EncodeToString(sum.Sum(nil)))
	text, err := PortableExplanations(backend, model, train, val)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(text)
	fmt.Println("explanations", hex.EncodeToString(digest[:]))
	return nil
}

// PortableExplanations returns explanations of some pairs of val as a text with all of their bits. The package explain
// needs this one: its test sets it.
var PortableExplanations func(backend compute.Backend, m *Model, train, val *data.Frame) ([]byte, error)

// portableTraining writes the threshold, embeddings and weights of a model that it trains to sum.
func portableTraining(sum io.Writer, backend compute.Backend, cfg Config, train, val *data.Frame) (*Model, error) {
	result, err := Train(context.Background(), backend, cfg, train, val, TrainOptions{})
	if err != nil {
		return nil, err
	}
	z, err := result.Model.Embed(context.Background(), backend, val)
	if err != nil {
		return nil, err
	}
	all := [][]float32{z.Values}
	for _, layer := range result.Model.Layers {
		all = append(all, layer.Weights, layer.Biases)
	}
	err = binary.Write(sum, binary.LittleEndian, result.Model.Threshold)
	for _, values := range all {
		err = errors.Join(err, binary.Write(sum, binary.LittleEndian, values))
	}
	return result.Model, err
}

// portableBits are the digests of portableChild by its parts, and the processors that they were seen on.
type portableBits struct {
	Digests    map[string]string `json:"digests"`
	Processors []string          `json:"processors"`
}

// A model trained on a portable backend has the same bits with any number of threads, and those that were committed,
// perhaps from another kind of processor. A kind that has never been tried and has other bits is a finding, which the
// reason of the skip tells, rather than a fault of what is tested.
func TestPortableTraining(t *testing.T) {
	devicetest.TestBackends(t) // installs what is missing
	if device.XLAAvailable() != nil {
		t.Skipf("this build has no portable bits: %v", device.XLAAvailable())
	}
	text, err := os.ReadFile("testdata/portable.json")
	if err != nil {
		t.Fatal(err)
	}
	var want portableBits
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	plain, err := OpenBackend("go")
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Finalize()
	here := device.MachineOf(plain).Processor
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var seen []map[string]string
	threads := []string{"PJRT_NPROC=5", "GOMAXPROCS=1"}
	if everywhere, _ := devicetest.EverywherePortable(); !everywhere && slices.Contains(want.Processors, here) {
		threads = threads[:1] // the digests are of other numbers of threads already
	}
	for _, env := range threads {
		child := exec.Command(self, "-test.run=^$")
		child.Env = append(os.Environ(), portableEnv+"=1", "XLA_FLAGS=", env)
		out, err := child.CombinedOutput()
		if err != nil && !slices.Contains(want.Processors, here) && devicetest.NotPortable(string(out)) {
			t.Skipf("%s has no portable bits: %s", here, out)
		}
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		digests := map[string]string{}
		for line := range strings.Lines(string(out)) {
			part, digest, _ := strings.Cut(strings.TrimSpace(line), " ")
			digests[part] = digest
		}
		seen = append(seen, digests)
	}
	for i, digests := range seen[1:] {
		if diff := cmp.Diff(seen[0], digests); diff != "" {
			t.Errorf("other bits with another number of threads (-%s +%s):\n%s", threads[0], threads[i+1], diff)
		}
	}
	switch diff := cmp.Diff(want.Digests, seen[0]); {
	case diff != "" && !slices.Contains(want.Processors, here):
		t.Skipf("a finding: on %s, not on %v (-want +got):\n%s", here, want.Processors, diff)
	case diff != "":
		t.Errorf("on %s; want as on %v (-want +got):\n%s", here, want.Processors, diff)
	default:
		t.Logf("the digests of %v, on %s", want.Processors, here)
	}
}
