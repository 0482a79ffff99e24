package siamese

import (
	"errors"
	"math"
	"slices"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/internal/step"
	"github.com/go-siamese/lab/siamese/loss"
	"github.com/go-siamese/lab/siamese/stats"
)

// Config holds all settings of a training run as plain data, and is saved as JSON in the model's file. Start from
// [DefaultConfig] or [Recommended] and change fields; [Config.Validate] says what is wrong. Copies share only the
// memory of Layers and of Preprocess.BlockWeights, which this package never writes to.
//
// The convention of zero, here and everywhere in this module:
//
//   - In settings that are saved (Config, [loss.Spec], [preprocess.Options]) zero means zero or none, never a default:
//     a saved file must not change its meaning when a default does. Where zero is impossible, Validate says so.
//   - In options of a call, which are not saved, zero means the default, as the field's comment says.
//   - What can be off has a bool, a nil pointer or a field of its own.
//   - Negative numbers never have a special meaning: where a quantity cannot be negative they are errors.
//
// The tag help describes a field in one line: it is also the help of the command's flag. The command, resuming and
// sweeps find fields by these tags (package internal/fields), so that a new field needs no change there.
type Config struct {
	// The encoder.

	Layers  []int   `json:"layers" help:"widths of the dense layers; the last is the embedding width"`
	Dropout float64 `json:"dropout" help:"share of units dropped after every layer while training, in [0, 1)"`
	// BatchNorm normalises over a batch while training. Its scale and running statistics are folded into the weights
	// and biases of the model, which therefore embeds an item alike whatever is embedded beside it.
	BatchNorm bool `json:"batch_norm" help:"batch norm between every dense layer and its ReLU"`

	// FeatureShare appends the preprocessed features, scaled to unit length, to the encoder's output, so that they
	// contribute this share of the cosine. An encoder drops what the training classes did not need; features keep it,
	// which helps on unseen classes. The loss sees the encoder alone; the monitor, the threshold and the probabilities
	// see both.
	FeatureShare float64 `json:"feature_share" help:"share of the cosine that is the features', in [0, 1); 0 = none"`

	// Precision is that of the factors of matrix products; sums and weights stay float32. Embedding is always float32.
	Precision string `json:"precision" help:"of matrix products while training: float32 or bfloat16"`

	// Preprocess is applied to the features before the encoder and fitted on the training items only. With components
	// the encoder has that many inputs instead of F.
	Preprocess preprocess.Options `json:"preprocess"`

	// Loss is minimised; loss.Default(name) has its usual parameters. Losses on pairs see BatchPairs labelled pairs a
	// batch, the others all pairs of a batch of 2*BatchPairs items. A model always compares by cosine; with
	// Loss.Normalize other similarities rank pairs alike.
	Loss loss.Spec `json:"loss"`

	// LabelSmoothing s turns the labels 1 and 0 into 1-s/2 and s/2, which keeps a loss from asking for ever more
	// extreme cosines (Szegedy et al. 2016).
	LabelSmoothing float64 `json:"label_smoothing" help:"share of label smoothing in losses on pairs, in [0, 1)"`
	// ProxyLRMultiplier is for losses with class proxies ([loss.Spec.NeedsCentres]): proxies need a larger learning
	// rate than weights to converge as soon, 100 times in Kim et al. 2020.
	ProxyLRMultiplier float64 `json:"proxy_lr_multiplier" help:"learning rate of class proxies / learning_rate"`

	// LabelSeparator, if not "", makes a label a list of classes: with "|" an item labelled "shoe|red" is of the
	// classes "shoe" and "red". Two items are the same if they share a class and different if both have classes and
	// share none; pairs with an item without classes are left out. All losses support it; preprocessing within classes
	// does not. [evaluate.Items] evaluates such models on labelled pairs.
	LabelSeparator string `json:"label_separator" help:"text between the classes in a label, such as |; empty = none"`

	// What a batch is made of.

	// PairsPerEpoch is rounded down to whole batches.
	PairsPerEpoch int `json:"pairs_per_epoch" help:"training pairs drawn afresh every epoch, half of them positive"`
	// BatchPairs is B. A batch always holds 2B items, for losses on pairs and for those on all pairs of a batch.
	BatchPairs int `json:"batch_pairs" help:"pairs in a batch, which has twice as many items"`
	// SamplesPerClass applies to losses on all pairs of a batch; smaller classes give all their items.
	SamplesPerClass int `json:"samples_per_class" help:"items of each class in a batch of items"`

	// WithinDomain is for losses on pairs; DomainBatches does the same for losses on all pairs of a batch.
	WithinDomain float64 `json:"within_domain" help:"share of negative pairs with items of one domain, in [0, 1]"`
	// AcrossDomains applies to classes with items of two domains or more. In losses on all pairs of a batch it is the
	// share of draws of a class in which its domains alternate.
	AcrossDomains float64 `json:"across_domains" help:"share of positive pairs with items of two domains, in [0, 1]"`
	// DomainBatches is for losses on all pairs of a batch, whose negative pairs are then within a domain.
	DomainBatches float64 `json:"domain_batches" help:"share of batches with items of one domain, in [0, 1]"`
	// HardMining is for losses on pairs: mined pairs are those that the encoder gets most wrong at the start of an
	// epoch. The others find hard pairs among all pairs of a batch.
	HardMining float64 `json:"hard_mining" help:"share of an epoch's pairs that are the hardest ones, in [0, 1]"`
	// NaturalPairs applies to given pairs ([TrainPairs]), which may be far from half positive.
	NaturalPairs bool `json:"natural_pairs" help:"draw given pairs by frequency, not half of them positive"`
	// XBMSize is the number of embeddings of earlier batches that serve as references too (cross-batch memory; Wang et
	// al. 2020), a multiple of the 2 BatchPairs items of a batch. They have no gradient.
	XBMSize int `json:"xbm_size" help:"size of the cross-batch memory, a multiple of 2 x batch_pairs; 0 = none"`

	// How weights move.

	Optimizer    string  `json:"optimizer" help:"how gradients move weights: adam, adamw or sgd"`
	LearningRate float64 `json:"learning_rate" help:"peak learning rate, in (0, 1)"`
	Momentum     float64 `json:"momentum" help:"momentum of sgd, in [0, 1)"`
	WeightDecay  float64 `json:"weight_decay" help:"decay of weights, not of biases, in [0, 1)"`
	ClipNorm     float64 `json:"clip_norm" help:"largest norm of all gradients; 0 = no clipping"`
	WarmupSteps  int     `json:"warmup_steps" help:"steps over which the learning rate rises from 0"`
	Schedule     string  `json:"schedule" help:"learning rate after warm-up: constant or cosine"`
	// EMADecay d keeps m = d m + (1-d) w of the weights w after every step (exponential moving average). The average is
	// the model that is validated and saved; 0.999 is usual.
	EMADecay float64 `json:"ema_decay" help:"decay of the moving average (EMA) of the weights; 0 = no average"`

	// Devices of the backend share the items of a batch. Results are those of one device but for the order of sums. A
	// processor counts as one device per core, at most 4; see [OpenBackend] for more.
	Devices int `json:"devices" help:"devices that share a batch; divides batch_pairs, and the backend has as many"`

	// When it ends.

	Seed           uint64 `json:"seed" help:"seed of weights, pairs and dropout, and of a split that is drawn"`
	Epochs         int    `json:"epochs" help:"most epochs to train"`
	ValPairs       int    `json:"val_pairs" help:"validation pairs, drawn once, that choose epoch and threshold"`
	Monitor        string `json:"monitor" help:"chooses the epoch: val_loss, val_auc, val_map, unseen_auc, unseen_map"`
	Patience       int    `json:"patience" help:"epochs without improvement before training stops; 0 = never stop"`
	StopOnCollapse bool   `json:"stop_on_collapse" help:"stop when the encoder has collapsed, instead of warning"`

	// Calibration is fitted on the validation pairs of the best epoch.
	Calibration string `json:"calibration" help:"how cosines become probabilities: platt, isotonic or none"`
}

// Values of [Config.Precision].
const (
	PrecisionFloat32  = "float32"
	PrecisionBFloat16 = "bfloat16"
)

// Values of [Config.Monitor].
const (
	MonitorLoss      = "val_loss"   // mean squared error on the validation pairs; lower is better
	MonitorAUC       = "val_auc"    // ROC-AUC over all pairs of validation items; higher is better
	MonitorMAP       = "val_map"    // MAP@R over all validation items; higher is better
	MonitorUnseenAUC = "unseen_auc" // ROC-AUC over all pairs of [TrainOptions.Unseen]; higher is better
	MonitorUnseenMAP = "unseen_map" // MAP@R over [TrainOptions.Unseen]; higher is better
)

// The most that [Config.Validate] accepts: beyond it numbers of items and steps, which are 32 bits wide on devices, and
// sizes of lists would overflow. Memory ends sooner, see [Config.checkMemory].
const (
	mostLayers  = 100
	mostBatch   = 1 << 20
	mostDevices = 1 << 10
	mostPairs   = 1_000_000_000
	mostMemory  = 1 << 26 // items of the cross-batch memory
	mostEpochs  = 1_000_000
	mostSteps   = math.MaxInt32
)

// CalibrationNone is the value of [Config.Calibration] for a model without probabilities.
const CalibrationNone = "none"

// DefaultConfig returns the usual starting point: three dense layers 1024/512/256 with ReLU and dropout 0.1, trained
// with Adam on the squared error of the cosine of balanced labelled pairs.
func DefaultConfig() Config {
	return Config{
		Layers:            []int{1024, 512, 256},
		Dropout:           0.1,
		Precision:         PrecisionFloat32,
		Preprocess:        preprocess.Default(),
		Loss:              loss.Spec{Name: "mse", Similarity: loss.Cosine},
		ProxyLRMultiplier: 100,
		PairsPerEpoch:     50_000,
		BatchPairs:        128,
		SamplesPerClass:   4,
		WithinDomain:      0.5,
		Optimizer:         step.OptimizerAdam,
		LearningRate:      0.001,
		Momentum:          0.9,
		Schedule:          step.ScheduleConstant,
		Devices:           1,
		Seed:              42,
		Epochs:            12,
		ValPairs:          10_000,
		Monitor:           MonitorLoss,
		Patience:          3,
		Calibration:       stats.Platt,
	}
}

// Validate returns nil or all problems of the configuration, joined. Each is an [option.Error] with the setting's JSON
// name, of nested settings with the path, such as "loss.margin"; [option.Names] lists them. Data are not looked at:
// [Train] and [TrainPairs] check that they suit the configuration.
func (c Config) Validate() error {
	var p problems
	p.add(len(c.Layers) > 0, "layers", "is empty: give the width of at least one dense layer")
	p.add(len(c.Layers) <= mostLayers, "layers", "there are %d: give %d or fewer", len(c.Layers), mostLayers)
	for i, width := range c.Layers {
		p.add(width > 0 && width <= 1<<16, "layers", "layer %d is %d wide: a width is in [1, 65536]", i+1, width)
	}
	p.share("dropout", c.Dropout, false)
	p.share("feature_share", c.FeatureShare, false)
	p.oneOf("precision", c.Precision, PrecisionFloat32, PrecisionBFloat16)
	p = append(p, option.Under("preprocess.", c.Preprocess.Validate()))
	p.add(c.LabelSeparator == "" || !c.Preprocess.UsesLabels(), "label_separator",
		"%q gives items several classes, and preprocessing within classes needs one: use scale %q without within_class",
		c.LabelSeparator, preprocess.ScaleStandard)

	p.within("batch_pairs", c.BatchPairs, 1, mostBatch)
	p.within("devices", c.Devices, 1, mostDevices)
	p.add(c.Devices < 1 || (c.BatchPairs < 1 || c.BatchPairs%c.Devices == 0), "devices",
		"%d is not a divisor of batch_pairs (%d)", c.Devices, c.BatchPairs)
	p.add(c.PairsPerEpoch >= c.BatchPairs, "pairs_per_epoch",
		"%d is less than batch_pairs (%d)", c.PairsPerEpoch, c.BatchPairs)
	p.within("pairs_per_epoch", c.PairsPerEpoch, 1, mostPairs)
	p.within("samples_per_class", c.SamplesPerClass, 0, 2*mostBatch)
	p.share("within_domain", c.WithinDomain, true)
	p.share("across_domains", c.AcrossDomains, true)
	p.share("domain_batches", c.DomainBatches, true)
	p.share("hard_mining", c.HardMining, true)
	p.share("label_smoothing", c.LabelSmoothing, false)
	c.validateLoss(&p)

	p.oneOf("optimizer", c.Optimizer, step.OptimizerAdam, step.OptimizerAdamW, step.OptimizerSGD)
	p.oneOf("schedule", c.Schedule, step.ScheduleConstant, step.ScheduleCosine)
	p.add(c.LearningRate > 0 && c.LearningRate < 1, "learning_rate",
		"%v is not in (0, 1); 0.001 is usual", c.LearningRate)
	p.share("momentum", c.Momentum, false)
	p.share("weight_decay", c.WeightDecay, false)
	p.add(c.ClipNorm >= 0 && c.ClipNorm <= 1e30, "clip_norm", "%v is not a norm; 0 = no clipping", c.ClipNorm)
	p.within("warmup_steps", c.WarmupSteps, 0, mostSteps)
	p.share("ema_decay", c.EMADecay, false)

	p.within("epochs", c.Epochs, 1, mostEpochs)
	p.add(c.BatchPairs < 1 || float64(c.Epochs)*float64(c.PairsPerEpoch)/float64(c.BatchPairs) <= mostSteps, "epochs",
		"%d of %d pairs are more than %d steps of %d", c.Epochs, c.PairsPerEpoch, mostSteps, c.BatchPairs)
	p.within("val_pairs", c.ValPairs, 2, mostPairs)
	p.oneOf("monitor", c.Monitor, MonitorLoss, MonitorAUC, MonitorMAP, MonitorUnseenAUC, MonitorUnseenMAP)
	p.oneOf("calibration", c.Calibration, stats.Platt, stats.Isotonic, CalibrationNone)
	p.within("patience", c.Patience, 0, mostEpochs)
	return errors.Join(p...)
}

// validateLoss adds problems of the loss and of settings that depend on it. Settings without effect on the loss are
// problems too: a sweep over one would compare equal runs.
func (c Config) validateLoss(p *problems) {
	if err := c.Loss.Validate(); err != nil {
		*p = append(*p, option.Under("loss.", err))
		return
	}
	name, batch := c.Loss.Name, c.Loss.NeedsBatch()
	p.add(name == "mse" || c.Monitor != MonitorLoss, "monitor",
		"%q is the squared error of the cosine, which loss %q does not minimise: use %q or %q",
		c.Monitor, name, MonitorMAP, MonitorAUC)
	p.add(!batch || c.SamplesPerClass >= 2, "samples_per_class",
		"%d is too few: loss %q needs 2 or more, so that a batch has positive pairs", c.SamplesPerClass, name)
	p.add(!batch || c.HardMining == 0, "hard_mining",
		"%v must be 0: loss %q finds hard pairs in the batch", c.HardMining, name)
	p.add(batch || c.DomainBatches == 0, "domain_batches",
		"%v must be 0: loss %q is on pairs; use within_domain", c.DomainBatches, name)
	p.add(!batch || c.LabelSmoothing == 0, "label_smoothing",
		"%v must be 0: loss %q has no labels of pairs", c.LabelSmoothing, name)
	p.add(!c.Loss.NeedsCentres() || c.ProxyLRMultiplier > 0, "proxy_lr_multiplier",
		"%v must be above 0: loss %q trains class proxies; 100 is usual", c.ProxyLRMultiplier, name)
	references := batch && !c.Loss.NeedsCentres()
	p.within("xbm_size", c.XBMSize, 0, mostMemory)
	p.add(c.XBMSize <= 0 || references, "xbm_size",
		"%d must be 0: loss %q does not compare with earlier batches", c.XBMSize, name)
	p.add(c.BatchPairs < 1 || c.BatchPairs > mostBatch || c.XBMSize%(2*c.BatchPairs) == 0, "xbm_size",
		"%d is not a multiple of the %d items of a batch", c.XBMSize, 2*c.BatchPairs)
}

// problems collects errors about settings, so that Validate can report all of them at once.
type problems []error

// add adds a problem of a setting unless ok.
func (p *problems) add(ok bool, setting, format string, args ...any) {
	if !ok {
		*p = append(*p, option.Errorf(setting, format, args...))
	}
}

// share adds a problem unless the value is in [0, 1), or in [0, 1] where one is allowed. NaN is outside.
func (p *problems) share(setting string, value float64, one bool) {
	end := ")"
	if one {
		end = "]"
	}
	p.add(value >= 0 && (value < 1 || one && value == 1), setting, "%v is not in [0, 1%s", value, end)
}

// within adds a problem unless value is in [least, most].
func (p *problems) within(setting string, value, least, most int) {
	p.add(value >= least, setting, "%d is less than %d", value, least)
	p.add(value <= most, setting, "%d is more than %d", value, most)
}

// oneOf adds a problem if value is not one of the names in of, and lists them.
func (p *problems) oneOf(setting, value string, of ...string) {
	p.add(slices.Contains(of, value), setting, "%q is not known: use %s", value, option.Choices(of))
}
