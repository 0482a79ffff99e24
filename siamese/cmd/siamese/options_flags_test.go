package main

import (
	"reflect"
	"slices"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/go-siamese/lab/data/describe"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/extract"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/advise"
	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/explain"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/study"
)

// withoutFlag are fields of options that no flag sets, with the reason.
var withoutFlag = map[string]string{
	"Options.BlockOf": "--block has patterns", "JoinOptions.BlockOf": "features are left out",
	"Options.BatchRows":     "commands read whole tables",
	"JoinOptions.BatchRows": "commands read whole tables", "Options.NoCache": "SIAMESE_LAB_DIR is the place of the cache",
	"Options.KeepCounting": "the columns of the model", "JoinOptions.KeepCounting": "features are left out",
	"Options.AllowWrong": "for streams that put bad rows aside", "JoinOptions.AllowWrong": "features are left out",
	"JoinOptions.NoCache": "such tables are not cached", "Options.CacheDir": "SIAMESE_LAB_DIR is the place of the cache",
	"JoinOptions.CacheDir": "such tables are not cached", "Options.CacheBytes": "the default",
	"JoinOptions.CacheBytes":        "such tables are not cached",
	"JoinOptions.LabelNames":        "--groups and --labels have names of their own",
	"JoinOptions.AllowOthers":       "commands allow it always",
	"JoinOptions.NoEmpty":           "groups may not be empty, labels may",
	"Options.MaxPairs":              "the default",
	"Options.Folder":                "flags set its fields",
	"FolderOptions.SplitFolders":    "off where --label-depth or --domain-depth is given",
	"Options.Found":                 "the command prints it",
	"Options.Stage":                 "the command shows it",
	"TrainOptions.Checkpoint":       "--out",
	"TrainOptions.BeforeCheckpoint": "the command writes the split",
	"Options.Bootstrap":             "--resamples asks for it",
	"Options.Details":               "--json and --html ask for them",
	"Options.NoFeatures":            "--blocks-only",
	"BlocksOptions.Explain":         "flags set its fields",
	"ProtocolOptions.Evaluate":      "flags set its fields",
	"TrainOptions.Data":             "what a command has opened",
	"Options.Data":                  "what a command has opened",
	"Options.Gallery":               "flags set its fields",
	"Options.Fit":                   "--train sets it",
	"TrainOptions.Prepared":         "a command trains once, or by sweeps and protocols, which have their own",
}

// Every field of the options that commands set has a flag, or a reason why not. TestEveryFlag holds the reverse.
func TestFieldsHaveFlags(t *testing.T) {
	parser, err := newParser(&commandLine{}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	seen, found := map[string]bool{}, 0
	for _, options := range []any{table.Options{}, table.PairOptions{}, table.JoinOptions{}, split.ItemOptions{},
		split.ClassOptions{}, split.DomainOptions{}, split.LeakageOptions{}, duplicates.Options{}, describe.Options{},
		extract.Options{}, images.FolderOptions{}, images.DecodeOptions{}, siamese.TrainOptions{}, evaluate.Options{},
		evaluate.GalleryOptions{}, advise.Options{},
		explain.Options{}, explain.BlocksOptions{}, study.ProtocolOptions{}, pairs.SplitOptions{}} {
		of := reflect.TypeOf(options)
		for _, field := range reflect.VisibleFields(of) {
			if field.Anonymous || !field.IsExported() || field.Name == "Progress" {
				continue
			}
			name := of.Name() + "." + field.Name
			has := slices.ContainsFunc(parser.Model.Leaves(true), func(command *kong.Node) bool {
				return flagNames(command)(name) != ""
			})
			found++
			if reason := withoutFlag[name]; has == (reason != "") {
				t.Errorf("%s: flag %v, reason %q", name, has, reason)
			}
			seen[name] = true
		}
	}
	for name := range withoutFlag {
		if !seen[name] {
			t.Errorf("there is no field %s", name)
		}
	}
	if found < 90 {
		t.Errorf("only %d fields were found", found)
	}
}
