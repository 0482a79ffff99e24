package config

import "github.com/go-siamese/lab/data/option"

// Next says of which classes the items are that a model will compare.
type Next string

// The answers.
const (
	NextKnown Next = "known" // classes that it was trained on
	NextNew   Next = "new"   // classes that it was not trained on
	NextBoth  Next = "both"  // some of each, or nobody knows
)

// RecommendedFor returns [Recommended] for the classes that the next items are of. They differ in the weight of the
// features beside the encoder: none, most of the cosine, or as much as an item is unlike the training classes
// ([Config.UnknownShare]). Another answer is an [option.Error] of "next".
func RecommendedFor(next Next) (Config, error) {
	cfg := Recommended()
	switch next {
	case NextKnown:
		cfg.FeatureShare = 0
	case NextNew:
		cfg.FeatureShare = 0.7
	case NextBoth:
		cfg.FeatureShare, cfg.UnknownShare = 0.2, 0.8
	default:
		return cfg, option.Errorf("next", "%q is none of %q, %q and %q: use one of them", next, NextKnown, NextNew, NextBoth)
	}
	return cfg, nil
}
