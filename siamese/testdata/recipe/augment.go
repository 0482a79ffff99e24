package main

import (
	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/siamese"
)

// altered are attempts on altered views of the training items, beside the same number of steps without.
var altered = []attempt{
	{"recommended", func(*siamese.Config) {}},
	{"20 epochs", func(c *siamese.Config) { c.Epochs = 20 }},
	{"usual views, share .3", func(c *siamese.Config) { c.Augment = augment.Usual(0.3) }},
	{"usual views, share .3, 20 epochs", func(c *siamese.Config) { c.Epochs, c.Augment = 20, augment.Usual(0.3) }},
	{"usual views, share .6, 20 epochs", func(c *siamese.Config) { c.Epochs, c.Augment = 20, augment.Usual(0.6) }},
	{"half as strong, share .3, 20 epochs", func(c *siamese.Config) { c.Epochs, c.Augment = 20, times(0.5, 0.3) }},
	{"half as strong, share .6, 20 epochs", func(c *siamese.Config) { c.Epochs, c.Augment = 20, times(0.5, 0.6) }},
	{"shifts alone, share .3, 20 epochs", func(c *siamese.Config) {
		c.Epochs, c.Augment = 20, augment.Options{Share: 0.3, Shift: augment.Usual(1).Shift}
	}},
	{"usual and erasing, share .3, 20 epochs", func(c *siamese.Config) {
		c.Epochs, c.Augment = 20, augment.Usual(0.3)
		c.Augment.Erase = 0.4
	}},
}

// times returns the usual alterations, k times as strong, for a share of the items.
func times(k, share float64) augment.Options {
	o := augment.Usual(share)
	o.Shift, o.Rotation, o.Scale, o.Shear, o.Elastic = k*o.Shift, k*o.Rotation, k*o.Scale, k*o.Shear, k*o.Elastic
	return o
}

// chosen is the attempt of these that --final measures. It is the usual one: the others have not been compared yet.
var chosen = altered[3]
