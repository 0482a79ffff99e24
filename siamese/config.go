package siamese

import (
	"errors"
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/loss"
	"github.com/go-siamese/lab/siamese/stats"
)

// Config holds everything that decides a training run. It is plain data: change a field, train again.
// Zero means zero, not "default": start from [DefaultConfig]. It is saved as JSON beside the weights.
type Config struct {
	// The encoder.
	Layers    []int   `json:"layers"`     // widths of the dense layers; the last one is the embedding width E
	Dropout   float64 `json:"dropout"`    // share of units dropped after every layer while training, in [0, 1)
	BatchNorm bool    `json:"batch_norm"` // between every dense layer and its ReLU; folded into the weights of the model
	// Skip is the part of the cosine that is not the encoder's: the preprocessed features themselves, of unit length, stand
	// beside the encoder's output in an embedding, which is so much wider. Encoders forget what training classes did not
	// need; features do not, which helps on classes that were not trained on. The encoder is trained as if it were alone;
	// the monitor, the threshold and the probabilities see the whole. In [0, 1); 0 = the encoder alone.
	Skip float64 `json:"skip"`

	Precision string `json:"precision"` // of matrix products while training: "float32" or "bfloat16": factors are rounded, sums are not (see the README on speed)

	// Preprocess is what is done to features before the encoder, with numbers from the training items; its zero
	// value standardises them. With components the encoder has that many inputs instead of the F features.
	Preprocess data.Preprocess `json:"preprocess"`

	// Loss is what training lowers; loss.Default(name) has the usual numbers of each. Losses on pairs see
	// BatchPairs labelled pairs a batch, the others all pairs of a batch of 2*BatchPairs items. The model compares by the
	// cosine whatever the loss compares by: with Loss.Normalize other similarities agree with it.
	Loss           loss.Spec `json:"loss"`
	LabelSmoothing float64   `json:"label_smoothing"` // in losses on pairs: labels 1 and 0 become 1-s/2 and s/2; in [0, 1)
	CentreRate     float64   `json:"centre_rate"`     // learning rate of class centres, as a multiple, in losses that train some

	// LabelSeparator, where it is not "", makes a label a list of classes: with "|" the label "shoe|red" is that of an item of
	// the classes "shoe" and "red". Two items are the same when they have a class in common, different when both have some
	// and none in common, and a pair with an item without any is left out. Every loss takes it: a sampler draws a class's items
	// from all that have it, and centres pull the items of all their classes. It is not for features preprocessed by class,
	// and such models are judged by [EvaluateLabels], and by [EvaluatePairs] on [LabelPairs].
	LabelSeparator string `json:"label_separator"`

	// What a batch is made of.
	PairsPerEpoch int     `json:"pairs_per_epoch"` // training pairs drawn afresh every epoch, half of them positive
	BatchPairs    int     `json:"batch_pairs"`     // B, pairs in a batch
	ItemsPerClass int     `json:"items_per_class"` // items of a class that come together, in losses on all pairs of a batch
	WithinDomain  float64 `json:"within_domain"`   // share of negative pairs whose items are of one domain, in [0, 1]; all pairs of a batch: DomainBatches
	AcrossDomains float64 `json:"across_domains"`  // share of positive pairs whose items have to be of two domains, where their class has two, in [0, 1]; in losses on all pairs of a batch: share of the times that a class comes at which its domains take turns
	DomainBatches float64 `json:"domain_batches"`  // in losses on all pairs of a batch: share of the batches whose items are all of one domain, in [0, 1]
	HardPairs     float64 `json:"hard_pairs"`      // in losses on pairs: share of an epoch's pairs mined as the hardest of all items, or of all given pairs, in [0, 1]
	NaturalPairs  bool    `json:"natural_pairs"`   // in [TrainPairs]: pairs come as often as they are listed, instead of half of a batch positive
	Memory        int     `json:"memory"`          // in losses on all pairs of a batch: embeddings of earlier batches that are references too; a multiple of 2*BatchPairs

	// How weights move.
	Optimizer    string  `json:"optimizer"`     // "adam", "adamw" or "sgd"
	LearningRate float64 `json:"learning_rate"` // at its highest
	Momentum     float64 `json:"momentum"`      // of sgd, in [0, 1)
	WeightDecay  float64 `json:"weight_decay"`  // of weights, not of biases
	ClipNorm     float64 `json:"clip_norm"`     // most that the norm of all gradients may be; 0 = any
	WarmupSteps  int     `json:"warmup_steps"`  // steps over which the learning rate rises from 0
	Schedule     string  `json:"schedule"`      // of the learning rate after that: "constant" or "cosine"
	AverageDecay float64 `json:"average_decay"` // the model has the exponential average of the weights over steps, often 0.999; 0 = the last weights

	// Devices of the backend that share the work of a batch, each with its part of the items; a divisor of BatchPairs.
	// Results are those of one device but for the order of sums. A processor is shown as one a core, at most 4, unless
	// [OpenBackend] is told otherwise; they share its cores.
	Devices int `json:"devices"`

	// When it ends.
	Seed           uint64 `json:"seed"`             // of weights, pairs and dropout
	Epochs         int    `json:"epochs"`           // most epochs to train
	ValPairs       int    `json:"val_pairs"`        // validation pairs, drawn once: they choose the best epoch and the threshold
	Monitor        string `json:"monitor"`          // what early stopping watches: "val_loss", "val_auc", "val_map", "unseen_auc" or "unseen_map"
	Patience       int    `json:"patience"`         // epochs without improvement before training stops; 0 = never stop early
	StopOnCollapse bool   `json:"stop_on_collapse"` // end when embeddings no longer tell items apart, instead of warning

	// Calibration is how cosines become probabilities, on the validation pairs of the best epoch: "platt", "isotonic" or "none".
	Calibration string `json:"calibration"`
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

// CalibrationNone is the value of [Config.Calibration] for a model without probabilities.
const CalibrationNone = "none"

// DefaultConfig returns the starting point of the field for this problem: three dense layers 1024/512/256
// with ReLU and dropout 0.1, trained with Adam on the squared error of the cosine of balanced labelled pairs.
func DefaultConfig() Config {
	return Config{
		Layers:        []int{1024, 512, 256},
		Dropout:       0.1,
		Precision:     PrecisionFloat32,
		Preprocess:    data.DefaultPreprocess(),
		Loss:          loss.Spec{Name: "mse", Similarity: loss.Cosine},
		CentreRate:    100,
		PairsPerEpoch: 50_000,
		BatchPairs:    128,
		ItemsPerClass: 4,
		WithinDomain:  0.5,
		Optimizer:     OptimizerAdam,
		LearningRate:  0.001,
		Momentum:      0.9,
		Schedule:      ScheduleConstant,
		Devices:       1,
		Seed:          42,
		Epochs:        12,
		ValPairs:      10_000,
		Monitor:       MonitorLoss,
		Patience:      3,
		Calibration:   stats.Platt,
	}
}

// Validate returns every problem of the configuration at once, joined, or nil.
func (c Config) Validate() error {
	var errs []error
	bad := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("config: "+format, args...))
		}
	}
	oneOf := func(field, value string, of ...string) {
		bad(slices.Contains(of, value), "%s is %q: use %s", field, value, orList(of))
	}
	bad(len(c.Layers) > 0, "layers is empty: give the width of at least one dense layer")
	for i, width := range c.Layers {
		bad(width > 0 && width <= 1<<16, "layers[%d] is %d: a width lies in 1…65536", i, width)
	}
	bad(c.Dropout >= 0 && c.Dropout < 1, "dropout is %v: it lies in [0, 1)", c.Dropout)
	bad(c.Skip >= 0 && c.Skip < 1, "skip is %v: it lies in [0, 1)", c.Skip)
	oneOf("precision", c.Precision, PrecisionFloat32, PrecisionBFloat16)
	if err := c.Preprocess.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("config: %w", err))
	}

	bad(c.LabelSeparator == "" || !c.Preprocess.UsesLabels(),
		"label_separator is %q, and preprocess scales or whitens within classes, for which an item needs one class: use scale %q without within_class, or leave label_separator out",
		c.LabelSeparator, data.ScaleStandard)
	bad(c.BatchPairs > 0, "batch_pairs is %d: it must be at least 1", c.BatchPairs)
	bad(c.Devices > 0 && (c.BatchPairs < 1 || c.BatchPairs%c.Devices == 0), "devices is %d: it must be at least 1 and divide batch_pairs (%d)", c.Devices, c.BatchPairs)
	bad(c.PairsPerEpoch >= c.BatchPairs, "pairs_per_epoch is %d: it must be at least batch_pairs (%d)", c.PairsPerEpoch, c.BatchPairs)
	bad(c.WithinDomain >= 0 && c.WithinDomain <= 1, "within_domain is %v: it lies in [0, 1]", c.WithinDomain)
	bad(c.AcrossDomains >= 0 && c.AcrossDomains <= 1, "across_domains is %v: it lies in [0, 1]", c.AcrossDomains)
	bad(c.DomainBatches >= 0 && c.DomainBatches <= 1, "domain_batches is %v: it lies in [0, 1]", c.DomainBatches)
	bad(c.HardPairs >= 0 && c.HardPairs <= 1, "hard_pairs is %v: it lies in [0, 1]", c.HardPairs)
	bad(c.LabelSmoothing >= 0 && c.LabelSmoothing < 1, "label_smoothing is %v: it lies in [0, 1)", c.LabelSmoothing)
	errs = append(errs, c.validateLoss()...)

	oneOf("optimizer", c.Optimizer, OptimizerAdam, OptimizerAdamW, OptimizerSGD)
	oneOf("schedule", c.Schedule, ScheduleConstant, ScheduleCosine)
	bad(c.LearningRate > 0 && c.LearningRate < 1, "learning_rate is %v: it lies in (0, 1), often near 0.001", c.LearningRate)
	bad(c.Momentum >= 0 && c.Momentum < 1, "momentum is %v: it lies in [0, 1), often 0.9", c.Momentum)
	bad(c.WeightDecay >= 0 && c.WeightDecay < 1, "weight_decay is %v: it lies in [0, 1), often near 0.0001 (adamw: 0.01)", c.WeightDecay)
	bad(c.ClipNorm >= 0 && c.ClipNorm <= 1e30, "clip_norm is %v: it must not be negative; 0 = no clipping", c.ClipNorm)
	bad(c.WarmupSteps >= 0, "warmup_steps is %d: it must not be negative", c.WarmupSteps)
	bad(c.AverageDecay >= 0 && c.AverageDecay < 1, "average_decay is %v: it lies in [0, 1), often 0.999; 0 = no average", c.AverageDecay)

	bad(c.Epochs > 0, "epochs is %d: it must be at least 1", c.Epochs)
	bad(c.ValPairs >= 2, "val_pairs is %d: it must be at least 2", c.ValPairs)
	oneOf("monitor", c.Monitor, MonitorLoss, MonitorAUC, MonitorMAP, MonitorUnseenAUC, MonitorUnseenMAP)
	oneOf("calibration", c.Calibration, stats.Platt, stats.Isotonic, CalibrationNone)
	bad(c.Patience >= 0, "patience is %d: it must not be negative", c.Patience)
	return errors.Join(errs...)
}

// validateLoss returns what is wrong with the loss and with what only some losses have.
func (c Config) validateLoss() []error {
	if err := c.Loss.Validate(); err != nil {
		return []error{fmt.Errorf("config: %w", err)}
	}
	var errs []error
	bad := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("config: "+format, args...))
		}
	}
	name, batch := c.Loss.Name, c.Loss.NeedsBatch()
	bad(name == "mse" || c.Monitor != MonitorLoss, "monitor %q is the squared error of the cosine, which loss %q does not aim at: use %q or %q",
		c.Monitor, name, MonitorMAP, MonitorAUC)
	bad(!batch || c.ItemsPerClass >= 2, "items_per_class is %d: loss %q needs at least 2, so that a batch has positive pairs", c.ItemsPerClass, name)
	bad(!batch || c.HardPairs == 0, "hard_pairs is %v: loss %q has no listed pairs and finds hard ones in the batch: set it to 0", c.HardPairs, name)
	bad(batch || c.DomainBatches == 0, "domain_batches is %v: loss %q sees pairs, not all pairs of a batch: set it to 0, and within_domain instead", c.DomainBatches, name)
	bad(!batch || c.LabelSmoothing == 0, "label_smoothing is %v: loss %q has no labels of pairs: set it to 0", c.LabelSmoothing, name)
	bad(!c.Loss.NeedsCentres() || c.CentreRate > 0, "centre_rate is %v: loss %q trains centres, so it must be above 0, often 100", c.CentreRate, name)
	references := batch && !c.Loss.NeedsCentres()
	bad(c.Memory >= 0 && (c.Memory == 0 || references), "memory is %d: loss %q compares with no earlier batches: set it to 0", c.Memory, name)
	bad(c.BatchPairs < 1 || c.Memory%(2*c.BatchPairs) == 0, "memory is %d: it must be a multiple of the 2*batch_pairs = %d items of a batch", c.Memory, 2*c.BatchPairs)
	return errs
}

// orList returns "a", "b" or "c".
func orList(words []string) string {
	out := ""
	for i, w := range words {
		switch {
		case i > 0 && i == len(words)-1:
			out += " or "
		case i > 0:
			out += ", "
		}
		out += fmt.Sprintf("%q", w)
	}
	return out
}
