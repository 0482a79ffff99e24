package main

import (
	"strings"

	"github.com/go-siamese/lab/data"
)

// flagWords are the flags for what the library calls its options and functions.
var flagWords = strings.NewReplacer(
	"set Options.ID to data.NoColumn and list the column in Ignore", "give -id "+data.NoColumn+" and -ignore with the column",
	"set Options.ID to NoColumn (and list the column in Ignore)", "give -id "+data.NoColumn+" (and -ignore with the column)",
	"Options.Ignore, ID, Label or Domain", "-ignore, -id, -label or -domain",
	"Options.Ignore, or name them as ID, Label or Domain", "-ignore, or name them as -id, -label or -domain",
	"Options.ID or Ignore", "-id or -ignore",
	"set Options.AllowMissing", "give -allow-missing",
	"Options.ID", "-id", "Options.Label", "-label", "Options.Domain", "-domain", "Options.Ignore", "-ignore", "Options.Blocks", "-block",

	// Columns of pairs go by their names, for which there are no flags.
	"set PairOptions.AllowUnknown to leave such pairs out", "leave such rows out",
	"name them in PairOptions.Left and PairOptions.Right", "call them left and right",
	"name it in PairOptions.Label", "call it label",
	"say which in PairOptions.Left and PairOptions.Right", "rename those that are not",
	"say which in PairOptions.Label", "rename the other", "say which in PairOptions.Weight", "rename the other",

	" (TrainPairs, EvaluatePairs)", " (-pairs)", " (TrainPairs)", " (-pairs)", " (EvaluatePairs)", " (-pairs)",
	" (Pairs.Classes)", " (-labels-of-pairs)",
	" (EvaluateLabels, and LabelPairs with EvaluatePairs)", " (siamese evaluate)",
	"set Similarity, or give Duplicates", "-near or -duplicates does",
)

// inFlags returns what the library says with the flags to give in place of the options to set.
func inFlags(text string) string { return flagWords.Replace(text) }
