package milvus

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/siamese/search"
)

// literal returns a text as a literal of a filter, whatever is in it. Milvus and Milvus Lite agree on these escapes;
// other characters stand for themselves.
func literal(text string) string { return `"` + escapes.Replace(text) + `"` }

var escapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

// among returns the filter of a field that has one of the texts.
func among(field string, texts []string) string {
	literals := make([]string, len(texts))
	for i, text := range texts {
		literals[i] = literal(text)
	}
	return fmt.Sprintf("%s in [%s]", field, strings.Join(literals, ", "))
}

// filter returns the filter of options; "" = all pass. none says that nothing does.
func filter(opt search.Options) (expr string, none bool) {
	var parts []string
	for _, f := range []struct {
		field string
		texts []string
	}{{fieldLabel, opt.Labels}, {fieldDomain, opt.Domains}} {
		if f.texts != nil {
			none = none || len(f.texts) == 0
			parts = append(parts, among(f.field, f.texts))
		}
	}
	return strings.Join(parts, " and "), none
}

// both returns the filter that both have to pass; "" = all do.
func both(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return "(" + a + ") and (" + b + ")"
}
