package siamese

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/loss"
	"github.com/go-siamese/lab/siamese/stats"
)

func TestDefaultConfig(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	want := []int{1024, 512, 256}
	if got := DefaultConfig(); !cmp.Equal(got.Layers, want) || got.Dropout != 0.1 {
		t.Errorf("layers %v, dropout %v: want the mission's 1024/512/256 and 0.1", got.Layers, got.Dropout)
	}
	a, b := DefaultConfig(), DefaultConfig()
	a.Layers[0] = 7
	if b.Layers[0] == 7 {
		t.Error("two default configurations share their layers")
	}
}

func TestConfigFaults(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(c *Config)
		want  string // in the error; "" = valid
	}{
		{"no layers", func(c *Config) { c.Layers = nil }, "layers is empty"},
		{"width 0", func(c *Config) { c.Layers = []int{4, 0} }, "layers[1] is 0"},
		{"width negative", func(c *Config) { c.Layers[0] = -3 }, "layers[0] is -3"},
		{"width huge", func(c *Config) { c.Layers[2] = 1<<16 + 1 }, "layers[2] is 65537"},
		{"one layer", func(c *Config) { c.Layers = []int{1} }, ""},
		{"dropout negative", func(c *Config) { c.Dropout = -0.1 }, "dropout is -0.1"},
		{"dropout 1", func(c *Config) { c.Dropout = 1 }, "dropout is 1"},
		{"dropout NaN", func(c *Config) { c.Dropout = math.NaN() }, "dropout is NaN"},
		{"dropout 0", func(c *Config) { c.Dropout = 0 }, ""},
		{"preprocess", func(c *Config) { c.Preprocess.Scale = "minmax" }, `preprocess: scale is "minmax": use "standard", "robust", "within" or "none"`},
		{"preprocess zero", func(c *Config) { c.Preprocess = data.Preprocess{} }, ""},
		{"preprocess none", func(c *Config) { c.Preprocess.Scale = data.ScaleNone }, ""},
		{"epochs", func(c *Config) { c.Epochs = 0 }, "epochs is 0"},
		{"batch", func(c *Config) { c.BatchPairs = 0 }, "batch_pairs is 0"},
		{"pairs below a batch", func(c *Config) { c.PairsPerEpoch = 127 }, "pairs_per_epoch is 127: it must be at least batch_pairs (128)"},
		{"pairs a batch", func(c *Config) { c.PairsPerEpoch = 128 }, ""},
		{"rate 0", func(c *Config) { c.LearningRate = 0 }, "learning_rate is 0"},
		{"rate 1", func(c *Config) { c.LearningRate = 1 }, "learning_rate is 1"},
		{"rate NaN", func(c *Config) { c.LearningRate = math.NaN() }, "learning_rate is NaN"},
		{"within domain", func(c *Config) { c.WithinDomain = 1.5 }, "within_domain is 1.5"},
		{"within domain NaN", func(c *Config) { c.WithinDomain = math.NaN() }, "within_domain is NaN"},
		{"across domains", func(c *Config) { c.AcrossDomains = -0.5 }, "across_domains is -0.5"},
		{"domain batches", func(c *Config) { c.Loss, c.Monitor, c.DomainBatches = lossOf("supcon"), MonitorMAP, 2 }, "domain_batches is 2"},
		{"domain batches of pairs", func(c *Config) { c.DomainBatches = 0.5 }, "domain_batches is 0.5: loss \"mse\" sees pairs"},
		{"label separator", func(c *Config) { c.LabelSeparator = "|" }, ""},
		{"label separator within classes", func(c *Config) { c.LabelSeparator, c.Preprocess.Scale = "|", data.ScaleWithin }, `label_separator is "|"`},
		{"within domain ends", func(c *Config) { c.WithinDomain = 1 }, ""},
		{"val pairs", func(c *Config) { c.ValPairs = 1 }, "val_pairs is 1"},
		{"monitor", func(c *Config) { c.Monitor = "loss" }, `monitor is "loss": use "val_loss", "val_auc", "val_map", "unseen_auc" or "unseen_map"`},
		{"patience", func(c *Config) { c.Patience = -1 }, "patience is -1"},
		{"calibration", func(c *Config) { c.Calibration = "" }, `calibration is "": use "platt", "isotonic" or "none"`},
		{"isotonic", func(c *Config) { c.Calibration = stats.Isotonic }, ""},
		{"no calibration", func(c *Config) { c.Calibration = CalibrationNone }, ""},
		{"no early stopping", func(c *Config) { c.Patience = 0 }, ""},
		{"loss unknown", func(c *Config) { c.Loss.Name = "mean" }, `loss "mean" is not known`},
		{"loss with centres", func(c *Config) { c.Loss, c.Monitor = lossOf("arcface"), MonitorMAP }, ""},
		{"centres that stay", func(c *Config) { c.Loss, c.Monitor, c.CentreRate = lossOf("arcface"), MonitorMAP, 0 }, "centre_rate is 0"},
		{"precision", func(c *Config) { c.Precision = "half" }, `precision is "half": use "float32" or "bfloat16"`},
		{"optimizer", func(c *Config) { c.Optimizer = "lion" }, `optimizer is "lion": use "adam", "adamw" or "sgd"`},
		{"schedule", func(c *Config) { c.Schedule = "" }, `schedule is "": use "constant" or "cosine"`},
		{"warm-up", func(c *Config) { c.WarmupSteps = -1 }, "warmup_steps is -1"},
		{"momentum", func(c *Config) { c.Momentum = 1 }, "momentum is 1"},
		{"weight decay", func(c *Config) { c.WeightDecay = -0.1 }, "weight_decay is -0.1"},
		{"clipping", func(c *Config) { c.ClipNorm = -1 }, "clip_norm is -1"},
		{"devices", func(c *Config) { c.Devices = 0 }, "devices is 0: it must be at least 1"},
		{"devices that cannot share", func(c *Config) { c.Devices = 3 }, "devices is 3: it must be at least 1 and divide batch_pairs (128)"},
		{"several devices", func(c *Config) { c.Devices = 4 }, ""},
		{"average", func(c *Config) { c.AverageDecay = 1 }, "average_decay is 1"},
		{"hard pairs", func(c *Config) { c.HardPairs = 1.5 }, "hard_pairs is 1.5"},
		{"hard pairs of a batch", func(c *Config) { c.Loss, c.Monitor, c.HardPairs = lossOf("supcon"), MonitorMAP, 0.5 }, "hard_pairs is 0.5: loss \"supcon\" has no listed pairs"},
		{"smoothing", func(c *Config) { c.LabelSmoothing = 1 }, "label_smoothing is 1"},
		{"smoothing without labels", func(c *Config) { c.Loss, c.Monitor, c.LabelSmoothing = lossOf("supcon"), MonitorMAP, 0.1 }, "label_smoothing is 0.1: loss \"supcon\" has no labels"},
		{"memory of pairs", func(c *Config) { c.Memory = 256 }, "memory is 256: loss \"mse\" compares with no earlier batches"},
		{"memory of parts of a batch", func(c *Config) { c.Loss, c.Monitor, c.Memory = lossOf("supcon"), MonitorMAP, 300 }, "memory is 300: it must be a multiple of the 2*batch_pairs = 256"},
		{"memory", func(c *Config) { c.Loss, c.Monitor, c.Memory = lossOf("supcon"), MonitorMAP, 512 }, ""},
		{"loss without its monitor", func(c *Config) { c.Loss = lossOf("supcon") }, `monitor "val_loss" is the squared error of the cosine`},
		{"loss on a batch", func(c *Config) { c.Loss, c.Monitor = lossOf("supcon"), MonitorMAP }, ""},
		{"one item of a class", func(c *Config) { c.Loss, c.Monitor, c.ItemsPerClass = lossOf("supcon"), MonitorAUC, 1 }, "items_per_class is 1"},
		{"seed 0", func(c *Config) { c.Seed = 0 }, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := DefaultConfig()
			test.spoil(&c)
			err := c.Validate()
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantError(t, err, "config: "+test.want)
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("one fault gave several errors: %v", err)
			}
		})
	}
}

func TestConfigReportsAllFaults(t *testing.T) {
	c := DefaultConfig()
	c.Dropout, c.Epochs, c.Monitor = 1.5, -1, "accuracy"
	err := c.Validate()
	wantError(t, err, "dropout is 1.5", "epochs is -1", `monitor is "accuracy"`)
	if n := strings.Count(err.Error(), "\n") + 1; n != 3 {
		t.Errorf("%d errors for three faults: %v", n, err)
	}
	// Zero means zero: of the zero configuration everything that may not be zero is a fault.
	wantError(t, Config{}.Validate(), "layers", "epochs", "batch_pairs", "learning_rate", "val_pairs", "monitor")
}

func TestConfigJSON(t *testing.T) {
	zero, full := Config{}, DefaultConfig()
	full.Seed = math.MaxUint64 // beyond what a float64 holds
	for _, want := range []Config{zero, full} {
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got := DefaultConfig() // what is zero in the text must not stay at its default
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(text, &fields); err != nil {
			t.Fatal(err)
		}
		if n := reflect.TypeFor[Config]().NumField(); len(fields) != n {
			t.Errorf("the text has not all %d fields: %s", n, text)
		}
	}
}

// lossOf returns the usual numbers of a loss that is known.
func lossOf(name string) loss.Spec {
	spec, err := loss.Default(name)
	if err != nil {
		panic(err)
	}
	return spec
}
