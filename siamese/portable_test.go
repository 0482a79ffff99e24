package siamese

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// portableEnv, where it is set, makes the test binary train on a portable backend, print the digest of the models and
// the processor, and end: XLA reads its flags once in a process.
const portableEnv = "SIAMESE_TEST_PORTABLE"

// portableChild trains one model on pairs and one on all pairs of a batch, with all parts of a step.
func portableChild() error {
	backend, err := OpenBackend("xla,portable")
	if err != nil {
		return err
	}
	defer backend.Finalize()
	if o := OriginOf(backend); o.Backend != "xla:cpu" || o.Plugin == nil || o.Plugin.SHA == "" {
		return fmt.Errorf("the origin of what it computes is %+v", o)
	} else if m, file := device.MachineOf(backend.Backend), o.Plugin.Name+" sha256:"+o.Plugin.SHA; m.Plugin != file {
		return fmt.Errorf("the machine's plugin is %q, not %q", m.Plugin, file)
	}
	train, val := labtest.Toy("t", 6, 12, 40, 0.9, 1), labtest.Toy("v", 6, 6, 40, 0.9, 2)
	sum := sha256.New()
	for _, name := range []string{"mse", "supcon"} {
		cfg := toyConfig()
		cfg.Layers, cfg.Epochs, cfg.Loss = []int{48, 24}, 2, labtest.LossOf(name)
		if name != "mse" {
			cfg.Monitor, cfg.BatchNorm, cfg.EMADecay, cfg.Dropout = MonitorMAP, true, 0.9, 0.1
		}
		result, err := Train(context.Background(), backend, cfg, train, val, TrainOptions{})
		if err != nil {
			return err
		}
		z, err := result.Model.Embed(context.Background(), backend, val)
		if err != nil {
			return err
		}
		all := [][]float32{z.Values}
		for _, layer := range result.Model.Layers {
			all = append(all, layer.Weights, layer.Biases)
		}
		if err := binary.Write(sum, binary.LittleEndian, result.Model.Threshold); err != nil {
			return err
		}
		for _, values := range all {
			if err := binary.Write(sum, binary.LittleEndian, values); err != nil {
				return err
			}
		}
	}
	fmt.Println(hex.EncodeToString(sum.Sum(nil)))
	return nil
}

// portableBits are the digest of portableChild and the processors that it was seen on.
type portableBits struct {
	Digest     string   `json:"digest"`
	Processors []string `json:"processors"`
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
	var digests []string
	for _, env := range []string{"GOMAXPROCS=1", "PJRT_NPROC=5"} {
		child := exec.Command(self, "-test.run=^$")
		child.Env = append(os.Environ(), portableEnv+"=1", "XLA_FLAGS=", env)
		out, err := child.CombinedOutput()
		if err != nil && !slices.Contains(want.Processors, here) && devicetest.NotPortable(string(out)) {
			t.Skipf("%s has no portable bits: %s", here, out)
		}
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		digests = append(digests, strings.TrimSpace(string(out)))
	}
	switch {
	case digests[0] != digests[1]:
		t.Errorf("other bits with another number of threads: %q", digests)
	case digests[0] != want.Digest && !slices.Contains(want.Processors, here):
		t.Skipf("a finding: on %s the digest is %s, and on %v it was %s", here, digests[0], want.Processors, want.Digest)
	case digests[0] != want.Digest:
		t.Errorf("the digest is %s, and on %v it was %s", digests[0], want.Processors, want.Digest)
	default:
		t.Logf("the digest of %v, on %s", want.Processors, here)
	}
}
