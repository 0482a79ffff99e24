package siamese

import (
	"errors"
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/loss"
)

// Config holds everything that decides a training run. It is plain data: change a field, train again.
// Zero means zero, not "default": start from [DefaultConfig]. It is saved as JSON beside the weights.
type Config struct {
	Layers  []int   `json:"layers"`  // widths of the dense layers; the last one is the embedding width E
	Dropout float64 `json:"dropout"` // share of units dropped after every layer while training, in [0, 1)

	// Preprocess is what is done to features before the encoder, with numbers from the training items; its zero
	// value standardises them. With components the encoder has that many inputs instead of the F features.
	Preprocess data.Preprocess `json:"preprocess"`

	// Loss is what training lowers; loss.Default(name) has the usual numbers of each. Losses on pairs see
	// BatchPairs labelled pairs a batch, the others all pairs of a batch of 2*BatchPairs items.
	Loss          loss.Spec `json:"loss"`
	ItemsPerClass int       `json:"items_per_class"` // items of a class that come together, in losses on all pairs of a batch

	Seed          uint64  `json:"seed"`            // of weights, pairs and dropout
	Epochs        int     `json:"epochs"`          // most epochs to train
	PairsPerEpoch int     `json:"pairs_per_epoch"` // training pairs drawn afresh every epoch, half of them positive
	BatchPairs    int     `json:"batch_pairs"`     // B, pairs in a batch
	LearningRate  float64 `json:"learning_rate"`   // of Adam
	WithinDomain  float64 `json:"within_domain"`   // share of negative pairs whose items are of one domain, in [0, 1]

	ValPairs int    `json:"val_pairs"` // validation pairs, drawn once: they choose the best epoch and the threshold
	Monitor  string `json:"monitor"`   // what early stopping watches: "val_loss", "val_auc" or "val_map"
	Patience int    `json:"patience"`  // epochs without improvement before training stops; 0 = never stop early
}

// Values of [Config.Monitor].
const (
	MonitorLoss = "val_loss" // mean squared error on the validation pairs; lower is better
	MonitorAUC  = "val_auc"  // ROC-AUC over all pairs of validation items; higher is better
	MonitorMAP  = "val_map"  // MAP@R over all validation items; higher is better
)

// DefaultConfig returns the starting point of the field for this problem: three dense layers 1024/512/256
// with ReLU and dropout 0.1, trained with Adam on the squared error of the cosine of balanced labelled pairs.
func DefaultConfig() Config {
	return Config{
		Layers:        []int{1024, 512, 256},
		Dropout:       0.1,
		Preprocess:    data.DefaultPreprocess(),
		Loss:          loss.Spec{Name: "mse", Similarity: loss.Cosine},
		ItemsPerClass: 4,
		Seed:          42,
		Epochs:        12,
		PairsPerEpoch: 50_000,
		BatchPairs:    128,
		LearningRate:  0.001,
		WithinDomain:  0.5,
		ValPairs:      10_000,
		Monitor:       MonitorLoss,
		Patience:      3,
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
	bad(len(c.Layers) > 0, "layers is empty: give the width of at least one dense layer")
	for i, width := range c.Layers {
		bad(width > 0 && width <= 1<<16, "layers[%d] is %d: a width lies in 1…65536", i, width)
	}
	bad(c.Dropout >= 0 && c.Dropout < 1, "dropout is %v: it lies in [0, 1)", c.Dropout)
	if err := c.Preprocess.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("config: %w", err))
	}
	bad(c.Epochs > 0, "epochs is %d: it must be at least 1", c.Epochs)
	bad(c.BatchPairs > 0, "batch_pairs is %d: it must be at least 1", c.BatchPairs)
	bad(c.PairsPerEpoch >= c.BatchPairs, "pairs_per_epoch is %d: it must be at least batch_pairs (%d)", c.PairsPerEpoch, c.BatchPairs)
	bad(c.LearningRate > 0 && c.LearningRate < 1, "learning_rate is %v: it lies in (0, 1), often near 0.001", c.LearningRate)
	bad(c.WithinDomain >= 0 && c.WithinDomain <= 1, "within_domain is %v: it lies in [0, 1]", c.WithinDomain)
	bad(c.ValPairs >= 2, "val_pairs is %d: it must be at least 2", c.ValPairs)
	bad(slices.Contains([]string{MonitorLoss, MonitorAUC, MonitorMAP}, c.Monitor),
		"monitor is %q: use %q, %q or %q", c.Monitor, MonitorLoss, MonitorAUC, MonitorMAP)
	if err := c.Loss.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("config: %w", err))
	} else {
		bad(!c.Loss.NeedsCentres(), "loss %q trains a vector for every class, which training does not keep yet: use another", c.Loss.Name)
		bad(c.Loss.Name == "mse" || c.Monitor != MonitorLoss, "monitor %q is the squared error of the cosine, which loss %q does not aim at: use %q or %q",
			c.Monitor, c.Loss.Name, MonitorMAP, MonitorAUC)
		bad(!c.Loss.NeedsBatch() || c.ItemsPerClass >= 2, "items_per_class is %d: loss %q needs at least 2, so that a batch has positive pairs", c.ItemsPerClass, c.Loss.Name)
	}
	bad(c.Patience >= 0, "patience is %d: it must not be negative", c.Patience)
	return errors.Join(errs...)
}
