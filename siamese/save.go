package siamese

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/gate"
	"github.com/go-siamese/lab/siamese/internal/safetensors"
	"github.com/go-siamese/lab/siamese/origin"
	"github.com/go-siamese/lab/siamese/plda"
	"github.com/go-siamese/lab/siamese/stats"
)

// A model is one file of tensors: the weights, the numbers of preprocessing, PLDA and the gate, and the hashes of the
// training items. Everything else is JSON in the file's metadata. A change of the layout or of the meaning of a field
// needs a new version; a new field of Config whose zero value is the old behaviour does not.
const (
	formatName    = "siamese-lab model"
	formatVersion = 3
	modelKey      = "model" // of the metadata: modelInfo as JSON
)

// modelInfo describes a model: everything but its tensors. Columns, blocks and domains are those of both transforms.
type modelInfo struct {
	Format  string         `json:"format"`
	Version int            `json:"version"`
	Lab     string         `json:"lab"`              // version of the lab that trained the model
	Origin  *origin.Origin `json:"origin,omitempty"` // nil = not known
	Config  Config         `json:"config"`
	Columns []string       `json:"columns"`
	Blocks  []data.Block   `json:"blocks"`
	Domains []string       `json:"domains"`
	// Settings say how the features were made: a JSON object as text; "" = not known.
	Settings     data.Settings `json:"settings,omitempty"`
	Width        int           `json:"width"` // of the preprocessed features
	VarianceKept float64       `json:"variance_kept"`
	Threshold    float64       `json:"threshold"`
	TrainedOn    int           `json:"trained_on,omitempty"` // number of hashes; 0 = not known

	// How PLDA was estimated; nil = none.
	EncoderPLDA  *plda.Model `json:"encoder_plda,omitempty"`
	FeaturesPLDA *plda.Model `json:"features_plda,omitempty"`
	Gate         *gate.Model `json:"gate,omitempty"` // nil = none

	Calibration *stats.Calibration `json:"calibration,omitempty"` // nil = none
	Nested      []NestedWidth      `json:"nested,omitempty"`
	Notes       []string           `json:"notes,omitempty"`
	Cut         string             `json:"cut,omitempty"`
}

// Prefixes of the names of the transforms' tensors in a file.
const (
	transformPrefix = "preprocess."
	standardPrefix  = "standard." // only where the model has two transforms
)

// Prefixes of the names of the tensors of PLDA.
const (
	encoderPLDAPrefix  = "plda.encoder."
	featuresPLDAPrefix = "plda.features."
)

// gatePart is a part of a gate with the name of the tensor of its class means.
type gatePart struct {
	name string
	*gate.Part
}

// gateParts returns the parts of a gate in the order of the file.
func gateParts(g *gate.Model) []gatePart {
	return []gatePart{{"gate.encoder.means", &g.Encoder}, {"gate.features.means", &g.Features}}
}

// trainedOnName is the tensor of Model.TrainedOn, the lower half of every hash before the upper one.
const trainedOnName = "trained_on"

// halves splits every hash into its lower and upper 32 bits, [2N]: package safetensors has no 64-bit tensors.
func halves(hashes []uint64) []int32 {
	out := make([]int32, 0, 2*len(hashes))
	for _, h := range hashes {
		out = append(out, int32(uint32(h)), int32(uint32(h>>32)))
	}
	return out
}

// whole is the inverse of halves.
func whole(halves []int32) []uint64 {
	out := make([]uint64, len(halves)/2)
	for i := range out {
		out[i] = uint64(uint32(halves[2*i])) | uint64(uint32(halves[2*i+1]))<<32
	}
	return out
}

// tensors returns the tensors of the model, in the order of the file. They share memory with the model. [Load] takes
// the names and shapes that it expects from here too.
func (m *Model) tensors() []safetensors.Tensor {
	var out []safetensors.Tensor
	if len(m.TrainedOn) > 0 {
		out = append(out, safetensors.Tensor{Name: trainedOnName, Shape: []int{len(m.TrainedOn), 2},
			Ints: halves(m.TrainedOn)})
	}
	for _, a := range m.arrays() {
		out = append(out, safetensors.Tensor{Name: a.Name, Shape: a.Shape, Values: *a.Values})
	}
	if m.EncoderPLDA != nil {
		out = append(out, m.EncoderPLDA.Tensors(encoderPLDAPrefix)...)
	}
	if m.FeaturesPLDA != nil {
		out = append(out, m.FeaturesPLDA.Tensors(featuresPLDAPrefix)...)
	}
	if m.Gate != nil {
		for _, p := range gateParts(m.Gate) {
			out = append(out, safetensors.Tensor{Name: p.name, Shape: []int{m.Gate.Classes, p.Width}, Values: p.Means})
		}
	}
	for k, layers := range m.Encoders() {
		out = append(out, encoder.NamedLayers(encoder.Prefix(k), layers)...)
	}
	return out
}

// arrays returns the arrays of the model's transforms under their names in the file. Their Values point into the
// transforms, so that [Load] can fill them.
func (m *Model) arrays() []preprocess.Array {
	out := m.Transform.Arrays()
	for i := range out {
		out[i].Name = transformPrefix + out[i].Name
	}
	if m.Standard == m.Transform {
		return out
	}
	for _, a := range m.Standard.Arrays() {
		a.Name = standardPrefix + a.Name
		out = append(out, a)
	}
	return out
}

// blockNames returns the names of blocks, in order.
func blockNames(blocks []data.Block) []string {
	names := make([]string, len(blocks))
	for k, b := range blocks {
		names[k] = b.Name
	}
	return names
}

// Save writes the model to path atomically: an existing file is replaced only by a complete one. A model that [Load]
// would refuse, for instance with a NaN weight, is an error and not written, and so is a path that ends in .onnx:
// package onnx writes such files.
func (m *Model) Save(path string) error { return m.save(path, nil) }

// save is [Model.Save]; it calls before, if that is not nil, when the new file is ready and has not yet replaced an
// older one.
func (m *Model) save(path string, before func() error) error {
	if strings.EqualFold(filepath.Ext(path), ".onnx") {
		return fmt.Errorf("saving the model: %s: this is the lab's own format, such as model.safetensors; "+
			"onnx.Save writes ONNX", quote.Text(path))
	}
	if err := atomicfile.WriteThen(path, m.encode, before); err != nil {
		return fmt.Errorf("saving the model: %w", err)
	}
	return nil
}

// encode writes the model's file to w, after checking that [Load] will accept it.
func (m *Model) encode(w io.Writer) error {
	if err := m.savable(); err != nil {
		return err
	}
	t := m.Transform
	info, err := json.Marshal(modelInfo{
		Format: formatName, Version: formatVersion, Lab: m.Lab, Origin: m.Origin, Config: m.Config,
		Columns: t.Columns, Blocks: t.Blocks, Domains: t.Domains, Settings: t.Settings,
		Width: t.Width(), VarianceKept: t.VarianceKept, Threshold: m.Threshold, TrainedOn: len(m.TrainedOn),
		Calibration: m.Calibration, Nested: m.Nested, Notes: m.Notes, Cut: m.Cut,
		EncoderPLDA: m.EncoderPLDA, FeaturesPLDA: m.FeaturesPLDA, Gate: m.Gate,
	})
	if err != nil {
		return err
	}
	return safetensors.Write(w, modelKey, string(info), m.tensors())
}

// savable returns the reason for which [Load] would refuse the saved model, or nil. [Load] calls it as well, so that
// there is one list of what makes a model valid. It is a function of the model alone and costs a pass over its numbers.
func (m *Model) savable() error {
	if err := errors.Join(m.Validate(), m.Config.Validate()); err != nil {
		return err
	}
	var widths [][]int
	for _, layers := range m.Encoders() {
		of := make([]int, len(layers))
		for i, layer := range layers {
			of[i] = layer.Out
		}
		widths = append(widths, of)
	}
	if all := m.Config.Encoders(); !slices.EqualFunc(widths, all, slices.Equal[[]int]) {
		return fmt.Errorf("the layers are %v wide and the configuration says %v", widths, all)
	}
	if t := m.Threshold; math.IsNaN(t) || math.IsInf(t, 0) {
		return fmt.Errorf("the threshold is %v", t)
	}
	for i, h := range m.TrainedOn {
		if i > 0 && h <= m.TrainedOn[i-1] {
			return fmt.Errorf("hash %d of the training items is not above the previous one", i)
		}
	}
	if m.Calibration != nil {
		if err := m.Calibration.Validate(); err != nil {
			return err
		}
	}
	if err := m.validateNested(); err != nil {
		return err
	}
	if !m.Transform.Spec.Equal(m.Config.Preprocess) || !m.Standard.Spec.Equal(m.Config.Preprocess.Standard()) ||
		(m.Standard == m.Transform) != m.Config.Preprocess.IsStandard() {
		return errors.New("the preprocessing is not that of the configuration")
	}
	for _, list := range []struct {
		what  string
		names []string
	}{{"column", m.Transform.Columns}, {"block", blockNames(m.Transform.Blocks)}, {"domain", m.Transform.Domains}} {
		for _, name := range list.names {
			if !utf8.ValidString(name) { // JSON would replace the invalid bytes, and no column would match again
				return fmt.Errorf("%s %q is not UTF-8: rename it before training", list.what, name)
			}
		}
	}
	for _, t := range m.tensors() {
		if i := encoder.FirstNotFinite(t.Values); i >= 0 {
			return &safetensors.TensorError{Tensor: t.Name, Err: fmt.Errorf("number %d is %v", i, t.Values[i])}
		}
	}
	return nil
}
