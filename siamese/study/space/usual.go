package space

// Usual returns a space of the settings of [config.Recommended] that matter most, with room on both sides of its
// values: a start for data of one's own.
func Usual() Space {
	return Space{
		LogRange("learning_rate", 1e-4, 1e-2),
		Range("dropout", 0, 0.5),
		Range("feature_share", 0, 0.8),
		LogRange("loss.temperature", 0.02, 0.5),
		LogIntRange("preprocess.components", 25, 200),
		Range("preprocess.shrinkage", 0.05, 0.9),
		Choice("layers", "1024,512,256", "512,256", "256,128", "512,64"),
	}
}
