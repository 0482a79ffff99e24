package main

import (
	"flag"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/loss"
)

// settingHelp says of every setting of [siamese.Config], by its name in the file, what it is.
var settingHelp = map[string]string{
	"layers":                   "`widths` of the dense layers; the last one is that of the embedding",
	"dropout":                  "`share` of units dropped while training, in [0, 1)",
	"batch_norm":               "batch norm between every dense layer and its ReLU",
	"skip":                     "`share` of the cosine that is the preprocessed features' own, in [0, 1)",
	"precision":                "of matrix products while training: float32 or bfloat16",
	"preprocess.impute":        "of missing values: none, mean or median of the training items",
	"preprocess.signed_sqrt":   "take sign(x)·sqrt(|x|) of features first",
	"preprocess.scale":         "of every column: standard, robust, within (classes) or none",
	"preprocess.equal_blocks":  "give every block of features the same weight",
	"preprocess.block_weights": "`weights` of blocks, such as hog=1,glcm=0.5",
	"preprocess.components":    "`number` of principal components that take the place of the columns; 0 = keep the columns",
	"preprocess.variance":      "`share` of the variance that principal components keep; 0 = keep the columns",
	"preprocess.whiten":        "divide every component by its standard deviation",
	"preprocess.within_class":  "whiten by what items of one class differ in, instead of by what all items differ in",
	"preprocess.shrinkage":     "`share` of the mean variance in what is whitened within classes, in [0, 1]",
	"loss.similarity":          "how embeddings are compared in the loss: cosine, dot or euclidean",
	"loss.normalize":           "embeddings to unit length first",
	"loss.mining":              "of triplets: all, semi-hard or batch-hard",
	"loss.margin":              "`margin` of negatives",
	"loss.positive_margin":     "`margin` of positives",
	"loss.temperature":         "`temperature` that similarities are divided by",
	"loss.scale":               "`factor` that similarities are multiplied by",
	"loss.alpha":               "`sharpness` of positives, in multi-similarity",
	"loss.beta":                "`sharpness` of negatives, in multi-similarity",
	"loss.base":                "`similarity` where same turns into different, in multi-similarity and bce",
	"label_smoothing":          "`share` of label smoothing, in losses on pairs",
	"centre_rate":              "`factor` on the learning rate of class centres",
	"label_separator":          "`text` between the classes of an item in its label, such as | (default: a label is one class)",
	"pairs_per_epoch":          "`number` of training pairs drawn afresh every epoch",
	"batch_pairs":              "`number` of pairs in a batch, or half of the items where all pairs of a batch count",
	"items_per_class":          "`number` of items of a class that come together, where all pairs of a batch count",
	"within_domain":            "`share` of negative pairs whose items are of one domain",
	"across_domains":           "`share` of positive pairs whose items have to be of two domains, where their class has two; where all pairs of a batch count, of the times that a class comes at which its domains take turns",
	"domain_batches":           "`share` of the batches whose items are all of one domain, where all pairs of a batch count",
	"hard_pairs":               "`share` of an epoch's pairs mined as the hardest of all items, or of all given pairs",
	"natural_pairs":            "given pairs come as often as they are listed, instead of half of a batch positive",
	"memory":                   "`number` of embeddings of earlier batches that are references too; a multiple of 2 x batch_pairs",
	"optimizer":                "adam, adamw or sgd",
	"learning_rate":            "learning `rate` at its highest",
	"momentum":                 "`momentum` of sgd",
	"weight_decay":             "`decay` of weights",
	"clip_norm":                "most that the `norm` of all gradients may be; 0 = any",
	"warmup_steps":             "`steps` over which the learning rate rises from 0",
	"schedule":                 "of the learning rate after that: constant or cosine",
	"devices":                  "`number` of devices that share a batch, as many as divide batch_pairs and the backend has",
	"average_decay":            "`decay` of the average of the weights over steps, often 0.999; 0 = the last weights",
	"seed":                     "`seed` of weights, pairs and dropout, and of a split that is drawn",
	"epochs":                   "most `epochs` to train",
	"val_pairs":                "`number` of validation pairs, which choose the best epoch and the threshold",
	"monitor":                  "what early stopping watches: val_loss, val_auc, val_map, unseen_auc or unseen_map",
	"patience":                 "`epochs` without improvement before training stops; 0 = never stop early",
	"stop_on_collapse":         "end when embeddings no longer tell items apart, instead of warning",
	"calibration":              "how cosines become probabilities: platt, isotonic or none",
}

// lossFlag is the flag that chooses a loss with its usual numbers.
const lossFlag = "loss"

// Values of -preset.
const (
	presetDefault     = "default"
	presetRecommended = "recommended"
)

// configFlags are the flags of a command that change a configuration.
type configFlags struct {
	file    string
	preset  string
	changes []func(*siamese.Config) // in the order of the command line
	set     map[string]bool         // by name
}

// register adds a flag for every setting, named as in the file.
func (c *configFlags) register(flags *flag.FlagSet) {
	c.set = map[string]bool{}
	flags.StringVar(&c.file, "config", "", "JSON `file` with the configuration, as -print-config writes it; other flags change it")
	flags.StringVar(&c.preset, "preset", presetDefault, "`name` of the configuration that a file and other flags change: "+presetDefault+", or "+presetRecommended+", for classes that are partly new")
	flags.Var(&lossSetting{c}, lossFlag, "`name` of the loss, with its usual numbers: "+strings.Join(loss.Names(), ", "))
	defaults := siamese.DefaultConfig()
	settingsOf(reflect.TypeFor[siamese.Config](), nil, "", func(name string, index []int, of reflect.Type) {
		if name == "loss.name" { // -loss sets it
			return
		}
		flags.Var(&setting{flags: c, name: name, index: index, of: of, text: textOf(reflect.ValueOf(defaults).FieldByIndex(index))}, name, settingHelp[name])
	})
}

// settingsOf calls each with the name, place and type of every field that holds a value.
func settingsOf(of reflect.Type, index []int, prefix string, each func(name string, index []int, of reflect.Type)) {
	for i := range of.NumField() {
		field := of.Field(i)
		tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		name, at := prefix+tag, append(slices.Clone(index), i)
		if field.Type.Kind() == reflect.Struct {
			settingsOf(field.Type, at, name+".", each)
			continue
		}
		each(name, at, field.Type)
	}
}

// setting is the flag of a setting.
type setting struct {
	flags *configFlags
	name  string
	index []int
	of    reflect.Type
	text  string // the default, or what it was set to
}

func (s *setting) String() string { return s.text }

// IsBoolFlag tells the flag package that a switch needs no value.
func (s *setting) IsBoolFlag() bool { return s.of.Kind() == reflect.Bool }

func (s *setting) Set(text string) error {
	v, err := valueOf(s.of, text)
	if err != nil {
		return err
	}
	s.text = text
	s.flags.changes = append(s.flags.changes, func(c *siamese.Config) { reflect.ValueOf(c).Elem().FieldByIndex(s.index).Set(v) })
	s.flags.set[s.name] = true
	return nil
}

// lossSetting is the flag -loss.
type lossSetting struct{ flags *configFlags }

func (l *lossSetting) String() string { return "" }

func (l *lossSetting) Set(name string) error {
	spec, err := loss.Default(name)
	if err != nil {
		return err
	}
	// Before flags such as -loss.margin, wherever it stands.
	l.flags.changes = slices.Insert(l.flags.changes, 0, func(c *siamese.Config) { c.Loss = spec })
	l.flags.set[lossFlag] = true
	return nil
}

// config returns the configuration: the preset or that of the file, changed by the other flags. Another loss than
// mse is watched by monitor, unless the file or a flag says what else to watch.
func (c *configFlags) config(monitor string) (siamese.Config, error) {
	cfg := siamese.DefaultConfig()
	switch c.preset {
	case presetDefault:
	case presetRecommended:
		cfg = siamese.Recommended()
	default:
		return cfg, fmt.Errorf("-preset is %q: use %s or %s", c.preset, presetDefault, presetRecommended)
	}
	if c.file != "" {
		if err := jsonfile.Read(c.file, &cfg); err != nil {
			return cfg, fmt.Errorf("-config: %w; -print-config shows what such a file looks like", err)
		}
	}
	for _, change := range c.changes {
		change(&cfg)
	}
	if c.set[lossFlag] && !c.set["monitor"] && cfg.Loss.Name != "mse" && cfg.Monitor == siamese.MonitorLoss {
		cfg.Monitor = monitor
	}
	return cfg, cfg.Validate()
}

// valueOf parses the text of a flag.
func valueOf(of reflect.Type, text string) (reflect.Value, error) {
	v := reflect.New(of).Elem()
	var err error
	switch of.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(text)
		v.SetBool(b)
	case reflect.Int:
		var n int
		n, err = strconv.Atoi(text)
		v.SetInt(int64(n))
	case reflect.Uint64:
		var n uint64
		n, err = strconv.ParseUint(text, 10, 64)
		v.SetUint(n)
	case reflect.Float64:
		var f float64
		f, err = float(text)
		v.SetFloat(f)
	case reflect.Slice: // of whole numbers
		var numbers []int
		numbers, err = list(strconv.Atoi)(text)
		v.Set(reflect.ValueOf(numbers))
	case reflect.Map: // from names to numbers
		weights := map[string]float64{}
		for _, entry := range strings.Split(text, ",") {
			name, number, ok := strings.Cut(entry, "=")
			w, floatErr := float(number)
			if !ok || floatErr != nil {
				return v, fmt.Errorf("%q: want NAME=NUMBER", entry)
			}
			weights[name] = w
		}
		v.Set(reflect.ValueOf(weights))
	default:
		err = fmt.Errorf("a setting cannot be a %s", of)
	}
	return v, err
}

// textOf returns a value as [valueOf] reads it; "" for what is not worth showing as a default.
func textOf(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Slice:
		numbers := make([]string, v.Len())
		for i := range numbers {
			numbers[i] = fmt.Sprint(v.Index(i))
		}
		return strings.Join(numbers, ",")
	case reflect.Map:
		return ""
	}
	if v.IsZero() {
		return ""
	}
	return fmt.Sprint(v)
}
