package features

import (
	"fmt"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/internal/listing"
)

// Notes says what is done with pictures that may be transparent and with those of more than 8 bits a channel, a sentence
// each; nil where there are none. The configuration is resolved.
func (c Config) Notes(about *images.Inventory) []string {
	var notes []string
	if about.Alpha > 0 {
		notes = append(notes, fmt.Sprintf("%d may be transparent: they are laid on %s (the background)", about.Alpha,
			c.Background))
	}
	if n := len(about.Deep()); n > 0 {
		notes = append(notes, fmt.Sprintf("%d have more than 8 bits a channel: HOG and LBP take the values as they are%s",
			n, c.scaleNote()))
	} else if eight := about.Files - len(about.Problems); eight > 0 && c.ofDeep() {
		notes = append(notes, c.eightNote(eight))
	}
	return notes
}

// ofDeep reports whether the settings are of pictures of more than 8 bits a channel, for whose levels that matters.
func (c Config) ofDeep() bool { return c.GLCM.Levels > 0 && c.Range != [2]float64{} }

// eightNote says that n pictures have 8 bits a channel: their levels divide 0 to 255, not the range of the settings.
func (c Config) eightNote(n int) string {
	return fmt.Sprintf("%d have 8 bits a channel, and those that the settings are of had more (%v to %v): their grey "+
		"values are not on one scale", n, c.Range[0], c.Range[1])
}

// Doubts says which pictures have other grey values than the settings, which are those of other pictures such as a
// model's, are made for; a sentence each, nil where all have such. The pictures are valid.
func (c Config) Doubts(set *images.Images) []string {
	eight := 0
	var beyond, dark []string
	for i := range set.Items {
		switch m := &set.Items[i]; {
		case m.Deep == nil:
			eight++
		case c.Beyond(m) > 0:
			beyond = append(beyond, set.IDs[i])
		case c.GLCM.Levels > 0 && c.Scale == ScaleType:
			// As 12 bits in a file of 16 do; a model of pictures of 8 bits has this scale too.
			if _, high := m.MinMax(); high < m.Range[0]+(m.Range[1]-m.Range[0])/8 {
				dark = append(dark, set.IDs[i])
			}
		}
	}
	var doubts []string
	add := func(format string, args ...any) { doubts = append(doubts, fmt.Sprintf(format, args...)) }
	if eight > 0 && c.ofDeep() {
		doubts = append(doubts, c.eightNote(eight))
	}
	if len(beyond) > 0 {
		add("%d have grey values outside %v to %v, the range that the levels of GLCM divide, which are cut to it: %s",
			len(beyond), c.Range[0], c.Range[1], listing.Quoted(beyond))
	}
	if len(dark) > 0 {
		add("%d of more than 8 bits use less than an eighth of the range of their type, which the levels of GLCM "+
			"divide: %s", len(dark), listing.Quoted(dark))
	}
	return doubts
}

// scaleNote says which grey values the levels of GLCM divide, "" without GLCM.
func (c Config) scaleNote() string {
	if c.GLCM.Levels == 0 {
		return ""
	}
	text := fmt.Sprintf("; the %d levels of GLCM divide ", c.GLCM.Levels)
	switch c.Scale {
	case ScaleType:
		return text + "the whole range of the type (scale: type)"
	case ScaleImage:
		return text + "the range of each picture (scale: image)"
	}
	return text + fmt.Sprintf("%v to %v, the range of all of them (scale: data)", c.Range[0], c.Range[1])
}
