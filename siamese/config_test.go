package siamese

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/internal/labtest"
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
		want  string // the setting at fault; "" = valid
	}{
		{"no layers", func(c *Config) { c.Layers = nil }, "layers"},
		{"width 0", func(c *Config) { c.Layers = []int{4, 0} }, "layers"},
		{"width negative", func(c *Config) { c.Layers[0] = -3 }, "layers"},
		{"width huge", func(c *Config) { c.Layers[2] = 1<<16 + 1 }, "layers"},
		{"one layer", func(c *Config) { c.Layers = []int{1} }, ""},
		{"dropout negative", func(c *Config) { c.Dropout = -0.1 }, "dropout"},
		{"dropout 1", func(c *Config) { c.Dropout = 1 }, "dropout"},
		{"dropout NaN", func(c *Config) { c.Dropout = math.NaN() }, "dropout"},
		{"dropout 0", func(c *Config) { c.Dropout = 0 }, ""},
		{"preprocess", func(c *Config) { c.Preprocess.Scale = "minmax" }, "preprocess.scale"},
		{"preprocess none", func(c *Config) { c.Preprocess.Scale = preprocess.ScaleNone }, ""},
		{"epochs", func(c *Config) { c.Epochs = 0 }, "epochs"},
		{"batch", func(c *Config) { c.BatchPairs = 0 }, "batch_pairs"},
		{"pairs below a batch", func(c *Config) { c.PairsPerEpoch = 127 }, "pairs_per_epoch"},
		{"pairs a batch", func(c *Config) { c.PairsPerEpoch = 128 }, ""},
		{"rate 0", func(c *Config) { c.LearningRate = 0 }, "learning_rate"},
		{"rate 1", func(c *Config) { c.LearningRate = 1 }, "learning_rate"},
		{"rate NaN", func(c *Config) { c.LearningRate = math.NaN() }, "learning_rate"},
		{"within domain", func(c *Config) { c.WithinDomain = 1.5 }, "within_domain"},
		{"within domain NaN", func(c *Config) { c.WithinDomain = math.NaN() }, "within_domain"},
		{"across domains", func(c *Config) { c.AcrossDomains = -0.5 }, "across_domains"},
		{"domain batches", func(c *Config) {
			c.Loss, c.Monitor, c.DomainBatches = labtest.LossOf("supcon"), MonitorMAP,
				2
		}, "domain_batches"},
		{"domain batches of pairs", func(c *Config) { c.DomainBatches = 0.5 }, "domain_batches"},
		{"label separator", func(c *Config) { c.LabelSeparator = "|" }, ""},
		{"label separator within classes", func(c *Config) {
			c.LabelSeparator, c.Preprocess.Scale = "|",
				preprocess.ScaleWithin
		}, "label_separator"},
		{"within domain ends", func(c *Config) { c.WithinDomain = 1 }, ""},
		{"val pairs", func(c *Config) { c.ValPairs = 1 }, "val_pairs"},
		{"monitor", func(c *Config) { c.Monitor = "loss" }, "monitor"},
		{"patience", func(c *Config) { c.Patience = -1 }, "patience"},
		{"calibration", func(c *Config) { c.Calibration = "" }, "calibration"},
		{"isotonic", func(c *Config) { c.Calibration = stats.Isotonic }, ""},
		{"no calibration", func(c *Config) { c.Calibration = CalibrationNone }, ""},
		{"no early stopping", func(c *Config) { c.Patience = 0 }, ""},
		{"loss unknown", func(c *Config) { c.Loss.Name = "mean" }, "loss.name"},
		{"loss with centres", func(c *Config) { c.Loss, c.Monitor = labtest.LossOf("arcface"), MonitorMAP }, ""},
		{"centres that stay", func(c *Config) {
			c.Loss, c.Monitor, c.ProxyLRMultiplier = labtest.LossOf("arcface"),
				MonitorMAP, 0
		}, "proxy_lr_multiplier"},
		{"precision", func(c *Config) { c.Precision = "half" }, "precision"},
		{"optimizer", func(c *Config) { c.Optimizer = "lion" }, "optimizer"},
		{"schedule", func(c *Config) { c.Schedule = "" }, "schedule"},
		{"warm-up", func(c *Config) { c.WarmupSteps = -1 }, "warmup_steps"},
		{"momentum", func(c *Config) { c.Momentum = 1 }, "momentum"},
		{"weight decay", func(c *Config) { c.WeightDecay = -0.1 }, "weight_decay"},
		{"clipping", func(c *Config) { c.ClipNorm = -1 }, "clip_norm"},
		{"devices", func(c *Config) { c.Devices = 0 }, "devices"},
		{"devices that cannot share", func(c *Config) { c.Devices = 3 }, "devices"},
		{"several devices", func(c *Config) { c.Devices = 4 }, ""},
		{"average", func(c *Config) { c.EMADecay = 1 }, "ema_decay"},
		{"hard pairs", func(c *Config) { c.HardMining = 1.5 }, "hard_mining"},
		{"hard pairs of a batch", func(c *Config) {
			c.Loss, c.Monitor, c.HardMining = labtest.LossOf("supcon"),
				MonitorMAP, 0.5
		}, "hard_mining"},
		{"smoothing", func(c *Config) { c.LabelSmoothing = 1 }, "label_smoothing"},
		{"smoothing without labels", func(c *Config) {
			c.Loss, c.Monitor, c.LabelSmoothing = labtest.LossOf("supcon"),
				MonitorMAP, 0.1
		}, "label_smoothing"},
		{"memory of pairs", func(c *Config) { c.XBMSize = 256 }, "xbm_size"},
		{"memory of parts of a batch", func(c *Config) {
			c.Loss, c.Monitor, c.XBMSize = labtest.LossOf("supcon"),
				MonitorMAP, 300
		}, "xbm_size"},
		{"cross-batch memory", func(c *Config) {
			c.Loss, c.Monitor, c.XBMSize = labtest.LossOf("supcon"), MonitorMAP,
				512
		}, ""},
		{"loss without its monitor", func(c *Config) { c.Loss = labtest.LossOf("supcon") }, "monitor"},
		{"loss on a batch", func(c *Config) { c.Loss, c.Monitor = labtest.LossOf("supcon"), MonitorMAP }, ""},
		{"one item of a class", func(c *Config) {
			c.Loss, c.Monitor, c.SamplesPerClass = labtest.LossOf("supcon"),
				MonitorAUC, 1
		}, "samples_per_class"},
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
			if got := option.Names(err); !cmp.Equal(got, []string{test.want}) {
				t.Errorf("problems of %q: %v", got, err)
			}
		})
	}
}

func TestConfigReportsAllFaults(t *testing.T) {
	c := DefaultConfig()
	c.Dropout, c.Epochs, c.Monitor = 1.5, -1, "accuracy"
	err := c.Validate()
	if diff := cmp.Diff([]string{"dropout", "epochs", "monitor"}, option.Names(err)); diff != "" {
		t.Errorf("%s: %v", diff, err)
	}
	// Zero means zero: of the zero configuration everything that may not be zero is a fault.
	zero := option.Names(Config{}.Validate())
	for _, want := range []string{"layers", "epochs", "batch_pairs", "learning_rate", "val_pairs", "monitor"} {
		if !slices.Contains(zero, want) {
			t.Errorf("%s can be zero: %q", want, zero)
		}
	}
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
