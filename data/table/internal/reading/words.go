package reading

import (
	"slices"
	"strings"
)

// missingWords are those of pandas 2 (pandas.read_csv, na_values) and what it writes for instants (NaT), of SAS and
// Stata (.), of data for Weka (?), of Hive, MySQL and PostgreSQL (\N), DBeaver ([NULL]), categories in MATLAB
// (<undefined>), SPSS (#NULL!), C on Windows (-nan(ind)), the World Bank (..), and the errors of spreadsheets. R and
// spreadsheets write NA and #N/A.
var missingWords = []string{"#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
	"<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null", ".", "?", "NaT", `\N`, "[NULL]", "(null)",
	"<null>", "<undefined>", "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "-nan(ind)", ".."}

// Words is a set of words for missing.
type Words struct {
	set     map[string]bool
	longest int  // bytes, so that long texts are passed over without a hash
	folded  bool // numbers may have the words in any case
}

// WordsOf returns the words of opt.
func WordsOf(opt *Options) *Words {
	list := opt.Missing
	if list == nil {
		list = missingWords
	}
	w := &Words{set: make(map[string]bool, len(list)), folded: opt.Missing == nil}
	for _, word := range list {
		w.set[word] = true
		w.longest = max(w.longest, len(word))
	}
	return w
}

// Has reports whether a text is one of the words. "" is not, unless it is listed.
func (w *Words) Has(text string) bool { return len(text) <= w.longest && w.set[text] }

// HasNumber reports whether the text of a number's cell is one of the words. The default words count in upper and
// lower case there, since no number is mistaken for one.
func (w *Words) HasNumber(text string) bool {
	if w.Has(text) {
		return true
	}
	if !w.folded || len(text) > w.longest {
		return false
	}
	return slices.ContainsFunc(missingWords, func(word string) bool { return strings.EqualFold(word, text) })
}

// SpellNumber reports whether one of the words may be read as a number, such as -999.
func (w *Words) SpellNumber() bool {
	for word := range w.set {
		if word != "" && strings.Trim(word, "+-.0123456789eE") == "" && strings.ContainsAny(word, "0123456789") {
			return true
		}
	}
	return false
}

// clear replaces every text that is a word for missing by "" and returns how many were, and the first of them. texts
// is changed in place.
func (w *Words) clear(texts []string) (n int, first string) {
	for i, text := range texts {
		if text == "" || !w.Has(text) {
			continue
		}
		if n == 0 {
			first = text
		}
		n++
		texts[i] = ""
	}
	return n, first
}
