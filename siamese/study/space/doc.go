// Package space says which settings a search may change, and between which values. A [Space] is declared beside a
// configuration, by the names that settings have in its file:
//
//	s := space.Space{
//		space.LogRange("learning_rate", 1e-4, 1e-2),
//		space.Choice("optimizer", "adam", "adamw", "sgd"),
//		space.Range("momentum", 0.5, 0.99).If("optimizer", "sgd"),
//	}
//	err := s.Validate(config.Recommended())
//
// It trains nothing and knows no way of searching; that is package search.
package space
