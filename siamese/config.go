package siamese

import "github.com/go-siamese/lab/siamese/config"

// Config holds all settings of a training run as plain data: see [config.Config] for the fields. Start from
// [DefaultConfig] or [Recommended] and change fields; [config.Config.Validate] says what is wrong.
type Config = config.Config

// Values of [Config].Precision, Monitor and Calibration, see package config.
const (
	PrecisionFloat32  = config.PrecisionFloat32
	PrecisionBFloat16 = config.PrecisionBFloat16

	MonitorLoss      = config.MonitorLoss
	MonitorAUC       = config.MonitorAUC
	MonitorMAP       = config.MonitorMAP
	MonitorUnseenAUC = config.MonitorUnseenAUC
	MonitorUnseenMAP = config.MonitorUnseenMAP

	CalibrationNone = config.CalibrationNone
)

// DefaultConfig returns the usual starting point, [config.Default].
func DefaultConfig() Config { return config.Default() }

// Recommended returns a configuration for test items of seen and unseen classes, [config.Recommended].
func Recommended() Config { return config.Recommended() }

// RecommendedFor returns a configuration for the classes that the next items are of: config.NextKnown, config.NextNew
// or config.NextBoth, [config.RecommendedFor].
func RecommendedFor(next config.Next) (Config, error) { return config.RecommendedFor(next) }
