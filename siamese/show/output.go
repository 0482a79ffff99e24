package show

import (
	"html"
	"strings"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/internal/tables"
)

// Output is one output of a cell in several forms, of which a front end shows the best that it can and may. It is text
// or a picture.
//
// A notebook that is not trusted, as any fresh clone, shows HTML without SVG and without style sheets, no SVG, and PNG;
// so HTML here has no picture in it, and every picture is there as PNG.
type Output struct {
	Text string // says the same in plain words or as a table; never empty
	HTML string // of text: sentences and tables; "" for a picture

	SVG           string // of a picture, if it was drawn: sharp in any size, with text that can be searched
	PNG           []byte // of a picture; one that was drawn has twice as many pixels a side as it is shown with
	Width, Height int    // of a picture: the size it is shown at, in pixels of CSS
}

// Outputs are the outputs of a cell in their order.
type Outputs []Output

// Display shows the outputs in the notebook, after what the cell has printed before and before what it prints later;
// outside of a notebook it does nothing.
func (o Outputs) Display() {
	for _, one := range o {
		display(one, "")
	}
}

// String returns the outputs as plain text, as a terminal would show them.
func (o Outputs) String() string {
	texts := make([]string, len(o))
	for k, one := range o {
		texts[k] = one.Text
	}
	return strings.Join(texts, "\n\n")
}

// html appends text; HTML that follows HTML becomes one output with it. content is escaped already.
func (o *Outputs) html(text, content string) {
	if n := len(*o); n > 0 && (*o)[n-1].PNG == nil {
		(*o)[n-1].Text += "\n" + text
		(*o)[n-1].HTML += content
		return
	}
	*o = append(*o, Output{Text: text, HTML: content})
}

// table appends a table.
func (o *Outputs) table(caption string, header []string, rows [][]string) {
	o.html(tables.Text(caption, header, rows), tables.HTML(caption, header, rows))
}

// title appends a line in bold type, unless it is empty.
func (o *Outputs) title(text string) {
	if text != "" {
		o.html(quote.Lines(text), `<div style="font-weight:bold;padding:4px 0">`+html.EscapeString(quote.Lines(text))+
			"</div>")
	}
}

// note appends a line of small print, unless it is empty.
func (o *Outputs) note(text string) {
	if text != "" {
		o.html(quote.Lines(text), `<div style="font-size:12px;opacity:0.75;padding:2px 0">`+
			html.EscapeString(quote.Lines(text))+"</div>")
	}
}

// verdict appends a sentence that stands out, as the verdict on a page does.
func (o *Outputs) verdict(text string) {
	o.html(quote.Lines(text), `<div style="border-left:4px solid #0072b2;padding:4px 10px;margin:4px 0">`+
		html.EscapeString(quote.Lines(text))+"</div>")
}

// warning appends a sentence that stands out in another colour.
func (o *Outputs) warning(text string) {
	o.html("warning: "+quote.Lines(text), `<div style="border-left:4px solid #d55e00;padding:4px 10px;margin:4px 0">`+
		"warning: "+html.EscapeString(quote.Lines(text))+"</div>")
}

// draw appends a picture.
func (o *Outputs) draw(d *drawing) error {
	one, err := d.output()
	if err == nil {
		*o = append(*o, one)
	}
	return err
}

// displayed displays outputs, unless there is an error, which it returns.
func displayed(o Outputs, err error) error {
	if err == nil {
		o.Display()
	}
	return err
}

// send gives an output to the kernel, synced waits until the kernel has all that was given; tests put other functions
// in their places.
var send, synced = gonbui.SendData, gonbui.Sync

// display shows one output, in the place of the earlier one with the same id unless that is "".
func display(o Output, id string) {
	switch {
	case here():
		inCell(o, id)
	case gonbui.IsNotebook:
		inOrder(func() { send(o.message(id)) })
	}
}

// message returns the output as the kernel takes it: by MIME type, of which front ends choose.
func (o Output) message(id string) *protocol.DisplayData {
	out := &protocol.DisplayData{DisplayID: id, Data: map[protocol.MIMEType]any{protocol.MIMETextPlain: o.Text}}
	if o.HTML != "" {
		out.Data[protocol.MIMETextHTML] = o.HTML
	}
	if o.PNG == nil {
		return out
	}
	// A front end that takes HTML prefers it: a picture has none.
	out.Data[protocol.MIMEImagePNG] = o.PNG
	if o.SVG != "" {
		out.Data[protocol.MIMEImageSVG] = o.SVG
	}
	size := map[string]int{"width": o.Width, "height": o.Height}
	out.Metadata = map[string]any{string(protocol.MIMEImagePNG): size}
	return out
}

// String returns the output as plain text.
func (o Output) String() string { return o.Text }
