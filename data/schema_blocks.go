package data

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/internal/selection"
	"github.com/go-siamese/lab/data/option"
)

// Divide groups features, given in their order, into blocks, and returns a sentence on how that was decided.
// Columns of one block must follow each other: that they do not is an error where the schema names the blocks,
// and one block for all where they are inferred. Rules without a name, with none or several criteria, and rules
// that match nothing are errors. All are of type [*option.Error].
func (s Schema) Divide(features []string) (blocks []Block, note string, err error) {
	name := "BlockOf"
	blockOf := s.BlockOf
	if len(s.Blocks) > 0 {
		name = "Blocks"
		if blockOf != nil {
			return nil, "", option.Errorf(name, "BlockOf is given too; choose one")
		}
		if blockOf, err = compileRules(s.Blocks, features); err != nil {
			return nil, "", &option.Error{Option: name, Err: err}
		}
	}
	nameOf := func(k int) string {
		if blockOf == nil {
			return BlockName(features[k])
		}
		if given := blockOf(features[k]); given != "" {
			return given
		}
		return allFeatures
	}
	blocks, again := runs(len(features), nameOf)
	one := []Block{{allFeatures, 0, len(features)}}
	switch {
	case again != "" && blockOf != nil:
		return nil, "", option.Errorf(name, "the columns of block %q do not follow each other; "+
			"reorder the columns, or give the runs different names", again)
	case blockOf != nil:
		return blocks, fmt.Sprintf("blocks: %d, as given", len(blocks)), nil
	case again != "":
		return one, fmt.Sprintf("blocks: one, %q, because columns of block %q stand apart from each other", allFeatures,
			again), nil
	case len(blocks) == len(features) && len(blocks) > 1:
		return one, fmt.Sprintf("blocks: one, %q, because no two column names share a beginning", allFeatures), nil
	}
	return blocks, fmt.Sprintf("blocks: %d, by the beginning of the column names", len(blocks)), nil
}

// compileRules turns the rules into a function from a feature's name to its block. Features that no rule matches go by
// [BlockName]. A rule that matches nothing is an error, since it is most likely misspelt; one whose columns an earlier
// rule has taken is not.
func compileRules(rules []BlockRule, features []string) (func(string) string, error) {
	place := selection.Positions(features)
	blockOf := make(map[string]string, len(features))
	for k, rule := range rules {
		matches, err := rule.matcher(place, features)
		if err != nil {
			return nil, fmt.Errorf("rule %d: %w", k+1, err)
		}
		found := false
		for at, column := range features {
			if !matches(at, column) {
				continue
			}
			found = true
			if blockOf[column] == "" {
				blockOf[column] = rule.Name
			}
		}
		if !found {
			return nil, fmt.Errorf("rule %d: no feature is in block %q; the first features are %s", k+1, rule.Name,
				listing.Quoted(features))
		}
	}
	return func(column string) string {
		if name := blockOf[column]; name != "" {
			return name
		}
		return BlockName(column)
	}, nil
}

// matcher turns a rule into a test of the place and name of a column. place is that of every feature. It is an error
// when the rule has no name, not exactly one criterion, a pattern that is no regular expression, or names no feature.
func (r BlockRule) matcher(place map[string]int, features []string) (func(at int, column string) bool, error) {
	given := 0
	for _, set := range []bool{r.Prefix != "", r.Pattern != "", r.First != "" || r.Last != ""} {
		if set {
			given++
		}
	}
	switch {
	case r.Name == "":
		return nil, fmt.Errorf("it has no name; set BlockRule.Name")
	case given != 1:
		return nil, fmt.Errorf("block %q has %d criteria; set one of Prefix, Pattern, and First with Last", r.Name,
			given)
	case r.Prefix != "":
		return func(_ int, column string) bool { return strings.HasPrefix(column, r.Prefix) }, nil
	case r.Pattern != "":
		pattern, err := regexp.Compile(r.Pattern)
		if err != nil {
			return nil, fmt.Errorf("block %q: %w", r.Name, err)
		}
		return func(_ int, column string) bool { return pattern.MatchString(column) }, nil
	}
	for _, name := range []string{r.First, r.Last} {
		if _, ok := place[name]; !ok {
			return nil, fmt.Errorf("block %q: no feature %q%s", r.Name, name, listing.DidYouMean(name, features))
		}
	}
	first, last := place[r.First], place[r.Last]
	if first > last {
		return nil, fmt.Errorf("block %q: %q stands behind %q in the table; exchange First and Last", r.Name, r.First,
			r.Last)
	}
	return func(at int, _ string) bool { return first <= at && at <= last }, nil
}

// allFeatures is the block of features whose names show no families.
const allFeatures = "features"

// BlockName returns the block that a column name suggests: what stands before the first "/",
// or else the name without the digits and separators (one of "_-.: ") at its end.
// "hog/12", "hog_12" and "hog12" are all of block "hog"; "12" is of block "features".
func BlockName(column string) string {
	name, _, cut := strings.Cut(column, "/")
	if !cut {
		name = strings.TrimRight(column, "0123456789_-.: ")
	}
	if name == "" {
		return allFeatures
	}
	return name
}
