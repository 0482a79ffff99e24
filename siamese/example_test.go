package siamese_test

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
)

// pictures returns perClass items of three classes, 6 numbers each of which only two tell the classes apart.
func pictures(prefix string, perClass int, seed uint64) *data.Frame {
	rng := rand.New(rand.NewPCG(seed, 0))
	f := &data.Frame{Blocks: []data.Block{{Name: "texture", Start: 0, End: 6}}}
	for c := range 6 {
		f.Columns = append(f.Columns, fmt.Sprintf("texture/%d", c))
	}
	for class, at := range [][2]float64{{0, 0}, {8, 0}, {0, 8}} {
		for i := range perClass {
			f.IDs = append(f.IDs, fmt.Sprintf("%s-%d-%d", prefix, class, i))
			f.Labels = append(f.Labels, []string{"brick", "grass", "sand"}[class])
			f.X = append(f.X, float32(at[0]+rng.NormFloat64()), float32(at[1]+rng.NormFloat64()))
			for range 4 {
				f.X = append(f.X, float32(5*rng.NormFloat64()))
			}
		}
	}
	return f
}

// smallConfig suits the few items of the examples.
func smallConfig() siamese.Config {
	cfg := siamese.DefaultConfig()
	cfg.Layers, cfg.Epochs, cfg.PairsPerEpoch, cfg.BatchPairs, cfg.ValPairs = []int{16, 8}, 6, 3000, 50, 500
	cfg.LearningRate = 0.005
	return cfg
}

func Example() {
	ctx := context.Background()
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		log.Fatal(err)
	}
	train, val, test := pictures("train", 60, 1), pictures("val", 30, 2), pictures("test", 30, 3)
	result, err := siamese.Train(ctx, backend, smallConfig(), train, val, siamese.TrainOptions{})
	if err != nil {
		log.Fatal(err)
	}
	report, err := siamese.Evaluate(ctx, backend, result.Model, "new items", val, test)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("pairs of test items:", report.Pairs)
	fmt.Println("better than not training:", report.Trained.MAPAtR > report.Baseline.MAPAtR+0.1)
	fmt.Println("ROC-AUC above 0.9:", report.Trained.ROCAUC > 0.9)
	// Output:
	// pairs of test items: 4005
	// better than not training: true
	// ROC-AUC above 0.9: true
}

func ExampleEvaluateWith() {
	ctx := context.Background()
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		log.Fatal(err)
	}
	train, val, test := pictures("train", 60, 1), pictures("val", 30, 2), pictures("test", 30, 3)
	result, err := siamese.Train(ctx, backend, smallConfig(), train, val, siamese.TrainOptions{})
	if err != nil {
		log.Fatal(err)
	}
	report, err := siamese.EvaluateWith(ctx, backend, result.Model, "new items", val, test, siamese.EvaluateOptions{Train: train})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range report.Rows() {
		fmt.Println(f.Name)
	}
	fmt.Println("surely better than the standardised features:", report.Trained.Intervals.MAPAtR.Low > report.Baseline.Intervals.MAPAtR.High)
	// Output:
	// standardised features, no training
	// raw features, no training
	// principal components, no training
	// whitened principal components, no training
	// linear discriminants of training items
	// untrained encoder
	// classifier's last hidden layer
	// trained encoder
	// surely better than the standardised features: true
}

func ExampleRunProtocols() {
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		log.Fatal(err)
	}
	report, err := siamese.RunProtocols(context.Background(), backend, pictures("all", 40, 1), smallConfig(), siamese.ProtocolOptions{
		Protocols: []string{siamese.ProtocolItems}, Folds: 3, Seeds: []uint64{1, 2},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range report.Protocols {
		fmt.Printf("%s: %d folds with %d reports each\n", p.Title(), p.Complete, len(p.Folds[0].Reports))
		for _, g := range p.Gains[:1] { // the others are Recall@1, ROC-AUC, EER and accuracy
			fmt.Println(g.Measure, "in", g.Of, "folds, held against the", g.Against)
		}
	}
	// Output:
	// new items of seen classes: 3 folds with 2 reports each
	// MAP@R in 3 folds, held against the linear discriminants of training items
}

func ExampleRunTrials() {
	ctx := context.Background()
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "trials")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	train, val, test := pictures("train", 60, 1), pictures("val", 30, 2), pictures("test", 30, 3)
	short, long := smallConfig(), smallConfig()
	short.Epochs, long.Epochs = 1, 4
	short.Monitor, long.Monitor = siamese.MonitorMAP, siamese.MonitorMAP
	trials := []siamese.Trial{{Name: "one epoch", Config: short}, {Name: "more epochs", Config: long}}
	tried, err := siamese.RunTrials(ctx, backend, trials, train, val, siamese.TrialOptions{Dir: dir})
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range tried.Ranked() {
		fmt.Printf("%s (%d of them): MAP@R above 0.94 on validation items is %v\n", t.Name, len(t.Result.History), t.Best().ValMAP > 0.94)
	}
	again, err := siamese.RunTrials(ctx, backend, trials, train, val, siamese.TrialOptions{Dir: dir})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("trained again:", !again.List[0].Kept || !again.List[1].Kept)
	report, err := siamese.Evaluate(ctx, backend, again.Best().Result.Model, "new items", val, test) // once, with the chosen one
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: better than not training on test items is %v\n", again.Best().Name, report.Trained.MAPAtR > report.Baseline.MAPAtR+0.1)
	// Output:
	// more epochs (4 of them): MAP@R above 0.94 on validation items is true
	// one epoch (1 of them): MAP@R above 0.94 on validation items is false
	// trained again: false
	// more epochs: better than not training on test items is true
}

func ExampleModel_Probability() {
	ctx := context.Background()
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		log.Fatal(err)
	}
	result, err := siamese.Train(ctx, backend, smallConfig(), pictures("train", 60, 1), pictures("val", 30, 2), siamese.TrainOptions{})
	if err != nil {
		log.Fatal(err)
	}
	half, err := result.Model.Probability(1, 0) // among pairs half of which are the same, as in training
	if err != nil {
		log.Fatal(err)
	}
	rare, err := result.Model.Probability(1, 0.01) // among pairs of which one in a hundred is the same
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("a cosine of 1 is a good sign:", half > 0.9, "but less so where few pairs are the same:", rare < half)
	// Output: a cosine of 1 is a good sign: true but less so where few pairs are the same: true
}

func ExampleExplainPair() {
	ctx := context.Background()
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		log.Fatal(err)
	}
	train := pictures("train", 60, 1)
	result, err := siamese.Train(ctx, backend, smallConfig(), train, pictures("val", 30, 2), siamese.TrainOptions{})
	if err != nil {
		log.Fatal(err)
	}
	x, err := siamese.ExplainPair(ctx, backend, result.Model, pictures("new", 2, 3), 0, 1, siamese.ExplainOptions{Background: train, Features: 2})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("two of brick are more alike than any two items:", x.Cosine > x.Baseline+0.1)
	fmt.Println("what makes them so is in", min(x.Features[0].Name, x.Features[1].Name), "and", max(x.Features[0].Name, x.Features[1].Name))
	// Output:
	// two of brick are more alike than any two items: true
	// what makes them so is in texture/0 and texture/1
}

func ExampleExplainBlocks() {
	ctx := context.Background()
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		log.Fatal(err)
	}
	inBlocks := func(f *data.Frame) *data.Frame {
		f.Blocks = []data.Block{{Name: "colour", Start: 0, End: 2}, {Name: "noise", Start: 2, End: 6}}
		return f
	}
	train, val, test := inBlocks(pictures("train", 60, 1)), inBlocks(pictures("val", 30, 2)), inBlocks(pictures("test", 30, 3))
	result, err := siamese.Train(ctx, backend, smallConfig(), train, val, siamese.TrainOptions{})
	if err != nil {
		log.Fatal(err)
	}
	opt := siamese.BlocksOptions{Explain: siamese.ExplainOptions{Background: train, NoFeatures: true}, Pairs: 50}
	x, err := siamese.ExplainBlocks(ctx, backend, result.Model, test, opt)
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range x.Similarities {
		colour, noise := s.Blocks[0], s.Blocks[1]
		fmt.Println(s.Name)
		fmt.Println("  noise alone is of little use:", noise.Alone.MAPAtR < 0.5, "and without it all is as good or better:", noise.Without.MAPAtR > s.Whole.MAPAtR-0.05)
		fmt.Println("  colour brings classes apart more than noise:", colour.Apart() > 2*noise.Apart())
	}
	// Output:
	// standardised features, no training
	//   noise alone is of little use: true and without it all is as good or better: true
	//   colour brings classes apart more than noise: true
	// trained encoder
	//   noise alone is of little use: true and without it all is as good or better: true
	//   colour brings classes apart more than noise: true
}

func ExampleModel_Save() {
	ctx := context.Background()
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		log.Fatal(err)
	}
	result, err := siamese.Train(ctx, backend, smallConfig(), pictures("train", 60, 1), pictures("val", 30, 2), siamese.TrainOptions{})
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "model")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "textures.safetensors")
	if err := result.Model.Save(path); err != nil {
		log.Fatal(err)
	}

	model, err := siamese.Load(path) // another day
	if err != nil {
		log.Fatal(err)
	}
	unseen := pictures("unseen", 1, 9)
	fmt.Println(model.F(), "features,", model.E(), "numbers in an embedding")
	for j := range 3 {
		score, err := model.Score(ctx, backend, unseen, 0, pictures("reference", 1, 8), j)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s and %s: same is %v\n", unseen.Labels[0], unseen.Labels[j], score.Same)
	}
	// Output:
	// 6 features, 8 numbers in an embedding
	// brick and brick: same is true
	// brick and grass: same is false
	// brick and sand: same is false
}

func ExampleNearest() {
	// Embeddings of length 1 in the plane: three references and a query between the first two.
	references := &siamese.Embeddings{Values: []float32{1, 0, 0, 1, -1, 0}, N: 3, E: 2}
	query := &siamese.Embeddings{Values: []float32{0.8, 0.6}, N: 1, E: 2}
	nearest, err := siamese.Nearest(query, references, 2, false)
	if err != nil {
		log.Fatal(err)
	}
	for _, n := range nearest[0] {
		fmt.Printf("item %d, cosine %.1f\n", n.Item, n.Cosine)
	}
	// Output:
	// item 0, cosine 0.8
	// item 1, cosine 0.6
}

func ExamplePairSampler_Draw() {
	sampler, err := siamese.NewPairSampler(pictures("train", 60, 1), siamese.SamplerOptions{WithinDomain: 0.5})
	if err != nil {
		log.Fatal(err)
	}
	pairs := sampler.Draw(1000, 42)
	positive := 0
	for _, label := range pairs.Label {
		positive += int(label)
	}
	fmt.Println(pairs.Len(), "pairs,", positive, "positive")
	// Output: 1000 pairs, 500 positive
}

func ExampleConfig_Validate() {
	cfg := siamese.DefaultConfig()
	cfg.Dropout, cfg.Epochs = 1.5, 0
	fmt.Println(cfg.Validate())
	// Output:
	// dropout: 1.5 is not in [0, 1)
	// epochs: 0 is less than 1
}
