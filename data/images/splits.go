package images

import (
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/option"
)

// Words that name sides of a split, and words that name mere containers of images. No folder called so is a class where
// all beside it are called so too.
var (
	trainWords = []string{"train", "training", "trainset", "trn"}
	testWords  = []string{"val", "valid", "validation", "dev", "test", "testing", "testset", "tst", "eval",
		"evaluation", "holdout"}
	containerWords = []string{"images", "image", "imgs", "img", "pictures", "photos", "data", "dataset", "datasets",
		"folds", "splits", "all", "raw", "jpg", "jpeg", "png"}
)

// isSplitWord reports whether a folder is called like a side of a split, a fold or a container of images.
func isSplitWord(name string) bool {
	name = plainWord(name)
	return slices.Contains(trainWords, name) || slices.Contains(testWords, name) ||
		slices.Contains(containerWords, name) || isFold(name)
}

// plainWord returns a name in lower case, without the words and marks that data sets add to it: "train_set",
// "Train-images", "TrainData" and "seg_train" are "train".
func plainWord(name string) string {
	name = strings.ToLower(name)
	isSide := func(word string) bool { return slices.Contains(trainWords, word) || slices.Contains(testWords, word) }
	for _, tail := range []string{"images", "image", "set", "data", "split"} {
		if cut, ok := strings.CutSuffix(name, tail); ok {
			if word := strings.TrimRight(cut, "_- ."); word != cut || isSide(word) {
				name = word
			}
		}
	}
	// Only the last word: a train_station is none.
	if last := name[strings.LastIndexAny(name, "_- .")+1:]; isSide(last) {
		return last
	}
	return name
}

// isFold reports whether a name is that of a numbered part: fold1, fold_02, split-3, cv0.
func isFold(name string) bool {
	for _, word := range []string{"fold", "split", "cv", "train", "test", "val"} {
		if number, ok := strings.CutPrefix(name, word); ok {
			number = strings.TrimLeft(number, "_- .")
			if number != "" && strings.Trim(number, "0123456789") == "" {
				return true
			}
		}
	}
	return false
}

// passSplits counts the first levels of folders, from the one that names labels or domains on, whose names are all
// those of sides of a split or of containers: so many more must be passed over. folders are those of every file,
// without its name. It is an error of the option LabelDepth where it cannot be told: files directly in such folders, so
// that no level is left for the labels, or some of the folders named train and test and others not.
func passSplits(folders [][]string, depth int) (levels int, names []string, err error) {
	for at := depth - 1; ; at++ {
		var words, others []string
		shallow := 0 // files for which there is no further level
		for _, path := range folders {
			if len(path) <= at {
				return levels, names, nil // too shallow for the level itself: reported elsewhere
			}
			if name := path[at]; isSplitWord(name) {
				words = append(words, name)
				if len(path) == at+1 {
					shallow++
				}
			} else {
				others = append(others, name)
			}
		}
		words, others = unique(words), unique(others)
		switch {
		case len(words) == 0:
			return levels, names, nil
		case len(others) > 0:
			if hasSides(words) && shallow == 0 {
				return 0, nil, option.Errorf("LabelDepth",
					"the folders %s on level %d are called like sides of a split, "+
						"and %s are not: say %d if all of them are classes, or %d if the classes are below them",
					listing.Quoted(words), at+1, listing.Quoted(others), at+1, at+2)
			}
			return levels, names, nil // one class that is called so; a warning tells
		case shallow > 0:
			return 0, nil, option.Errorf("LabelDepth",
				"all folders on level %d are called like sides of a split or mere "+
					"containers (%s), and %d images lie directly in them: say %d if these are the classes, or 0 if there "+
					"are no labels", at+1, listing.Quoted(words), shallow, at+1)
		}
		levels++
		names = append(names, words...)
	}
}

// hasSides reports whether names have both a training side and another one.
func hasSides(names []string) bool {
	has := func(words []string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(words, plainWord(name)) })
	}
	return has(trainWords) && has(testWords)
}

// unique returns the different names, sorted.
func unique(names []string) []string {
	names = slices.Clone(names)
	slices.Sort(names)
	return slices.Compact(names)
}
