package panel

import (
	"cmp"
	"errors"
	"html"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/widget"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/internal/fields"
	"github.com/go-siamese/lab/siamese/loss/spec"
)

// form are the settings of a configuration as controls.
type form struct {
	edited func() // after a change of the user

	mu     sync.Mutex
	cfg    config.Config
	wrong  map[string]string // what is wrong with the texts of fields, which cfg does not have
	rows   []*row
	preset *widget.Dropdown
	named  map[string]config.Config
	code   *widget.HTML
	note   *widget.HTML
	root   *widget.VBox
}

// row is a setting on the page.
type row struct {
	name  string
	kind  int
	box   widget.Widget
	put   func(text string) error // moves the control
	said  *widget.HTML            // what is wrong
	words string                  // of said
	other string                  // that the control shows another value than the setting has; "" = it does not
}

// newForm returns the form of a configuration.
func newForm(cfg config.Config, edited func()) *form {
	f := &form{edited: edited, cfg: cfg, wrong: map[string]string{}}
	var names []string
	names, f.named = presets(cfg)
	f.preset = &widget.Dropdown{Label: "start from", Options: names, Look: look("settings to start from")}
	f.preset.OnChange(func(name string) {
		f.Fill(f.named[name])
		f.edited()
	})
	top, rest := make([]widget.Widget, len(first)), []widget.Widget{}
	for _, field := range fields.Of(&f.cfg) {
		r := f.row(field)
		f.rows = append(f.rows, r)
		if at := slices.Index(first, field.Name); at >= 0 {
			top[at] = r.box
		} else {
			rest = append(rest, r.box)
		}
	}
	f.code, f.note = &widget.HTML{}, &widget.HTML{}
	grid := widget.Layout{Display: "grid", GridTemplateColumns: "repeat(auto-fit, minmax(min(300px, 100%), 1fr))", Width: "100%"}
	fold := &widget.Accordion{Children: []widget.Widget{&widget.VBox{Children: rest, Layout: grid},
		&widget.VBox{Children: []widget.Widget{f.code}}}, Titles: []string{"More settings", "As code"},
		Layout: widget.Layout{Width: "auto"}}
	f.root = &widget.VBox{Children: []widget.Widget{f.preset, &widget.VBox{Children: top, Layout: grid}, f.note, fold},
		Layout: widget.Layout{Width: "100%"}}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.judge()
	return f
}

// look is what controls of the form look like.
func look(help string) widget.Look {
	return widget.Look{Tooltip: help, Style: widget.Style{LabelWidth: "120px"},
		Layout: widget.Layout{Width: "auto", MaxWidth: "420px"}}
}

// row returns the control of a setting.
func (f *form) row(field fields.Field) *row {
	r := &row{name: field.Name, kind: kindOf(field.Name, field.Help, field.Value.Kind().String()), said: &widget.HTML{}}
	l := look(field.Name + ": " + field.Help)
	hear := func(text string) { f.edit(r, text) }
	var control widget.Widget
	switch r.kind {
	case kindChoice:
		options := withOption(choices[r.name], field.Text())
		c := &widget.Dropdown{Label: r.name, Options: options, Default: field.Text(), Look: l}
		c.OnChange(hear)
		r.put, control = func(text string) error {
			return c.SetOptions(withOption(choices[r.name], text), text)
		}, c
	case kindToggle:
		c := &widget.Checkbox{Label: r.name, Default: field.Value.Bool(), Look: l}
		c.Style = widget.Style{}
		c.OnChange(func(on bool) { hear(strconv.FormatBool(on)) })
		r.put, control = func(text string) error { return c.Set(text == "true") }, c
	case kindShare:
		c := &widget.FloatSlider{Label: r.name, Max: 1, Step: .01, Default: field.Value.Float(), Look: l}
		c.OnChange(func(v float64) { hear(number(math.Round(v*1e6) / 1e6)) })
		r.put, control = numeric(c.Set), c
	case kindLog:
		v := field.Value.Float()
		c := &widget.FloatLogSlider{Label: r.name, Min: leastLog, Max: 1, Step: .05, Default: min(1, max(v, leastLog)), Look: l}
		c.OnChange(func(v float64) { // what a slider can say, in three digits
			hear(strconv.FormatFloat(v, 'g', 3, 64))
		})
		r.put, control = numeric(func(v float64) error {
			nearest := min(1, max(v, leastLog))
			err := c.Set(nearest)
			if nearest != v {
				err = errors.Join(err, errUnseen)
			}
			return err
		}), c
	case kindInt:
		c := &widget.IntText{Label: r.name, Default: int(field.Value.Int()), Look: l}
		c.OnChange(func(n int) { hear(strconv.Itoa(n)) })
		r.put, control = func(text string) error {
			n, err := strconv.Atoi(text)
			return errors.Join(err, c.Set(n))
		}, c
	default:
		c := &widget.Text{Label: r.name, Default: field.Text(), Look: l}
		c.OnChange(hear)
		r.put, control = c.Set, c
	}
	if c, ok := control.(*widget.FloatLogSlider); ok && c.Default != field.Value.Float() {
		r.other = unseen(field.Text())
	}
	r.box = &widget.VBox{Children: []widget.Widget{control, r.said}}
	return r
}

// leastLog is the lower end of logarithmic sliders.
const leastLog = 1e-6

// errUnseen is the error of a control that cannot show the value of its setting, and shows the nearest one.
var errUnseen = errors.New("out of the control's range")

// unseen says that a control does not show its setting.
func unseen(value string) string { return "it is " + value + ", which the control cannot show" }

// numeric moves a slider by a text.
func numeric(set func(float64) error) func(string) error {
	return func(text string) error {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return err
		}
		return set(v)
	}
}

// number returns a number as settings have it.
func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// withOption returns the options and, where it is none of them, one more.
func withOption(options []string, v string) []string {
	if slices.Contains(options, v) {
		return options
	}
	return append([]string{v}, options...) // "" must be the first to be a default
}

// edit takes over what the user did to a control.
func (f *form) edit(r *row, text string) {
	f.mu.Lock()
	f.take(r, text)
	f.judge()
	f.mu.Unlock()
	f.edited()
}

// take puts a text into the configuration. f.mu is held.
func (f *form) take(r *row, text string) {
	now := f.field(r.name)
	text = strings.TrimSpace(text)
	delete(f.wrong, r.name)
	r.other = ""
	if text == now.Text() {
		return
	}
	if text == "" && (now.Value.Kind() == reflect.Map || now.Value.Kind() == reflect.Slice) {
		now.Value.SetZero()
		return
	}
	if err := now.Set(text); err != nil {
		f.wrong[r.name] = err.Error()
		return
	}
	if r.name != "loss.name" {
		return
	}
	// Another loss has parameters of its own, and those of the last one would be errors.
	if usual, err := spec.Default(text); err == nil {
		f.cfg.Loss = usual
	}
	if text != "mse" && f.cfg.Monitor == config.MonitorLoss {
		f.cfg.Monitor = config.MonitorMAP // the squared error of the cosine is not what it minimises
	}
	f.move()
}

// field returns a setting of the configuration. f.mu is held.
func (f *form) field(name string) fields.Field {
	all := fields.Of(&f.cfg)
	return all[slices.IndexFunc(all, func(o fields.Field) bool { return o.Name == name })]
}

// Fill puts a configuration into the form. Nobody is told: see [form.edited].
func (f *form) Fill(cfg config.Config) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cfg, f.wrong = cfg, map[string]string{}
	f.move()
	f.judge()
}

// move moves all controls to where the configuration is. f.mu is held.
func (f *form) move() {
	for _, r := range f.rows {
		r.other = ""
		if text := f.field(r.name).Text(); r.put(text) != nil { // the setting is what it is
			r.other = unseen(text)
		}
	}
}

// judge shows what is wrong with the configuration, and the code that makes it. f.mu is held.
func (f *form) judge() {
	found := problemsOf(f.cfg.Validate())
	folded, others := 0, 0
	for _, r := range f.rows {
		words := cmp.Or(f.wrong[r.name], found[r.name])
		if !slices.Contains(first, r.name) {
			if words != "" {
				folded++
			} else if r.other != "" {
				others++
			}
		}
		r.say(cmp.Or(words, r.other))
	}
	switch {
	case folded > 0:
		_ = f.note.SetMarkup(warning("More settings: " + quote.Count(folded, "setting") + " must be changed"))
	case others > 0:
		_ = f.note.SetMarkup(warning("More settings: " + quote.Count(others, "control") + " cannot show the value"))
	default:
		_ = f.note.Set("")
	}
	_ = f.code.SetMarkup("<pre tabindex=0>" + html.EscapeString(GoCode(f.cfg)) + "</pre><pre tabindex=0>" +
		html.EscapeString(JSONCode(f.cfg)) + "</pre>")
}

// say shows what is wrong at a field; "" = nothing is.
func (r *row) say(words string) {
	if words == r.words {
		return
	}
	r.words = words
	text := ""
	if words != "" {
		text = warning(words)
	}
	_ = r.said.SetMarkup(text) // a view that was closed hears nothing
}

// Config returns the configuration, and false where something is wrong with it.
func (f *form) Config() (config.Config, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	cfg := f.cfg
	cfg.Layers = slices.Clone(cfg.Layers)
	return cfg, len(f.wrong) == 0 && cfg.Validate() == nil
}
