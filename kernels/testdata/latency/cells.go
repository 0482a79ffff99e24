package main

// cell is something that people run. NUMBER in its code is another number each time.
type cell struct {
	name, code string
	until      string // the text that ends the measurement; "" = the end of the cell
	edit       bool   // a file of the package data is changed before
	ours       bool   // GoNB alone has none of it
}

const lab = "github.com/go-siamese/lab/"

// session begins a cell that uses a session.
const session = "import (\n\"context\"\n\"fmt\"\n\"" + lab + "siamese/config\"\n\"" + lab + "siamese/session\"\n)\n%%\n" +
	"ctx := context.Background()\ns, err := session.Connect(ctx)\n"

var cells = []cell{
	{name: "hello", code: "import \"fmt\"\n%%\nfmt.Println(\"hello\", NUMBER)"},
	{name: "data", code: "import \"" + lab + "data/builtin\"\n%%\nimages, err := builtin.Sample(2, NUMBER)\n" +
		"fmt.Println(len(images.Items), err)"},
	{name: "plot", code: "import \"" + lab + "siamese/show\"\n%%\ndefer show.Done()\n" +
		"show.OK(show.Scores(\"Scores NUMBER\", []float32{.8, .9}, []float32{.1, .3}, .5))"},
	{name: "siamese", code: "import \"" + lab + "siamese\"\n%%\nbackend, err := siamese.OpenBackend(\"\")\n" +
		"fmt.Println(backend, err, NUMBER)"},
	{name: "first training step", until: "stepped", code: "import (\n\"context\"\n\"" + lab + "data/features\"\n\"" + lab +
		"siamese/history\"\n)\n%%\n" + `
images, _ := builtin.Sample(30, NUMBER)
frame, _ := features.Extract(context.Background(), images, features.Default(), nil)
var train, val []int
for i := range frame.N() {
	if i%5 == 0 { val = append(val, i) } else { train = append(train, i) }
}
ctx, stop := context.WithCancel(context.Background())
cfg := siamese.DefaultConfig()
cfg.PairsPerEpoch, cfg.Epochs = 1280, 1
backend, _ := siamese.OpenBackend("")
_, err := siamese.Train(ctx, backend, cfg, frame.Select(train), frame.Select(val), siamese.TrainOptions{
	Progress: func(p history.Progress) { if p.Step > 0 { fmt.Println("stepped"); stop() } }})
fmt.Println(err)
`},
	{name: "session: split, model, score", ours: true, code: session + `items, err := s.Builtin(ctx, 30)
split, err := items.Split(ctx, session.SplitOptions{Seed: 1})
cfg := config.Default()
cfg.Epochs, cfg.PairsPerEpoch = 1, 1280
model, err := split.Train(ctx, cfg, session.TrainOptions{})
data, err := items.Data(ctx)
score, err := model.Score(ctx, items, data.IDs[0], data.IDs[1])
fmt.Println(score, err, NUMBER)
`},
	{name: "session: another training, first step", ours: true, until: "stepped", code: session +
		`items, err := s.Builtin(ctx, 30)
split, err := items.Split(ctx, session.SplitOptions{Seed: 1})
cfg := config.Default()
cfg.Epochs, cfg.PairsPerEpoch, cfg.Seed = 1, 1280, NUMBER
_, err = split.Train(ctx, cfg, session.TrainOptions{Progress: func(p session.Progress) { if p.Step > 0 { fmt.Println("stepped") } }})
fmt.Println(err)
`},
	{name: "after an edit of data", edit: true, code: "%%\nimages, err := builtin.Sample(2, NUMBER)\n" +
		"fmt.Println(len(images.Items), err)"},
}
