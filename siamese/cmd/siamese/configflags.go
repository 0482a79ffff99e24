package main

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/fields"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/loss"
)

// lossName is the setting that --loss sets, with the loss's usual numbers.
const lossName = "loss.name"

// configFlags are the flags of a command that change a configuration. Every setting has one besides, see
// [settingFlags].
type configFlags struct {
	Config string   `placeholder:"FILE" help:"${help_config}"`
	Preset string   `default:"default" enum:"default,recommended" help:"${help_preset}"`
	Loss   lossFlag `option:"loss.name" placeholder:"NAME" help:"Loss, with its usual numbers: ${losses}."`

	settings []*kong.Flag
}

// lossFlag is the name of a loss.
type lossFlag string

// Decode takes a name that is known.
func (l *lossFlag) Decode(ctx *kong.DecodeContext) error {
	if err := ctx.Scan.PopValueInto("name", (*string)(l)); err != nil {
		return err
	}
	_, err := loss.Default(string(*l))
	return err
}

// settingFlags returns a flag for every setting, called as in the file of the configuration but in kebab-case, with the
// same help.
func (c *configFlags) settingFlags() []*kong.Flag {
	c.settings = nil
	group := &kong.Group{Key: "settings", Title: "Settings of the configuration, as in its file:"}
	scratch, usual := siamese.DefaultConfig(), siamese.DefaultConfig()
	defaults := fields.Of(usual)
	for i, field := range fields.Of(&scratch) {
		if field.Name == lossName {
			continue
		}
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

// placeholder returns the default of a setting, or where it is zero what a value looks like.
func placeholder(f fields.Field) string {
	if text := f.Text(); text != "" && !f.Value.IsZero() {
		return text
	}
	switch f.Value.Kind() {
	case reflect.String:
		return "TEXT"
	case reflect.Map:
		return "NAME=X,..."
	case reflect.Float64:
		return "X"
	}
	return "N"
}

// setting parses the value of a setting's flag, which it keeps as text.
type setting struct{ fields.Field }

// IsBool tells kong that a switch needs no value.
func (s setting) IsBool() bool { return s.Value.Kind() == reflect.Bool }

// Decode takes text that the setting can be.
func (s setting) Decode(ctx *kong.DecodeContext, target reflect.Value) error {
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

// config returns the configuration: the preset or that of the file, changed by the other flags. Another loss than
// mse is watched by monitor, unless the file or a flag says what else to watch.
func (c *configFlags) config(monitor string) (siamese.Config, error) {
	cfg := siamese.DefaultConfig()
	if c.Preset == "recommended" {
		cfg = siamese.Recommended()
	}
	if c.Config != "" {
		if err := jsonfile.Read(c.Config, &cfg); err != nil {
			return cfg, option.Errorf("config", "%w; train --print-config shows what such a file looks like", err)
		}
	}
	if c.Loss != "" {
		spec, err := loss.Default(string(c.Loss))
		if err != nil {
			return cfg, err
		}
		cfg.Loss = spec
	}
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
		if flag.Name == "monitor" {
			monitor = cfg.Monitor
		}
	}
	if c.Loss != "" && cfg.Loss.Name != "mse" && cfg.Monitor == siamese.MonitorLoss {
		cfg.Monitor = monitor
	}
	return cfg, cfg.Validate()
}

// given returns the first of some flags that is on the command line, or "".
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
