package show

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/explain/explained"
	"github.com/go-siamese/lab/siamese/stats"
)

func TestExplanation(t *testing.T) {
	x := &explained.Pair{Left: "a", Right: nasty, Cosine: 0.8123, Baseline: 0.25,
		Blocks: []explained.BlockPart{{Name: "hog", Part: 0.7}, {Name: nasty, Part: -0.1377}}}
	for range 2 { // without features and with some
		svg, err := contentOf(ExplanationOutputs(x))
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Join(texts(t, svg), "|")
		has(t, all, "Cosine 0.812, any two items 0.250", "hog", "&lt;script&gt;", "more similar", "less similar",
			"part of the cosine")
		if strings.Index(all, "&lt;script") > strings.Index(all, "hog") {
			t.Error("ticks go up, so that the first bar comes last")
		}
		if len(x.Features) > 0 {
			has(t, all, "The 10 features with the largest parts", "hog/b9")
			has(t, svg, `viewBox="0 0 662.4 216"`)
		}
		for k := range 10 {
			x.Features = append(x.Features, explained.FeaturePart{Name: fmt.Sprintf("hog/b%d", k),
				Part: 0.1 / (float64(k) - 4.5)})
		}
	}
	zero := &explained.Pair{Blocks: []explained.BlockPart{{Name: "hog"}}}
	svg, err := contentOf(ExplanationOutputs(zero))
	if err != nil {
		t.Fatal(err)
	}
	texts(t, svg)
	for _, bad := range []*explained.Pair{
		{}, {Blocks: []explained.BlockPart{{Name: "x", Part: math.NaN()}}},
		{Blocks: zero.Blocks, Features: []explained.FeaturePart{{Name: "x", Part: math.Inf(1)}}},
	} {
		if _, err := ExplanationOutputs(bad); err == nil || Explanation(bad) == nil {
			t.Errorf("%+v: no error", bad)
		}
	}
	if err := Explanation(x); err != nil { // outside of a notebook it shows nothing
		t.Error(err)
	}
}

func TestBlocks(t *testing.T) {
	interval := func(v float64) stats.Estimate {
		return stats.Estimate{Interval: stats.Interval{Value: v, Low: v - 0.0111, High: v + 0.0123, Confidence: 0.95,
			Method: "delta"}}
	}
	attribution := explained.Attribution{Same: 0.6671, Different: -0.052, Intervals: explained.AttributionIntervals{
		Same: interval(0.6671), Different: interval(-0.052), Apart: interval(0.7189), Magnitude: interval(0.4)}}
	x := &explained.Blocks{Items: 20, Classes: 2, Pairs: 8, Background: 64, Similarities: []explained.BlocksOf{
		{Name: "no training", Blocks: []explained.BlockEffect{{Name: "hog"}}},
		{Name: nasty, Full: explained.Separation{MAPAtR: 0.7569, ROCAUC: 0.9879}, Baseline: 0.1, Same: 0.9,
			Different: 0.05,
			Intervals: explained.CosineIntervals{Baseline: interval(0.1), Same: interval(0.9), Different: interval(0.05),
				Apart: interval(0.85)}, Blocks: []explained.BlockEffect{
				{Name: "hog", Columns: 1296, LeaveOneOut: explained.Separation{MAPAtR: 0.466},
					Only: explained.Separation{ROCAUC: 0.9798}, Attribution: attribution},
				{Name: "glcm", Columns: 480},
			}},
	}}
	shown := content(BlocksOutputs(x))
	wellFormed(t, shown)
	selfContained(t, shown)
	ends := func(text string) string { return fmt.Sprintf(`<span style="white-space:nowrap">[%s]</span><`, text) }
	has(t, shown, "20 items of 2 classes", "8 pairs", "64 background items", x.IntervalsNote(), ">0.757<", ">0.466<",
		">0.980<", "hog (1296 columns)<", ": all blocks<", "&lt;script&gt;",
		">0.900 "+ends("0.889, 0.912"), "mean cosines (0.100 ", ">+0.850 "+ends("+0.839, +0.862"),
		">+0.667 "+ends("+0.656, +0.679"), ">-0.052 "+ends("-0.063, -0.040"), ">+0.719 "+ends("+0.708, +0.731"),
		">0.400 "+ends("0.389, 0.412"))
	if n := strings.Count(shown, "<tr>"); n != 12 {
		t.Errorf("%d lines, want two tables with a header, one for each kind and one for each block of it", n)
	}
	x.Similarities[1].Full.Intervals = &explained.SeparationIntervals{MAPAtR: interval(0.7569), ROCAUC: interval(0.9879)}
	hog := &x.Similarities[1].Blocks[0]
	hog.LeaveOneOut.Intervals = &explained.SeparationIntervals{MAPAtR: interval(0.466)}
	hog.Only.Intervals = &explained.SeparationIntervals{ROCAUC: interval(0.9798)}
	hog.Change = &explained.Change{MAPAtR: stats.Difference{Interval: interval(-0.29).Interval},
		ROCAUC: stats.Difference{Interval: interval(0.004).Interval}}
	shown = content(BlocksOutputs(x))
	wellFormed(t, shown)
	has(t, shown, ">0.757 "+ends("0.746, 0.769"), ">0.988 "+ends("0.977, 1.000"), ">0.466 "+ends("0.455, 0.478"),
		">0.980 "+ends("0.969, 0.992"),
		">-0.290 "+ends("-0.301, -0.278"), ">+0.004 "+ends("-0.007, +0.016"))
	Blocks(x) // outside of a notebook it does nothing
}
