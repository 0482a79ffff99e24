package show

import (
	"fmt"
	"image"
	"strconv"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/describe"
	"github.com/go-siamese/lab/data/split"
	lab "github.com/go-siamese/lab/kernels/cell"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/explain/explained"
	"github.com/go-siamese/lab/siamese/internal/tables"
	"github.com/go-siamese/lab/siamese/protocol"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/study/found"
)

func init() {
	lab.Draws(func(v any) (bool, error) {
		out, known, err := valueOutputs(v)
		if known && err == nil {
			out.Display()
		}
		return known, err
	})
}

// Value shows values as the kernel does with what stands in last place in a cell: frames, splits, configurations,
// results of trainings and reports as this package shows them, others by [lab.Value].
func Value(values ...any) { lab.Value(values...) }

// frameRows bounds the rows of a frame that are shown.
const frameRows = 200

// valueOutputs returns what shows a value of the library; known = false for others.
func valueOutputs(v any) (out Outputs, known bool, err error) {
	switch v := v.(type) {
	case *data.Frame:
		return FrameOutputs(v, frameRows), true, nil
	case *describe.Description:
		return DescribeOutputs(v), true, nil
	case *split.Leakage:
		return LeakageOutputs(v), true, nil
	case *split.Split:
		rows := [][]string{}
		for _, side := range []struct {
			name  string
			items []int
		}{{"train", v.Train}, {"validation", v.Val}, {"test", v.Test}} {
			rows = append(rows, []string{side.name, strconv.Itoa(len(side.items))})
		}
		return TableOutputs(v.String(), []string{"side", "items"}, rows), true, nil
	case config.Config:
		return configOutputs(v), true, nil
	case *config.Config:
		return configOutputs(*v), true, nil
	case Trainer:
		out, err = HistoryOutputs(v)
		return out, true, err
	case *report.Report:
		return ReportsOutputs(v), true, nil
	case []*report.Report:
		return ReportsOutputs(v...), true, nil
	case *protocol.Report:
		return ProtocolsOutputs(v), true, nil
	case *found.Result:
		out, err = SearchOutputs(v)
		return out, true, err
	case *explained.Pair:
		out, err = ExplanationOutputs(v)
		return out, true, err
	case image.Image:
		b := v.Bounds()
		return nil, true, Image(fmt.Sprintf("a picture of %d x %d pixels", b.Dx(), b.Dy()), v)
	}
	return nil, false, nil
}

// configOutputs returns what differs from the default configuration.
func configOutputs(c config.Config) Outputs {
	text, content := tables.Config(c)
	return Outputs{{Text: text, HTML: content}}
}
