package space

import "github.com/go-siamese/lab/siamese/config"

// Usual returns a space of the settings that matter most, with room on both sides of their usual values: a start for
// data of one's own. Settings that base has no use for, such as the temperature of a loss without one, are left out; it
// is made for [config.Recommended].
func Usual(base config.Config) Space {
	var out Space
	for _, p := range []Param{
		LogRange("learning_rate", 1e-4, 1e-2),
		Range("dropout", 0, 0.5),
		Range("feature_share", 0, 0.8),
		LogRange("loss.temperature", 0.02, 0.5),
		LogIntRange("preprocess.components", 25, 200),
		Range("preprocess.shrinkage", 0.05, 0.9),
		Choice("layers", "1024,512,256", "512,256", "256,128", "512,64"),
	} {
		if (Space{p}).Validate(base) == nil {
			out = append(out, p)
		}
	}
	return out
}
