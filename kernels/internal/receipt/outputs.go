package receipt

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Outputs are the outputs of a cell, of which it keeps the digests and some of the text. It takes them as a kernel
// publishes them, and ends up with what a front end keeps: neighbours of one stream are one text, and a text is as a
// terminal shows it in the end, after its carriage returns and backspaces. The zero value is a cell without outputs.
type Outputs struct {
	list  []output
	clear bool // the next output takes the place of all
}

// output is one output: a stream, or a bundle or an error, which has the digest sum.
type output struct {
	stream string // "stdout" or "stderr"; "" = it is none
	text   *settler
	id     string // with which it can be updated
	kind   string
	sum    string
	texts  []string // of a bundle
}

// add adds an output.
func (o *Outputs) add(one output) {
	if o.clear {
		o.list, o.clear = nil, false
	}
	o.list = append(o.list, one)
}

// Stream adds text of "stdout" or "stderr".
func (o *Outputs) Stream(name, text string) {
	if text == "" {
		return
	}
	if n := len(o.list); n == 0 || o.clear || o.list[n-1].stream != name {
		o.add(output{stream: name, text: newSettler()})
	}
	o.list[len(o.list)-1].text.write(text)
}

// Show adds a bundle; kind is "display_data" or "execute_result". What was shown with the same id, "" = none, becomes
// the same: see [Outputs.Update]. Values of MIME types of text may be lists of lines.
func (o *Outputs) Show(kind string, data, metadata map[string]any, id string) {
	o.Update(id, data, metadata)
	o.add(output{id: id, kind: kind, sum: bundle(kind, data, metadata), texts: textsOf(data)})
}

// Update changes what was shown with an id, and reports whether there was such.
func (o *Outputs) Update(id string, data, metadata map[string]any) bool {
	found := false
	for i, one := range o.list {
		if id != "" && one.id == id {
			o.list[i].sum, o.list[i].texts, found = bundle(one.kind, data, metadata), textsOf(data), true
		}
	}
	return found
}

// Error adds an error.
func (o *Outputs) Error(name, value string, traceback []string) {
	o.add(output{sum: sumOf("error", []any{name, value, strings.Join(traceback, "\n")})})
}

// Clear takes all outputs away, at once or when the next comes.
func (o *Outputs) Clear(wait bool) {
	if o.clear = wait; !wait {
		o.list = nil
	}
}

// Digest returns the digest of the outputs. More may come after it.
func (o *Outputs) Digest() string {
	h := sha256.New()
	for _, one := range o.list {
		if one.stream != "" {
			fmt.Fprintf(h, "%s %s\n", one.stream, one.text.digest())
		} else {
			fmt.Fprintf(h, "%s\n", one.sum)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Among returns those of some texts that are part of the outputs. Where that cannot be found out soon, since there is more
// text than a notebook has, it returns all.
func (o *Outputs) Among(texts []string) []string {
	var all []string
	size := 0
	for _, one := range o.list {
		all = append(all, one.texts...)
		if one.text != nil {
			text, whole := one.text.shown()
			if !whole {
				return texts
			}
			all = append(all, text)
		}
	}
	for _, text := range all {
		size += len(text)
	}
	if size*len(texts) > maxSearch {
		return texts
	}
	var found []string
	for _, text := range texts {
		if slices.ContainsFunc(all, func(of string) bool { return strings.Contains(of, text) }) {
			found = append(found, text)
		}
	}
	return found
}

// maxSearch bounds the bytes that Among looks at, for some tenths of a second.
const maxSearch = 4 << 30

// Forget lets go of the text. The digest stays, and more may come; Among knows no more than that.
func (o *Outputs) Forget() {
	for i, one := range o.list {
		if o.list[i].texts = nil; one.text != nil {
			one.text.kept = nil
		}
	}
}

// textsOf returns the texts of a bundle.
func textsOf(data map[string]any) []string {
	var texts []string
	for mime, value := range data {
		if lines, ok := value.([]any); ok && !isJSON(mime) {
			value = joinLines(lines)
		}
		if text, ok := value.(string); ok && !picture(mime) {
			texts = append(texts, text)
		}
	}
	return texts
}

// picture reports whether the text of a MIME type is base64.
func picture(mime string) bool { return strings.HasPrefix(mime, "image/") && mime != "image/svg+xml" }
