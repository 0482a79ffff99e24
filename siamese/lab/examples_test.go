package lab_test

import (
	"context"
	"fmt"

	"github.com/go-siamese/lab/siamese/lab"
)

// What the examples below begin with: Shift-Tab in a cell shows the first of a name, and a line says more than a program.
var (
	items  *lab.Items
	split  *lab.Split
	model  *lab.Model
	report *lab.Report
	found  *lab.Search
)

func ExampleOpen() {
	items := lab.Open("items.parquet", lab.ID("sku"), lab.Domain("source"))
	items.Describe()
}

func ExampleID() {
	lab.Open("items.csv", lab.ID("sku"))
}

func ExampleLabel() {
	lab.Open("items.csv", lab.Label("brand"))
}

func ExampleDomain() {
	lab.Open("items.csv", lab.Domain("source"))
}

func ExampleIgnore() {
	lab.Open("items.csv", lab.Ignore("price", "note"))
}

func ExampleKeep() {
	lab.Open("items.csv", lab.Keep("hog", "glcm"))
}

func ExampleLabels() {
	lab.Open("photos", lab.Labels("labels.csv"))
}

func ExampleAllowMissing() {
	lab.Open("items.csv", lab.AllowMissing())
}

func ExampleSize() {
	lab.Open("photos", lab.Size(64, 64))
}

func ExampleSkipCorrupt() {
	lab.Open("photos", lab.SkipCorrupt())
}

func ExampleBuiltin() {
	items := lab.Builtin(100)
	items.Describe()
}

func ExampleItems_Describe() {
	items.Describe()
}

func ExampleItems_Duplicates() {
	items.Duplicates(0.995)
}

func ExampleItems_Advise() {
	advice := items.Advise()
	fmt.Println(advice.Classes, advice.Suspects[:3])
}

func ExampleItems_Data() {
	frame := items.Data()
	fmt.Println(frame.N(), frame.Columns[0])
}

func ExampleItems_IDs() {
	fmt.Println(items.IDs()[:3])
}

func ExampleItems_Item() {
	items.Item("a-17")
}

func ExampleItems_Class() {
	fmt.Println(items.Class("mug"))
}

func ExampleItems_Save() {
	items.Save("items.parquet")
}

func ExampleItems_SavePicture() {
	items.SavePicture("digits/00042", "new/one.png")
}

func ExampleItems_Digest() {
	fmt.Println(items.Digest())
}

func ExampleItems_Load() {
	model := items.Load("model.safetensors")
	model.Similar("a-17", 5)
}

func ExampleItems_Pairs() {
	pairs := items.Pairs("judged.csv")
	pairs.Train().Evaluate()
}

func ExamplePairs_Train() {
	items.Pairs("judged.csv").Train(lab.Set("Epochs", 20))
}

func ExampleSame() {
	items.Pairs("distances.csv", lab.Same("0"))
}

func ExampleSeed() {
	items.Split(lab.Seed(7))
}

func ExampleVal() {
	items.Split(lab.Val(0.2))
}

func ExampleTest() {
	items.Split(lab.Val(0.1), lab.Test(0.2))
}

func ExampleBy() {
	items.Split(lab.By("classes"))
}

func ExampleHoldOut() {
	items.Split(lab.By("classes"), lab.HoldOut("mug", "vase"))
}

func ExampleNear() {
	items.Split(lab.Near(0.995))
}

func ExampleGroups() {
	items.Split(lab.Groups("scenes.csv"))
}

func ExampleKeepCopies() {
	items.Split(lab.KeepCopies)
}

func ExampleSplit_Side() {
	split.Side("test").Describe()
}

func ExampleSplit_Save() {
	split.Save("split.json")
}

func ExampleSplit_TrainFor() {
	split.TrainFor(3, lab.Set("Epochs", 20))
	split.Train(lab.Set("Epochs", 20)) // goes on
}

func ExampleSplit_Panel() {
	split.Panel(lab.Set("Epochs", 20))
}

func ExampleSplit_Runs() {
	fmt.Println(split.Runs())
}

func ExampleSplit_Run() {
	split.Train(split.Run("wide"), lab.Set("Seed", 7))
}

func ExampleSplit_Model() {
	split.Model("wide").Evaluate()
}

func ExampleSplit_Draw() {
	split.Draw(5, lab.Set("HardMining", 0.5))
}

func ExampleSplit_Compare() {
	wide := split.Train(lab.Set("Layers", []int{512, 256})).Named("wide")
	split.Compare(split.Train().Named("usual"), wide)
}

func ExampleTransductive() {
	split.Train(lab.Set("PLDA", "features"), lab.Set("FeatureShare", 0.8)).Evaluate(lab.Transductive)
}

func ExampleSplit_CompareWith() {
	wide := split.Train(lab.Set("Layers", []int{512, 256})).Named("wide")
	split.CompareWith([]*lab.Model{split.Train().Named("usual"), wide}, lab.Prior(0.001), lab.CostFP(10))
}

func ExampleModel_Again() {
	fmt.Println(model.Again().Digest == model.Digest)
}

func ExampleModel_Beside() {
	model.Beside(split.Train(lab.Set("Dropout", 0.3)))
}

func ExampleModel_Score() {
	model.Score("a-17", "b-4")
}

func ExampleModel_ScoreOf() {
	model.ScoreOf(lab.Pictures("new/one.png"), "a-17")
}

func ExampleModel_Similar() {
	model.Similar("a-17", 5)
}

func ExampleModel_Rerank() {
	model.Rerank(20).Similar("a-17", 5)
	model.Expand(30).Rerank(20).Evaluate()
}

func ExamplePictures() {
	model.SimilarTo(lab.Pictures("new/*.png"), 5)
}

func ExampleModel_Explain() {
	model.Explain("a-17", "b-4")
}

func ExampleModel_SaveEmbeddings() {
	model.SaveEmbeddings("embeddings.parquet")
}

func ExampleOnlyLabels() {
	model.In("items.index", lab.OnlyLabels("shoe")).Similar("a-17", 5)
}

func ExampleModel_HardPairs() {
	model.HardPairs(5)
}

func ExampleModel_Cosines() {
	model.Cosines()
}

func ExampleModel_Explore() {
	model.Explore(lab.At("a-17"))
}

func ExampleAt() {
	model.Explore(lab.At("a-17"))
}

func ExampleJudged() {
	model.Explore(lab.Judged("mine.csv"))
}

func ExampleModel_On() {
	model.On(lab.Open("other.parquet")).Similar("b-4", 5)
}

func ExampleModel_Save() {
	model.Save("model.safetensors")
}

func ExampleModel_Evaluate() {
	report := model.Evaluate(lab.Baselines, lab.Details)
	fmt.Println(report.Verdict)
}

func ExampleModel_EvaluateOn() {
	model.EvaluateOn(lab.Open("other.parquet").Split())
}

func ExampleBaselines() {
	model.Evaluate(lab.Baselines)
}

func ExampleDetails() {
	model.Evaluate(lab.Details).Hardest(5)
}

func ExampleCostFP() {
	model.Evaluate(lab.Details, lab.CostFP(10)).Thresholds()
}

func ExampleCostFN() {
	model.Evaluate(lab.Details, lab.CostFN(5), lab.CostFP(1)).Thresholds()
}

func ExamplePrior() {
	model.Evaluate(lab.Prior(0.001), lab.CostFP(1), lab.CostFN(100)).Reliability()
}

func ExampleGuarantee() {
	model.Evaluate(lab.Guarantee(0.01)).Reliability()
}

func ExampleModel_Blocks() {
	model.Blocks()
}

func ExampleModel_Named() {
	split.Compare(model.Named("usual"), split.Train(lab.Recommended).Named("recommended"))
}

func ExampleReport_Of() {
	fmt.Println(report.Of("wide").Metric("map_at_r"))
}

func ExampleReport_Metric() {
	fmt.Println(report.Metric("map_at_r"))
}

func ExampleReport_Hardest() {
	model.Evaluate(lab.Details).Hardest(5)
}

func ExampleReport_Reliability() {
	model.Evaluate(lab.Details).Reliability()
}

func ExampleReport_Thresholds() {
	model.Evaluate(lab.Details).Thresholds()
}

func ExampleReport_SavePage() {
	report.SavePage("report.html", "Cups")
}

func ExampleReport_Save() {
	report.Save("report.json")
}

func ExampleItems_Search() {
	found := items.Search(lab.Trials(40), lab.Among(lab.LogRange("learning_rate", 1e-4, 1e-2)))
	fmt.Println(found.Result.Honest)
}

func ExampleRange() {
	items.Search(lab.Among(lab.Range("dropout", 0, 0.5)))
}

func ExampleLogRange() {
	items.Search(lab.Among(lab.LogRange("learning_rate", 1e-4, 1e-2)))
}

func ExampleIntRange() {
	items.Search(lab.Among(lab.IntRange("epochs", 4, 30)))
}

func ExampleChoice() {
	items.Search(lab.Among(lab.Choice("layers", "512,256", "256")))
}

func ExampleFrom() {
	items.Search(lab.From(lab.Set("Epochs", 5)))
}

func ExampleAmong() {
	items.Search(lab.Among(lab.Range("dropout", 0, 0.5), lab.Choice("optimizer", "adam", "sgd")))
}

func ExampleTrials() {
	items.Search(lab.Trials(40))
}

func ExampleFolds() {
	items.Search(lab.Folds(3))
}

func ExampleSampler() {
	items.Search(lab.Sampler("random"))
}

func ExampleSearch_Model() {
	found.Model().Similar("a-17", 5)
}

func ExampleSearch_Best() {
	split.Train(found.Best())
}

func ExampleSearch_Seeds() {
	for _, one := range found.Seeds(3) {
		fmt.Println(one.Result.Runs[0].HeldOut)
	}
}

func ExampleSearch_Known() {
	fmt.Println(found.Known())
}

func ExampleSearch_Save() {
	found.Save("study.journal")
}

func ExampleConfig() {
	cfg := lab.Config()
	cfg.Dropout = 0.2
	split.Train(lab.Use(cfg))
}

func ExampleRecommended() {
	split.Train(lab.Recommended)
}

func ExampleUse() {
	cfg := lab.Config()
	cfg.Epochs = 20
	split.Train(lab.Use(cfg))
}

func ExampleSession() {
	fmt.Println(lab.Session().Status(context.Background()))
}

func ExampleValues() {
	for _, kept := range lab.Values() {
		fmt.Println(kept.Kind, kept.Name, kept.Bytes)
	}
}

func ExampleValue() {
	lab.Value(model.Threshold)
}
