package study_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/evaluate"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/protocol"
	"github.com/go-siamese/lab/siamese/stats"
	"github.com/go-siamese/lab/siamese/study"
)

func ExampleRunProtocols() {
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		log.Fatal(err)
	}
	report, err := study.RunProtocols(context.Background(), backend, labtest.Pictures("all", 40, 1),
		toymodel.SmallConfig(), study.ProtocolOptions{
			Protocols: []string{protocol.Items}, Folds: 3, Seeds: []uint64{1, 2},
		})
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range report.Protocols {
		fmt.Printf("%s: %d folds with %d reports each\n", p.Title(), p.Complete, len(p.Folds[0].Reports))
		for _, g := range p.Gains[:1] { // the others are Recall@1, ROC-AUC, EER and accuracy
			fmt.Println(g.Name, "in", g.Of, "folds, compared with the", g.Against)
		}
	}
	// Output:
	// new items of seen classes: 3 folds with 2 reports each
	// MAP@R in 3 folds, compared with the linear discriminants of training items
}

func ExampleRunSweep() {
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
	train, val, test := labtest.Pictures("train", 60, 1), labtest.Pictures("val", 30, 2),
		labtest.Pictures("test", 30, 3)
	short, long := toymodel.SmallConfig(), toymodel.SmallConfig()
	short.Epochs, long.Epochs = 1, 4
	short.Monitor, long.Monitor = siamese.MonitorMAP, siamese.MonitorMAP
	trials := []study.Trial{{Name: "one epoch", Config: short}, {Name: "more epochs", Config: long}}
	tried, err := study.RunSweep(ctx, backend, trials, train, val, study.SweepOptions{Dir: dir})
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range tried.Ranked() {
		fmt.Printf("%s (%d of them): MAP@R above 0.94 on validation items is %v\n", t.Name, len(t.Result.History),
			t.Best().ValMAP > 0.94)
	}
	again, err := study.RunSweep(ctx, backend, trials, train, val, study.SweepOptions{Dir: dir})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("trained again:", !again.List[0].Kept || !again.List[1].Kept)
	// once, with the chosen one
	evaluated, err := evaluate.Items(ctx, backend, evaluate.One(again.Best().Result.Model), "new items", val, test,
		evaluate.Options{})
	if err != nil {
		log.Fatal(err)
	}
	report := evaluated.One()
	fmt.Printf("%s: better than not training on test items is %v\n", again.Best().Name,
		report.Trained.Values[stats.MAPAtR] > report.Baseline.Values[stats.MAPAtR]+0.1)
	// Output:
	// more epochs (4 of them): MAP@R above 0.94 on validation items is true
	// one epoch (1 of them): MAP@R above 0.94 on validation items is false
	// trained again: false
	// more epochs: better than not training on test items is true
}
