package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/internal/fields"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/loss"
)

// lossName is the setting that has a flag of its own: --loss also sets the loss's usual numbers, which the name alone
// would leave at those of another loss.
const lossName = "loss.name"

// configFlags are the flags of a command that change a configuration. Later ones override earlier ones in this order:
// the preset, the file of --config, --loss, --augment, and a flag for each setting. The last are made from the fields of
// [siamese.Config] by settingFlags, so that a new field is a flag without a line here.
type configFlags struct {
	// In the order in which they apply: the preset, the file, the loss, and then the settings. A file names all
	// settings or some; those that it does not name keep the preset's values.
	Config string   `placeholder:"FILE" help:"${help_config}"`
	Preset string   `default:"default" enum:"default,recommended,known,new,both" help:"${help_preset}"`
	Loss   lossFlag `option:"loss.name" placeholder:"NAME" help:"Loss, with its usual numbers: ${losses}."`

	Augment *float64 `placeholder:"SHARE" help:"${help_augment}"`

	// settings are the flags of single settings, filled by settingFlags. Each keeps its value as text, which config
	// parses into the right field.
	settings []*kong.Flag
}

// lossFlag is the name of a loss. It is a type so that a wrong name is an error of the command line, with the list of
// names, and not one of training.
type lossFlag string

// Decode implements [kong.MapperValue]. It fails for a name that [loss.Default] does not know.
func (l *lossFlag) Decode(ctx *kong.DecodeContext) error {
	if err := ctx.Scan.PopValueInto("name", (*string)(l)); err != nil {
		return err
	}
	_, err := loss.Default(string(*l))
	return err
}

// settingFlags returns a new flag for every setting but the loss's name, called as in the file of the configuration but
// in kebab-case, with the same help. newParser adds them to a command; kong makes flags of struct tags only, and a
// second list of all settings would not stay complete.
func (c *configFlags) settingFlags() []*kong.Flag {
	c.settings = nil
	// A group of their own in the help, below the flags of the command: there are dozens of them.
	group := &kong.Group{Key: "settings", Title: "Settings of the configuration, as in its file:"}
	// scratch is what the mappers parse into, to check a value; what it holds in the end does not matter. usual stays
	// as it is, for the defaults in the help.
	scratch, usual := siamese.DefaultConfig(), siamese.DefaultConfig()
	defaults := fields.Of(usual)
	for i, field := range fields.Of(&scratch) {
		if field.Name == lossName {
			continue
		}
		// A flag by hand, as kong makes them of struct tags: the target is a text, which "" stands for "not given" in.
		value := &kong.Value{
			Name: kebab(field.Name), Help: strings.ToUpper(field.Help[:1]) + field.Help[1:] + ".", Tag: &kong.Tag{},
			Target: reflect.New(reflect.TypeFor[string]()).Elem(), DefaultValue: reflect.ValueOf(""),
			Mapper: setting{field},
		}
		if field.Value.Kind() == reflect.Bool {
			value.Tag.Negatable = "_" // by --no-
		}
		flag := &kong.Flag{Value: value, Group: group, PlaceHolder: placeholder(defaults[i])}
		value.Flag = flag
		c.settings = append(c.settings, flag)
	}
	return c.settings
}

// placeholder returns what stands for the value in the help: the default of a setting, or where that is zero what a
// value looks like.
func placeholder(f fields.Field) string {
	if text := f.Text(); text != "" && !f.Value.IsZero() {
		return text
	}
	switch f.Value.Kind() {
	case reflect.String:
		return "TEXT"
	case reflect.Map:
		return "NAME=X,..."
	case reflect.Slice:
		if f.Value.Type().Elem().Kind() == reflect.Int {
			return "N,N"
		}
		return "N,N/N,N"
	case reflect.Float64:
		return "X"
	}
	return "N"
}

// setting is the kong mapper of a setting's flag. It parses the value to report a wrong one with the flag's name, and
// keeps it as text: when the command line is read, the configuration that it changes does not exist yet.
type setting struct{ fields.Field }

// IsBool implements [kong.BoolMapper]: a switch needs no value, --batch-norm is --batch-norm=true.
func (s setting) IsBool() bool { return s.Value.Kind() == reflect.Bool }

// Decode implements [kong.Mapper]. It stores text that the setting can parse, and fails for any other. Whether the
// value is in range is decided later, by [siamese.Config.Validate] for all settings together.
func (s setting) Decode(ctx *kong.DecodeContext, target reflect.Value) error {
	// --no-NAME and --NAME=VALUE come with a token for the value, --NAME without one.
	text := "true"
	if !s.IsBool() || ctx.Scan.Peek().Type == kong.FlagValueToken {
		token, err := ctx.Scan.PopValue("value")
		if err != nil {
			return err
		}
		text = fmt.Sprint(token.Value)
	}
	target.SetString(text)
	return s.Set(text)
}

// config returns the configuration that the flags make. Losses other than mse have values that are not comparable with
// one another or with MAP@R, so training with --loss is monitored by monitor, one of siamese's Monitor constants,
// unless the file or a flag names another. The configuration is returned with the error too, since --print-config shows
// it even if it is invalid.
func (c *configFlags) config(monitor string) (siamese.Config, error) {
	// From here on in the order of precedence: preset, file, --loss, single settings.
	cfg := siamese.DefaultConfig()
	switch c.Preset {
	case "default":
	case "recommended":
		cfg = siamese.Recommended()
	default:
		var err error
		if cfg, err = config.RecommendedFor(config.Next(c.Preset)); err != nil {
			return cfg, err
		}
	}
	if c.Config != "" {
		if err := jsonfile.Read(c.Config, &cfg); err != nil {
			return cfg, option.Errorf("config", "%w; train --print-config shows what such a file looks like", err)
		}
	}
	if c.Loss != "" {
		// The whole of the loss is replaced: margins and temperatures of another loss mean nothing to this one.
		spec, err := loss.Default(string(c.Loss))
		if err != nil {
			return cfg, err
		}
		cfg.Loss = spec
	}
	if c.Augment != nil {
		cfg.Augment = augment.Usual(*c.Augment)
	}
	// Fields of cfg itself this time, so that setting one changes the configuration.
	byFlag := map[string]fields.Field{}
	for _, field := range fields.Of(&cfg) {
		byFlag[kebab(field.Name)] = field
	}
	for _, flag := range c.settings {
		if !flag.Set {
			continue
		}
		if err := byFlag[flag.Name].Set(flag.Target.String()); err != nil {
			return cfg, err
		}
		// A monitor that a flag names stays, even if it is the loss.
		if flag.Name == "monitor" {
			monitor = cfg.Monitor
		}
	}
	// Only where the monitor is still the loss, which is the default: what a file or a flag names is kept, unless it is
	// the loss.
	if c.Loss != "" && cfg.Loss.Name != "mse" && cfg.Monitor == siamese.MonitorLoss {
		cfg.Monitor = monitor
	}
	// All settings are checked together, and all faults reported at once.
	return cfg, cfg.Validate()
}

// given returns the first flag on the command line that is one of names, or "" if none of them is. The flag's value
// does not tell: a default looks like a given one.
func given(parsed *kong.Context, names ...string) string {
	for _, path := range parsed.Path {
		for _, name := range names {
			if path.Flag != nil && path.Flag.Name == name {
				return name
			}
		}
	}
	return ""
}

// idle returns the error about a setting that is given by a flag and changes nothing with the others: whoever gives it
// expects that it does. A configuration file may hold it, as it holds all settings. listed says that pairs are given,
// unseen that there are classes to watch beside them.
func idle(parsed *kong.Context, cfg siamese.Config, listed, unseen bool) error {
	for _, rule := range []struct {
		flag string
		idle bool
		why  string
	}{
		{"samples-per-class", listed, "it is for pairs that are drawn by class, and --pairs are taken as listed"},
		{"within-domain", listed, "it is for pairs that are drawn by class, and --pairs are taken as listed"},
		{"val-pairs", listed, "it is for validation pairs that are drawn, and those of --pairs are taken as listed"},
		{"label-separator", listed && !unseen, "--pairs say which items are the same, not their labels"},
		{"natural-pairs", !listed, "it is for pairs that are given by --pairs, and these are drawn by class"},
		{"samples-per-class", !cfg.Loss.NeedsBatch(), "it is for losses on batches of items, and " +
			cfg.Loss.Name + " is on pairs"},
		{"proxy-lr-multiplier", !cfg.Loss.NeedsCentres(), "the loss " + cfg.Loss.Name + " has no class proxies"},
		{"momentum", cfg.Optimizer != config.OptimizerSGD, "it is for --optimizer=sgd, and this is " + cfg.Optimizer},
	} {
		if rule.idle && given(parsed, rule.flag) != "" {
			return wrongFlag(rule.flag, "%s: leave it out", rule.why)
		}
	}
	return nil
}

// idleDomains is [idle] for settings about domains, where the items have none or a single one.
func idleDomains(parsed *kong.Context, frame *data.Frame) error {
	flag := given(parsed, "within-domain", "across-domains", "domain-batches")
	if flag == "" || slices.ContainsFunc(frame.Domains, func(d string) bool { return d != frame.Domains[0] }) {
		return nil
	}
	return wrongFlag(flag, "the items are of one domain: leave it out, or name the column of the domains in --domain")
}
