package panel

import (
	"strings"

	"github.com/go-siamese/lab/data/preprocess/options"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/loss/spec"
)

// first are the settings that matter first, in their order on the page; the others are folded.
var first = []string{"loss.name", "learning_rate", "epochs", "layers", "batch_pairs", "dropout", "feature_share", "seed"}

// choices are the values of settings that have few; a test holds them against what Validate says.
var choices = map[string][]string{
	"loss.name":         spec.Names(),
	"loss.similarity":   spec.Similarities(),
	"loss.mining":       {"", string(spec.MineAll), string(spec.MineSemiHard), string(spec.MineBatchHard)},
	"plda":              {"", config.PLDAFeatures, config.PLDAEncoder, config.PLDABoth},
	"precision":         {config.PrecisionFloat32, config.PrecisionBFloat16},
	"optimizer":         {config.OptimizerAdam, config.OptimizerAdamW, config.OptimizerSGD},
	"schedule":          {config.ScheduleConstant, config.ScheduleCosine},
	"calibration":       {config.CalibrationPlatt, config.CalibrationIsotonic, config.CalibrationNone},
	"preprocess.impute": {options.ImputeNone, options.ImputeMean, options.ImputeMedian},
	"preprocess.scale":  {options.ScaleStandard, options.ScaleRobust, options.ScaleWithin, options.ScaleNone},
	// Without unseen items those of unseen classes cannot be monitored.
	"monitor": {config.MonitorLoss, config.MonitorAUC, config.MonitorMAP},
}

// Kinds of controls.
const (
	kindChoice = iota
	kindToggle
	kindShare // a linear slider from 0 to 1
	kindLog   // a logarithmic one
	kindInt
	kindText
)

// kindOf returns which control suits a setting, by its help and its type. The help says the range.
func kindOf(name, help, kind string) int {
	switch {
	case choices[name] != nil:
		return kindChoice
	case kind == "bool":
		return kindToggle
	case kind == "float64" && strings.Contains(help, "in [0, 1"):
		return kindShare
	case kind == "float64" && strings.Contains(help, "in (0, 1)"):
		return kindLog
	case kind == "int":
		return kindInt
	}
	return kindText
}

// presets are configurations to start from, by name; the first is what the cell gave.
func presets(given config.Config) ([]string, map[string]config.Config) {
	return []string{asGiven, "default", "recommended"},
		map[string]config.Config{asGiven: given, "default": config.Default(), "recommended": config.Recommended()}
}

// asGiven names the configuration of the cell.
const asGiven = "as the cell gave it"
