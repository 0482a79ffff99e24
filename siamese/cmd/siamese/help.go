package main

import (
	"strings"

	"github.com/alecthomas/kong"
)

// longHelpsInto puts the texts of longHelps where tags name them. As variables of kong's own each of them would be
// searched for further variables once for every flag, which takes 30 ms at every start of the program. A name without a
// text stays, and kong then fails on it as on any variable that it does not know.
func longHelpsInto(k *kong.Kong) error {
	var names []string
	for name, text := range longHelps {
		names = append(names, "${"+name+"}", text)
	}
	texts := strings.NewReplacer(names...)
	return kong.Visit(k.Model.Node, func(node kong.Visitable, next kong.Next) error {
		if value, ok := node.(*kong.Value); ok {
			value.Help = texts.Replace(value.Help)
		}
		return next(nil)
	})
}

// longHelps are the help texts that do not fit into a struct tag of one line, so that lines stay readable. A tag names
// its text as ${help_NAME}; the parser fails to build where no text has that name, which every test of the command line
// notices. Shorter texts stay in the tag, beside the flag.
var longHelps = map[string]string{
	"data_help": "Table of items (Parquet, Arrow, NPZ, NPY, CSV or TSV; text also with .gz or .zst), or builtin for " +
		"the features of the 20,000 images that come with the lab, or builtin:N for N images of each class; with a " +
		"model also a picture or a folder of pictures.",

	"help_width": "Take the first N numbers of every embedding of the encoder, for which the model was trained with " +
		"--nested; 0 = all.",
	"help_untrained": "Allow a --width that the model was not trained for: it finds less, and has no threshold and no " +
		"probabilities of its own.",
	"help_as": "Type of the numbers in the file: float32, float16 or int8.",
	"help_storage": "How numbers are kept for comparing: float32; float16, half of it, the same answers; int8, a quarter, " +
		"some times faster, approximate answers.",
	"help_engine": "How items are found: exact (all are compared), or hnsw (a graph, approximate answers, for a million " +
		"items and more; the program needs hnswlib).",
	"help_threads":     "Items that are added to the graph at a time; with more than 1 the links depend on which comes first.",
	"help_query":       "Id of an item among those that are searched, a table of items, a picture or a folder of pictures.",
	"help_only_label":  "Only items of this label; may be repeated.",
	"help_only_domain": "Only items of this domain; may be repeated.",
	"help_ef": "Where there is a graph: how many of the nearest a search keeps while it goes on; more find more; 0 = that of " +
		"the index.",
	"help_expand": "Use the gallery: average every item with its N nearest among those that are searched or tested, " +
		"such as 30; 0 = do not.",
	"help_expand_power": "Power of cosines as weights of these averages, such as 3: the larger, the more the nearest " +
		"count; 0 = 1.",

	"help_rerank": "Use the gallery: re-rank by which of their N nearest, such as 20, or 80 in a large gallery, two " +
		"items have in common; 0 = do not.",
	"help_rerank_k2": "How many of the nearest items, an item itself the first, have their neighbourhoods averaged; 1 = " +
		"none; 0 = 6.",
	"help_rerank_lambda": "Share of the cosine in the similarity by which items are re-ranked, in (0, 1]; 0 = 0.1.",

	"help_space": "File with the settings that the search changes, as --print-space writes it (default: those that " +
		"matter most).",
	"help_sampler": "What proposes trials: tpe (learns from the trials before), cmaes (likewise, for numbers), random, " +
		"sobol or grid.",
	"help_halving": "Train many trials for one epoch, the best third of them for three, and so on to --epochs; no epoch " +
		"is trained twice.",
	"help_sweep_tensorboard": "Folder for a run of TensorBoard for every trial, with hyper-parameters.",
	"help_sweep_folds": "Searches that are each judged on another part of the classes, for the mean of their winners; " +
		"0 = one search.",
	"help_sweep_held_out": "Classes that choose nothing and give the winner's honest score; 0 = a quarter.",

	// Reading DATA.
	"help_labels": "Table with ids and labels, where DATA has none; --label is then a column of it.",
	"help_labels_of_pairs": "Table of labelled pairs. Items that they call the same, directly or in a chain, form a " +
		"class; all others are different.",
	"help_by_row": "Join the tables of --labels, --groups and pairs by row where items have no ids: the first row is " +
		"the first item, and a pair names two rows, from 1 on.",
	"help_left": "Column of the ids of one item in a table of pairs, or its number where there is no header " +
		"(default: by name); --right and --pair-label likewise.",
	"help_pair_weight": "Column of the weights of pairs (default: by name); - = all pairs count 1.",
	"help_pair_same": "Number that means same in a table of pairs (default: 1, unless the classes of the items " +
		"contradict it, which is an error).",
	"help_block": "Features whose names match the regular expression form the block NAME; may be repeated (default: " +
		"by the beginning of the names).",

	"help_keep": "Columns that are features although they number the rows or are called so; other such columns are " +
		"left out.",
	"help_separator": "What separates the cells of a text table, such as ; or |; a blank = one or more blanks or tabs " +
		"(default: by the first line).",
	"help_missing": "Words that stand for a missing value in labels, domains and text (default: NA, NaN, null, None, " +
		"? and the like); --missing= for none.",
	"help_allow_unknown": "Leave out pairs of items that DATA lacks, and say how many, instead of refusing the table.",
	"help_x":             "Array of the features in an .npz file (default: all that could be).",
	"help_domains":       "Domains to test on and not to train on.",
	"help_n_domains":     "Domains to draw for --held-out-domains.",
	"help_n_val":         "Classes or domains to draw for --val-held-out.",
	"help_val_held_out": "Further classes, or domains, to validate on and not to train on, in place of --val; with " +
		"what is held out to test on.",
	"help_escape_formulas": "Texts that a spreadsheet would run as formulas stand behind an apostrophe in CSV and TSV: " +
		"take it off when reading, and put it there when writing. Numbers such as -5 stay as they are.",
	"help_max_bytes": "Most memory that a table may take; 0 = 1 GiB or 128 times the size of its file, but no more " +
		"than three quarters of what is free.",

	// Features of images.
	"help_like": "Make the features with the settings of this model, so that it can be used on them.",
	"help_background": "Colour that transparent pictures are laid on: white, black, grey or #rrggbb (default: " +
		"white).",
	"help_scale": "Grey values that the levels of GLCM divide in pictures of more than 8 bits: those of the type, " +
		"of each image, or of all data (default: data).",
	"help_shift": "Take the mean of features over a picture and itself moved by so many pixels right, left, down and " +
		"up: five pictures to compute, and features that depend less on where something lies.",
	"help_hog": "Settings of HOG, or off: orientations=9 cell=ROWSxCOLUMNS block=2x2 norm=L1|L1-sqrt|L2|L2-Hys " +
		"sqrt=true.",
	"help_glcm": "Settings of GLCM, or off: levels=8 distances=1,2 angles=0,45,90,135 symmetric=true " +
		"properties=contrast,energy|all grids=1,2.",
	"help_lbp": "Settings of LBP, or off: points=8 radius=1 method=default|ror|uniform|nri_uniform grids=1,2 " +
		"(default: off).",

	// Description and splits.
	"help_describe_near": "Similarity from which items are near duplicates, such as 0.98; 0 = look for exact " +
		"ones only.",
	"help_stratify": "Give every side its share of every class, where items have classes (default: yes).",
	"help_split_near": "Similarity from which the report also looks for near duplicates, such as 0.98; 0 = it does " +
		"not, which saves time.",
	"help_duplicates": "Keep duplicates on one side: exact ones, or items of at least this similarity, such as 0.98.",
	"help_groups": "Table with an item's id and, in a column called group or label, its group; items of a group " +
		"stay on one side.",
	"help_allow_ungrouped": "Let items that --groups lacks, or gives no group, be in none, instead of refusing them.",

	"help_adapt_split":  "File with the split that the model was trained on, whose validation items choose the threshold.",
	"help_transductive": "Add a row of the model adapted to the test items without their labels; see adapt.",
	"help_evaluate_advise": "Add advice on the training items of the split to the report, its page and its file: " +
		"learning curves, what to collect next, and labels that look wrong.",
	"help_advise_train": "Train an encoder with the recommended configuration at every point of the curves, which takes " +
		"a training each, some 60 in all.",

	// Models, and what is computed with them.
	"help_backend": "Backend: xla, xla:/path/to/plugin.so or go; with --devices=N on a processor xla,devices=N; " +
		"xla,portable gives the same bits on every processor with AVX2. The default is the best that is installed.",
	"help_prevalence": "Share of the pairs in question that are the same, for the probabilities; 0 = as among the " +
		"model's validation pairs, mostly half.",

	// Training.
	"help_config": "JSON file with the configuration, as train --print-config writes it; other flags change it.",
	"help_preset": "Configuration that a file and other flags change: default; recommended, for classes that are partly " +
		"new; or the recommended one for the classes of the next items: known, new or both.",
	"help_augment": "Replace this share of the items of every batch by altered views of their pictures, shifted, turned, " +
		"scaled, slanted and bent, such as 0.3; 0 = none. --augment-shift and the like say how much.",
	"help_pictures": "Folder, or IDX file, of the pictures that the features of DATA are from, for --augment, or " +
		"builtin; DATA that is builtin has its own.",
	"help_train_pairs": "Table of labelled pairs (left, right, label and optionally weight) to train on, instead of " +
		"classes.",
	"help_unseen": "File with items of classes that are not trained on, or classes of DATA to take out; evaluated " +
		"after every epoch.",

	// Evaluation.
	"help_baselines": "Also evaluate what can be done with the features alone, fitted on the training items of the " +
		"split: principal components, linear discriminants and others (default: yes).",
	"help_resamples": "Resamples of a bootstrap over items for the intervals, such as 1000; 0 = intervals by the " +
		"delta method, which needs none.",
	"help_cost_fp": "Cost of calling different items the same, for the cost of the evidence and the threshold of least " +
		"cost; where both costs are 0, both are 1.",
	"help_prior": "Share of same pairs among those to decide on, for the same costs (default: 0.5, and for the threshold " +
		"of least cost that of the validation pairs).",
	"help_guarantee": "Error rate that the guaranteed thresholds keep, with the confidence of --confidence; 0 = 0.05.",
	"help_estimate": "Test items to draw as queries against all, such as 2000, where the pairs of all items are too " +
		"many; 0 = exact metrics over all pairs.",
	"help_images": "Folder with the pictures of the items, whose ids are paths in it as features makes them, or the " +
		"word builtin; for what the page shows.",

	// Explanation.
	"help_explain_split": "File with the split, as train and split write it (default: explain all items, with all as " +
		"background).",
	"help_explain_no_intervals": "Leave out the intervals of MAP@R and ROC-AUC, which take most of the time where " +
		"there are many items.",

	// Protocols.
	"help_protocols_seeds": "Seeds of the trainings (default: that of the configuration and the two numbers after it).",
	"help_val_classes": "Classes taken from training for --monitor unseen_map or unseen_auc; 0 = a fifth, at " +
		"least 2.",
	"help_protocols_no_intervals": "Leave out the intervals in the reports of single trainings, which saves time; " +
		"those over folds and seeds stay.",

	// Benchmark.
	"help_bench_target": "MAP@R on validation items to reach with --quality, or that of the Keras script if it is " +
		"higher; 0 = train the default configuration and take what it reaches.",
	"help_bench_precision": "Precision of the matrix products of training: float32 or bfloat16; embedding is always " +
		"in float32.",
}
