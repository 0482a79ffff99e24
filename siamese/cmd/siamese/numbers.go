package main

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
)

// numberMappers read the numbers of flags. Those of kong take 010 for eight, and speak of bits when they refuse one.
var numberMappers = []kong.Option{
	kong.KindMapper(reflect.Int, wholeNumber), kong.KindMapper(reflect.Int64, wholeNumber),
	kong.KindMapper(reflect.Uint64, numberMapper(func(text string, to reflect.Value) error {
		v, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return fmt.Errorf("%q is not a whole number from 0 to %d", text, uint64(math.MaxUint64))
		}
		to.SetUint(v)
		return nil
	})),
	kong.KindMapper(reflect.Float64, numberMapper(func(text string, to reflect.Value) error {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			if strings.Contains(text, ",") {
				return fmt.Errorf("%q is not a number: write a decimal point", text)
			}
			return fmt.Errorf("%q is not a number", text)
		}
		to.SetFloat(v)
		return nil
	})),
}

// wholeNumber reads a whole number.
var wholeNumber = numberMapper(func(text string, to reflect.Value) error {
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fmt.Errorf("%q is not a whole number", text)
	}
	to.SetInt(v)
	return nil
})

// numberMapper returns a mapper that parses one word.
func numberMapper(parse func(text string, to reflect.Value) error) kong.Mapper {
	return kong.MapperFunc(func(ctx *kong.DecodeContext, target reflect.Value) error {
		var text string
		if err := ctx.Scan.PopValueInto("number", &text); err != nil {
			return err
		}
		return parse(text, target)
	})
}
