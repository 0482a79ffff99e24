// Package config holds the settings of a training run as plain data. It is a package of its own so that a program that
// only writes a configuration, such as a cell that uses a session, links neither GoMLX nor XLA. Package siamese has the
// same names: siamese.Config is config.Config.
package config

import (
	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/data/preprocess/options"
	"github.com/go-siamese/lab/siamese/loss/spec"
)

// Config holds all settings of a training run as plain data, and is saved as JSON in the model's file. Start from
// [Default] or [Recommended] and change fields; [Config.Validate] says what is wrong. Copies share only the
// memory of Layers, Ensemble, Nested and Preprocess.BlockWeights, which this package never writes to.
//
// The convention of zero, here and everywhere in this module:
//
//   - In settings that are saved (Config, [spec.Spec], [options.Options]) zero means zero or none, never a default:
//     a saved file must not change its meaning when a default does. Where zero is impossible, Validate says so.
//   - In options of a call, which are not saved, zero means the default, as the field's comment says.
//   - What can be off has a bool, a nil pointer or a field of its own.
//   - Negative numbers never have a special meaning: where a quantity cannot be negative they are errors.
//
// The tag help describes a field in one line: it is also the help of the command's flag. The command, resuming and
// sweeps find fields by these tags (package internal/fields), so that a new field needs no change there.
type Config struct {
	// The encoder.

	Layers []int `json:"layers" help:"widths of the dense layers; the last is the embedding width"`
	// Ensemble are the Layers of further encoders that are trained like the first, each from a seed of its own that
	// follows from Seed. Their embeddings stand side by side, so that the encoder's cosine is the mean of theirs; where
	// one of them makes zero of an item, the others count. In every epoch they train one after the other; the monitor,
	// early stopping, the threshold and PLDA are of all of them as one. nil = one encoder.
	Ensemble [][]int `json:"ensemble" help:"layers of more encoders beside the first, as 512,256/512,64; empty = none"`
	// Nested are widths at which embeddings are to be useful by their first numbers alone ([siamese.Model.Narrow]), in
	// rising order and below the width of every encoder; nil = none. The loss is the mean of those of the first numbers,
	// in each of these widths, and of the whole embedding (Matryoshka representation learning; Kusupati et al. 2022).
	// Every encoder of an ensemble is cut to the width, so that its share of the cosine stays, and features beside the
	// encoder stay whole with theirs. PLDA of the encoder and the gate of UnknownShare are of all its numbers: they cannot
	// be cut.
	Nested  []int   `json:"nested" help:"widths at which the first numbers of embeddings are trained too; empty = none"`
	Dropout float64 `json:"dropout" help:"share of units dropped after every layer while training, in [0, 1)"`
	// BatchNorm normalises over a batch while training. Its scale and running statistics are folded into the weights
	// and biases of the model, which therefore embeds an item alike whatever is embedded beside it.
	BatchNorm bool `json:"batch_norm" help:"batch norm between every dense layer and its ReLU"`

	// FeatureShare appends the preprocessed features, scaled to unit length, to the encoder's output, so that they
	// contribute this share of the cosine. An encoder drops what the training classes did not need; features keep it,
	// which helps on unseen classes. The loss sees the encoder alone; the monitor, the threshold and the probabilities
	// see both.
	FeatureShare float64 `json:"feature_share" help:"share of the cosine that is the features', in [0, 1); 0 = none"`
	// UnknownShare makes the share an item's own: FeatureShare for items near to a training class, UnknownShare for items
	// near to none, and a share between the two for those in between. What is near goes by the cosines of the encoder's
	// output and of the features with the nearest class mean (package gate), and by those of validation items of the same
	// classes. An encoder knows little of classes that it was not trained on, and much of its own: one share cannot suit
	// both. The gate is fitted after the last step, with a new threshold and calibration, so that the monitor sees
	// FeatureShare for all. It needs items with one class each, and to be more than FeatureShare, which is above 0. 0 =
	// FeatureShare for all.
	UnknownShare float64 `json:"unknown_share" help:"feature share of items unlike the training classes; 0 = of all alike"`
	// PLDA compares parts of an embedding by probabilistic linear discriminant analysis (package plda) instead of their
	// plain cosine: directions in which the training classes differ more than their items do count more. It is fitted on
	// the training items, which need one class each, and chooses its one setting on classes held out of them. What it
	// makes of a part is a vector of unit length in its place, so that everything compares by cosine as before. That of
	// the features is fitted before the first step; that of the encoder after the last one, with a new threshold and
	// calibration, so that the monitor sees the encoder's plain cosine. The encoder was trained on the classes that are
	// held out of its PLDA, which is therefore chosen less well than that of the features.
	PLDA string `json:"plda" help:"parts of an embedding compared by PLDA: features, encoder or both; empty = none"`

	// Precision is that of the factors of matrix products; sums and weights stay float32. Embedding is always float32.
	Precision string `json:"precision" help:"of matrix products while training: float32 or bfloat16"`

	// Augment replaces a share of the items of every training batch by altered views of their pictures
	// ([siamese.TrainOptions].Views has them). Only the encoder sees views: preprocessing, PLDA, mining and validation are
	// of the items as they are.
	Augment augment.Options `json:"augment"`

	// Preprocess is applied to the features before the encoder and fitted on the training items only. With components
	// the encoder has that many inputs instead of F.
	Preprocess options.Options `json:"preprocess"`

	// Loss is minimised; loss.Default(name) has its usual parameters. Losses on pairs see BatchPairs labelled pairs a
	// batch, the others all pairs of a batch of 2*BatchPairs items. A model always compares by cosine; with
	// Loss.Normalize other similarities rank pairs alike.
	Loss spec.Spec `json:"loss"`

	// LabelSmoothing s turns the labels 1 and 0 into 1-s/2 and s/2, which keeps a loss from asking for ever more
	// extreme cosines (Szegedy et al. 2016).
	LabelSmoothing float64 `json:"label_smoothing" help:"share of label smoothing in losses on pairs, in [0, 1)"`
	// ProxyLRMultiplier is for losses with class proxies ([spec.Spec.NeedsCentres]): proxies need a larger learning
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
	// SmallerBatches makes BatchPairs a wish for losses on all pairs of a batch: where fewer items can be in one, batches
	// are as large as they allow, and XBMSize is rounded down to whole ones. The model's Config then has what was taken,
	// and its Notes say so. Losses on pairs draw few pairs again and need no wish.
	SmallerBatches bool `json:"smaller_batches" help:"take smaller batches where training items are too few"`
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
	// NaturalPairs applies to given pairs ([siamese.TrainPairs]), which may be far from half positive.
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
	// processor counts as one device per core, at most 4; see [siamese.OpenBackend] for more.
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
	MonitorUnseenAUC = "unseen_auc" // ROC-AUC over all pairs of [siamese.TrainOptions.Unseen]; higher is better
	MonitorUnseenMAP = "unseen_map" // MAP@R over [siamese.TrainOptions.Unseen]; higher is better
)

// Values of Config.PLDA beside "", none.
const (
	PLDAFeatures = "features" // the features beside the encoder, of which Config.FeatureShare is the share
	PLDAEncoder  = "encoder"
	PLDABoth     = "both" // each by its own, side by side
)

// Values of [Config.Calibration].
const (
	CalibrationPlatt    = "platt"
	CalibrationIsotonic = "isotonic"
	CalibrationNone     = "none" // a model without probabilities
)

// Values of [Config.Optimizer].
const (
	OptimizerAdam  = "adam"  // Kingma and Ba 2015; weight decay is added to the gradient
	OptimizerAdamW = "adamw" // Loshchilov and Hutter 2019; weights decay apart from the gradient
	OptimizerSGD   = "sgd"   // with Momentum; weight decay is added to the gradient
)

// Values of [Config.Schedule].
const (
	ScheduleConstant = "constant"
	ScheduleCosine   = "cosine" // falls to 0 at the last step along half a cosine (Loshchilov and Hutter 2017)
)

// Default returns the usual starting point: three dense layers 1024/512/256 with ReLU and dropout 0.1, trained
// with Adam on the squared error of the cosine of balanced labelled pairs.
func Default() Config {
	return Config{
		Layers:            []int{1024, 512, 256},
		Dropout:           0.1,
		Precision:         PrecisionFloat32,
		Preprocess:        options.Default(),
		Loss:              spec.Spec{Name: "mse", Similarity: spec.Cosine},
		ProxyLRMultiplier: 100,
		PairsPerEpoch:     50_000,
		BatchPairs:        128,
		SamplesPerClass:   4,
		WithinDomain:      0.5,
		Optimizer:         OptimizerAdam,
		LearningRate:      0.001,
		Momentum:          0.9,
		Schedule:          ScheduleConstant,
		Devices:           1,
		Seed:              42,
		Epochs:            12,
		ValPairs:          10_000,
		Monitor:           MonitorLoss,
		Patience:          3,
		Calibration:       CalibrationPlatt,
	}
}
