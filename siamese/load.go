package siamese

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/safetensors"
	"github.com/go-siamese/lab/siamese/version"
)

// Load returns the model saved at path, which embeds with the same bits as the saved one on the same backend. A file
// that is truncated, damaged, of another kind or of another format version is an error that says so. Nothing in the
// file is executed, and claimed sizes are checked against the file's size before memory is allocated.
func Load(path string) (*Model, error) {
	file, err := openfile.Regular(path)
	if err != nil {
		return nil, fmt.Errorf("loading a model: %w", err)
	}
	defer file.Close()
	stat, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("loading a model: %w", err)
	}
	m, err := decode(file, stat.Size())
	if err != nil {
		return nil, fmt.Errorf("loading the model %s: %w", quote.Text(path), err)
	}
	return m, nil
}

// decode reads a model of size bytes. The description says which tensors there must be and of which shapes: it builds
// the model without numbers, asks the file for every tensor that this model would save, and refuses others. So Save and
// Load cannot disagree about the layout.
func decode(r io.ReaderAt, size int64) (*Model, error) {
	file, err := safetensors.Read(r, size, modelKey)
	if err != nil {
		return nil, err
	}
	info, err := readInfo(file.Info)
	if err != nil {
		return nil, err
	}
	m := newLoaded(info)
	var encoders [][]encoder.Layer
	for _, widths := range info.Config.Encoders() {
		layers, in := make([]encoder.Layer, len(widths)), info.Width
		for i, width := range widths {
			layers[i], in = encoder.Layer{In: in, Out: width}, width
		}
		encoders = append(encoders, layers)
	}
	m.take(encoders)
	values := map[string][]float32{} // of the file's float tensors, by name
	if info.TrainedOn > 0 {
		hashes, err := file.Integers(trainedOnName, []int{info.TrainedOn, 2})
		if err != nil {
			return nil, err
		}
		m.TrainedOn = whole(hashes)
	}
	if m.EncoderPLDA != nil {
		if err := m.EncoderPLDA.ReadTensors(file, encoderPLDAPrefix, outputs(encoders)); err != nil {
			return nil, err
		}
	}
	if m.FeaturesPLDA != nil {
		if err := m.FeaturesPLDA.ReadTensors(file, featuresPLDAPrefix, info.Width); err != nil {
			return nil, err
		}
	}
	for _, t := range m.tensors() {
		if t.Ints != nil || t.Doubles != nil { // hashes and PLDA, read above
			continue
		}
		if values[t.Name], err = file.Floats(t.Name, t.Shape); err != nil {
			return nil, err
		}
	}
	if err := file.Done(); err != nil {
		return nil, err
	}
	for _, a := range m.arrays() {
		*a.Values = values[a.Name]
	}
	if m.Gate != nil {
		for _, p := range gateParts(m.Gate) {
			p.Means = values[p.name]
		}
	}
	for k, layers := range encoders {
		for i := range layers {
			layers[i].Weights = values[encoder.Prefix(k)+encoder.WeightsName(i)]
			layers[i].Biases = values[encoder.Prefix(k)+encoder.BiasesName(i)]
		}
	}
	// The checksum comes last: what savable finds says more than "damaged".
	if err := m.savable(); err != nil {
		return nil, err
	}
	if err := file.Verify(); err != nil {
		return nil, err
	}
	return m, nil
}

// errDescription is in the error of a file whose tensors may be intact.
var errDescription = errors.New("the model's description is damaged")

// readInfo parses and checks a model's description. What it accepts is safe to allocate by: the configuration bounds
// the widths of layers, the columns are in the file itself, and safetensors checks shapes against the file's size.
func readInfo(text string) (info modelInfo, err error) {
	if err := json.Unmarshal([]byte(text), &info); err != nil {
		return info, fmt.Errorf("%w: %w", errDescription, err)
	}
	if info.Format != formatName {
		return info, fmt.Errorf("the format is %q, not %q", info.Format, formatName)
	}
	if info.Version != formatVersion {
		return info, by(info.Lab, fmt.Errorf("the format's version is %d and this lab reads %d: "+
			"train the model again, or use the lab that wrote it", info.Version, formatVersion))
	}
	if name := unknownIn(text); name != "" {
		return info, by(info.Lab, fmt.Errorf("it has %s, which this lab does not know and would leave out: use the lab "+
			"that wrote it", quote.Text(name)))
	}
	if len(info.Columns) == 0 {
		return info, fmt.Errorf("%w: it has no columns", errDescription)
	}
	if n := len(info.Columns); info.Width < 1 || info.Width > n {
		return info, fmt.Errorf("%w: %d preprocessed features of %d columns", errDescription, info.Width, n)
	}
	if n := info.TrainedOn; n < 0 || n > math.MaxInt32 {
		return info, fmt.Errorf("%w: %d training items", errDescription, n)
	}
	if g := info.Gate; g != nil {
		for _, n := range []int{g.Classes, g.Encoder.Width, g.Features.Width} {
			if n < 1 || n > math.MaxInt32 {
				return info, fmt.Errorf("%w: a gate of %d classes, and of %d and %d numbers", errDescription, g.Classes,
					g.Encoder.Width, g.Features.Width)
			}
		}
	}
	return info, by(info.Lab, info.Config.Validate())
}

// by adds to an error that another version of the lab wrote the file, where that is so.
func by(lab string, err error) error {
	if other := version.Other(lab); err != nil && other != "" {
		return fmt.Errorf("%w (%s)", err, other)
	}
	return err
}

// unknownIn returns the first name in a model's description, such as config.loss.swirl, that is set and that this lab
// does not have; "" = none. A newer lab may have more settings: where they are zero the model is what it would be
// without them.
func unknownIn(text string) string {
	var all any
	if json.Unmarshal([]byte(text), &all) != nil {
		return "" // reported otherwise
	}
	return unknown("", all, reflect.TypeFor[modelInfo]())
}

// unknown is unknownIn of a value that belongs into a type.
func unknown(name string, value any, t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return "" // which refuses what it does not know itself
	}
	switch all := value.(type) {
	case []any:
		if t.Kind() != reflect.Slice {
			return ""
		}
		for i, one := range all {
			if found := unknown(fmt.Sprintf("%s[%d]", name, i), one, t.Elem()); found != "" {
				return found
			}
		}
	case map[string]any:
		if t.Kind() != reflect.Struct {
			return ""
		}
		types := map[string]reflect.Type{}
		for _, f := range reflect.VisibleFields(t) {
			key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			types[cmp.Or(key, f.Name)] = f.Type
		}
		for _, key := range slices.Sorted(maps.Keys(all)) {
			inner, known := types[key]
			switch path := strings.TrimPrefix(name+"."+key, "."); {
			case !known && !zero(all[key]):
				return path
			case known:
				if found := unknown(path, all[key], inner); found != "" {
					return found
				}
			}
		}
	}
	return ""
}

// zero reports whether a value of JSON is what a setting has that is not set.
func zero(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return value == nil || value == false || value == 0.0 || value == ""
}

// newLoaded returns the model of a description, without its tensors. Standard is the same pointer as Transform where
// [Untrained] would have made it so.
func newLoaded(info modelInfo) *Model {
	t := &preprocess.Transform{Spec: info.Config.Preprocess, Columns: info.Columns, Blocks: info.Blocks,
		Domains: info.Domains, Settings: info.Settings, VarianceKept: info.VarianceKept}
	if t.Spec.Components != 0 || t.Spec.Variance != 0 {
		t.Variance = make([]float32, info.Width) // its length gives the shapes of the tensors
	}
	m := &Model{Lab: info.Lab, Origin: info.Origin, Config: info.Config, Threshold: info.Threshold,
		EncoderPLDA: info.EncoderPLDA, FeaturesPLDA: info.FeaturesPLDA, Gate: info.Gate, Calibration: info.Calibration,
		Nested: info.Nested, Notes: info.Notes, Cut: info.Cut, Transform: t, Standard: t}
	if !t.Spec.IsStandard() {
		m.Standard = &preprocess.Transform{Spec: t.Spec.Standard(), Columns: info.Columns, Blocks: info.Blocks,
			Domains: info.Domains, Settings: info.Settings}
	}
	return m
}
