package explore

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data/quote"
)

// words says what settings look by and among.
func (e *Explorer) words(s settings) string {
	text := map[string]string{kindModel: "the model", kindEncoder: "the encoder alone", kindPrepared: e.g.Prepared,
		kindPlain: "plain features"}[s.Kind]
	if s.Kind == kindModel && s.Share > 0 {
		text += fmt.Sprintf(" with a feature share of %.2f", s.Share)
	}
	if s.Expand > 0 {
		text += fmt.Sprintf(", items expanded by their %d nearest", s.Expand)
	}
	return text + among("label", s.Label) + among("domain", s.Domain)
}

// among says which items are looked among, "" = all.
func among(name, rule string) string {
	switch rule {
	case "":
		return ""
	case "same":
		return ", among those of its " + name
	case "other":
		return ", among those of another " + name
	}
	return fmt.Sprintf(", among those of %s %s", name, quote.Short(quote.Line(strings.TrimPrefix(rule, "=")), 40))
}
