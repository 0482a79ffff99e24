package device

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/klauspost/cpuid/v2"
)

// errPortableXLA is why another backend than XLA is refused.
var errPortableXLA = errors.New("portable bits are those of XLA with the plugin that `go run ./kernels install` " +
	"installs: use the backend \"xla,portable\"")

// IsPortable reports whether backend gives the same bits on every x86-64 processor with AVX2 and FMA and with any
// number of threads; false for nil.
func IsPortable(backend compute.Backend) bool {
	plain, err := Plain(backend)
	_, ok := plain.(*portable)
	return ok && err == nil
}

// loaded says how XLA was first opened in this process: it reads its flags once.
var loaded struct {
	sync.Mutex
	done, portable bool
}

// errAfterPortable is why XLA is refused that is not to be portable.
var errAfterPortable = errors.New("this process has opened XLA with portable bits, and XLA reads its settings once: " +
	"use the backend \"xla,portable\", or another process")

// canOpen returns why XLA cannot be opened so that its bits are portable, or so that they are not, or nil; then it notes
// how XLA is opened. installed says that the plugin is the installer's.
func canOpen(portable, installed bool) error {
	loaded.Lock()
	defer loaded.Unlock()
	switch {
	case !portable && loaded.portable:
		return errAfterPortable
	case portable && !installed:
		return errPortableXLA
	case portable && !cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3):
		return errors.New("portable bits need a processor with AVX2 and FMA, which this one does not have")
	case portable && loaded.done && !loaded.portable:
		return errors.New("this process has opened XLA without portable bits, and XLA reads its settings once: " +
			"open the portable backend first")
	case portable:
		if err := onlyDumps(os.Getenv(xlaFlags)); err != nil {
			return err
		}
	}
	loaded.done, loaded.portable = true, portable
	return nil
}

// onlyDumps returns an error for flags of XLA that may change bits: all but those for dumps.
func onlyDumps(flags string) error {
	for flag := range strings.FieldsSeq(flags) {
		if !strings.HasPrefix(flag, "--xla_dump_") {
			return fmt.Errorf("portable bits follow from flags of XLA, and %s has %s: unset it", xlaFlags, flag)
		}
	}
	return nil
}

// portableDigest is the SHA-256 of what portableTrial computes, the same on every processor that was tried:
// siamese/testdata/portable.json lists them.
const portableDigest = "94e3243fcbb2f44ea461f27517a15b029225cb9744948c4255906d4f6ceb4780"

// checkedPortable returns backend with portable products, once it has computed a trial to the bits that are expected.
// The trial has products in all their forms, a sum and the functions that XLA approximates. Where they differ an error
// says so, which is better than results that differ in silence.
func checkedPortable(backend compute.Backend) (compute.Backend, error) {
	xla, ok := backend.(told)
	if !ok {
		backend.Finalize()
		return nil, errPortableXLA
	}
	p := &portable{xla}
	sum, err := portableTrial(p)
	if err == nil && sum != portableDigest {
		err = fmt.Errorf("this processor (%s) computes other bits than others do (%s): use the backend \"xla\"",
			processor(), sum)
	}
	if err != nil {
		backend.Finalize()
		return nil, fmt.Errorf("trying whether its bits are portable: %w", err)
	}
	return p, nil
}

// portableTrial returns the digest of what backend computes from fixed numbers.
func portableTrial(backend compute.Backend) (string, error) {
	const n, in, out = 40, 601, 72
	exec, err := graph.NewExec(backend, func(p []*graph.Node) []*graph.Node {
		y := graph.Dot(p[0], p[1]).Product()
		z := graph.Mul(graph.Exp(y), graph.Reciprocal(graph.Sqrt(graph.AddScalar(graph.Square(y), 0.5))))
		z = graph.Add(z, graph.Tanh(graph.Log1P(graph.Abs(y))))
		loss := graph.ReduceAllSum(z)
		return append([]*graph.Node{y, z, loss, graph.Rsqrt(graph.Exp(y))}, graph.Gradient(loss, p[0], p[1])...)
	})
	if err != nil {
		return "", err
	}
	defer exec.Finalize()
	numbers := func(rows, columns, seed int) *tensors.Tensor { // in [-0.1, 0.1]
		values := make([]float32, rows*columns)
		for i := range values {
			values[i] = float32((i+seed)*7919%20011)/100_055 - 0.1
		}
		return tensors.FromFlatDataAndDimensions(values, rows, columns)
	}
	results, err := exec.Call(numbers(n, in, 1), numbers(in, out, 2))
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, t := range results {
		values, err := tensors.CopyFlatData[float32](t)
		if err != nil {
			return "", err
		}
		for _, v := range values {
			sum.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), Finalize(results...)
}
