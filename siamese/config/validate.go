package config

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/preprocess/options"
)

// The most that [Config.Validate] accepts: beyond it numbers of items and steps, which are 32 bits wide on devices, and
// sizes of lists would overflow. Memory ends sooner, as training says.
const (
	mostLayers  = 100
	mostFurther = 31 // encoders beside the first
	mostNested  = 16
	mostBatch   = 1 << 20
	mostDevices = 1 << 10
	mostPairs   = 1_000_000_000
	mostMemory  = 1 << 26 // items of the cross-batch memory
	mostEpochs  = 1_000_000
	mostSteps   = math.MaxInt32
)

// Validate returns nil or all problems of the configuration, joined. Each is an [option.Error] with the setting's JSON
// name, of nested settings with the path, such as "loss.margin"; [option.Names] lists them. Data are not looked at:
// [siamese.Train] and [siamese.TrainPairs] check that they suit the configuration.
func (c Config) Validate() error {
	var p problems
	p.layers("layers", "", c.Layers)
	p.add(len(c.Ensemble) <= mostFurther, "ensemble", "there are %d encoders beside the first: give %d or fewer",
		len(c.Ensemble), mostFurther)
	for k, layers := range c.Ensemble {
		p.layers("ensemble", fmt.Sprintf("encoder %d: ", k+2), layers)
	}
	c.validateNested(&p)
	p.share("dropout", c.Dropout, false)
	p.share("feature_share", c.FeatureShare, false)
	p.share("unknown_share", c.UnknownShare, false)
	p.add(c.UnknownShare == 0 || c.FeatureShare > 0 && c.UnknownShare > c.FeatureShare, "unknown_share",
		"%v needs a feature_share, of items that are known, above 0 and below it, and that is %v: change one of them, or "+
			"set it to 0", c.UnknownShare, c.FeatureShare)
	p.add(c.UnknownShare == 0 || c.LabelSeparator == "", "unknown_share", "%v needs one class an item, and "+
		"label_separator %q gives several: leave one of them out", c.UnknownShare, c.LabelSeparator)
	p.oneOf("plda", c.PLDA, "", PLDAFeatures, PLDAEncoder, PLDABoth)
	features, _ := c.ByPLDA()
	p.add(!features || c.FeatureShare > 0, "plda", "%q compares the features beside the encoder, and feature_share is 0: "+
		"set it above 0, or use %q or none", c.PLDA, PLDAEncoder)
	p.add(c.PLDA == "" || c.LabelSeparator == "", "plda", "%q needs one class an item, and label_separator %q gives "+
		"several: leave one of them out", c.PLDA, c.LabelSeparator)
	p.oneOf("precision", c.Precision, PrecisionFloat32, PrecisionBFloat16)
	p = append(p, option.Under("preprocess.", c.Preprocess.Validate()))
	p.add(c.LabelSeparator == "" || !c.Preprocess.UsesLabels(), "label_separator",
		"%q gives items several classes, and preprocessing within classes needs one: use scale %q without within_class",
		c.LabelSeparator, options.ScaleStandard)

	p = append(p, option.Under("augment.", c.Augment.Validate()))
	p.add(!c.Augment.On() || c.BatchPairs < 1 || c.BatchPairs > mostBatch || c.Augment.Views(2*c.BatchPairs) > 0,
		"augment.share", "%v of the %d items of a batch is none: set it to 0, or above %v", c.Augment.Share, 2*c.BatchPairs,
		1/(4*float64(max(1, c.BatchPairs))))

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

	p.oneOf("optimizer", c.Optimizer, OptimizerAdam, OptimizerAdamW, OptimizerSGD)
	p.oneOf("schedule", c.Schedule, ScheduleConstant, ScheduleCosine)
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
	p.oneOf("calibration", c.Calibration, CalibrationPlatt, CalibrationIsotonic, CalibrationNone)
	p.within("patience", c.Patience, 0, mostEpochs)
	return errors.Join(p...)
}

// Encoders returns the Layers of all encoders, the first one's before those of Ensemble.
func (c Config) Encoders() [][]int { return append([][]int{c.Layers}, c.Ensemble...) }

// validateNested adds problems of the widths of nested embeddings.
func (c Config) validateNested(p *problems) {
	p.add(len(c.Nested) <= mostNested, "nested", "there are %d: give %d or fewer", len(c.Nested), mostNested)
	narrowest := 1 << 16
	for _, layers := range c.Encoders() {
		if len(layers) > 0 {
			narrowest = min(narrowest, layers[len(layers)-1])
		}
	}
	for i, width := range c.Nested {
		p.add(width > 0 && width < narrowest, "nested", "%d is not in [1, %d]: give widths below that of the last layer, "+
			"which is trained anyway", width, narrowest-1)
		p.add(i == 0 || width > c.Nested[i-1], "nested", "%d comes after %d: give them in rising order", width,
			c.Nested[max(0, i-1)])
	}
	p.add(len(c.Nested) == 0 || c.UnknownShare == 0, "nested", "unknown_share %v goes by all numbers of the encoder, of "+
		"which the first alone say something else: set it to 0, or leave nested out", c.UnknownShare)
	_, encoder := c.ByPLDA()
	p.add(len(c.Nested) == 0 || !encoder, "nested", "plda %q compares all numbers of the encoder together, of which the "+
		"first alone cannot be taken: use plda %q or none, or leave nested out", c.PLDA, PLDAFeatures)
}

// ByPLDA returns which parts of an embedding Config.PLDA is about.
func (c Config) ByPLDA() (features, encoder bool) {
	return c.PLDA == PLDAFeatures || c.PLDA == PLDABoth, c.PLDA == PLDAEncoder || c.PLDA == PLDABoth
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

// layers adds problems of the widths of an encoder's layers; which says whose they are.
func (p *problems) layers(setting, which string, widths []int) {
	p.add(len(widths) > 0, setting, "%sis empty: give the width of at least one dense layer", which)
	p.add(len(widths) <= mostLayers, setting, "%sthere are %d: give %d or fewer", which, len(widths), mostLayers)
	for i, width := range widths {
		p.add(width > 0 && width <= 1<<16, setting, "%slayer %d is %d wide: a width is in [1, 65536]", which, i+1, width)
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
