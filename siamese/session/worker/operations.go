package worker

import (
	"context"

	"github.com/go-siamese/lab/siamese/session/internal/store"
	"github.com/go-siamese/lab/siamese/session/internal/wire"
)

// Kinds of values.
const (
	kindFrame       = "frame"
	kindDescription = "description"
	kindSplit       = "split"
	kindPairs       = "pairs"
	kindModel       = "model"
	kindEmbeddings  = "embeddings"
	kindReport      = "report"
	kindScore       = "score"
	kindNeighbours  = "neighbours"
	kindExplanation = "explanation"
	kindSweep       = "sweep"
	kindSearch      = "search"
	kindDrawn       = "drawn pairs"
	kindCosines     = "cosines"
	kindTrainings   = "trainings"
	kindItem        = "item"
	kindBlocks      = "blocks"
	kindDuplicates  = "duplicates"
	kindDecisions   = "decisions"
	kindAdvice      = "advice"
)

// operations are the calls that make values, by name.
var operations map[string]operation

// specials are the calls that make none.
var specials map[string]func(ctx context.Context, w *Worker, c *client, body []byte) (wire.Message, error)

// loaders read objects from the files of values, by kind.
var loaders map[string]func(ctx context.Context, t *task, r *store.Record) (object, error)

func init() { // operations call each other
	operations = map[string]operation{
		"open":        {kind: kindFrame, args: func() arguments { return &openArgs{} }},
		"builtin":     {kind: kindFrame, args: func() arguments { return &builtinArgs{} }},
		"side":        {kind: kindFrame, args: func() arguments { return &sideArgs{} }},
		"describe":    {kind: kindDescription, args: func() arguments { return &describeArgs{} }},
		"split":       {kind: kindSplit, args: func() arguments { return &splitArgs{} }},
		"train":       {kind: kindModel, args: func() arguments { return &trainArgs{} }, backend: true, durable: true},
		"pairs":       {kind: kindPairs, args: func() arguments { return &pairsArgs{} }},
		"train pairs": {kind: kindModel, args: func() arguments { return &trainPairsArgs{} }, backend: true, durable: true},
		"evaluate pairs": {kind: kindReport, args: func() arguments { return &evaluatePairsArgs{} }, backend: true,
			durable: true},
		"sweep":       {kind: kindSweep, args: func() arguments { return &sweepArgs{} }, backend: true, durable: true},
		"search":      {kind: kindSearch, args: func() arguments { return &searchArgs{} }, backend: true, durable: true},
		"found":       {kind: kindModel, args: func() arguments { return &foundArgs{} }},
		"load":        {kind: kindModel, args: func() arguments { return &loadArgs{} }},
		"embed":       {kind: kindEmbeddings, args: func() arguments { return &embedArgs{} }, backend: true},
		"evaluate":    {kind: kindReport, args: func() arguments { return &evaluateArgs{} }, backend: true, durable: true},
		"compare":     {kind: kindReport, args: func() arguments { return &compareArgs{} }, backend: true, durable: true},
		"score":       {kind: kindScore, args: func() arguments { return &scoreArgs{} }, backend: true},
		similarIn:     {kind: kindNeighbours, args: func() arguments { return &similarInArgs{} }, backend: true},
		"similar":     {kind: kindNeighbours, args: func() arguments { return &similarArgs{} }, backend: true},
		"blocks":      {kind: kindBlocks, args: func() arguments { return &blocksArgs{} }, backend: true, durable: true},
		"duplicates":  {kind: kindDuplicates, args: func() arguments { return &duplicatesArgs{} }, durable: true},
		"advise":      {kind: kindAdvice, args: func() arguments { return &adviseArgs{} }, durable: true},
		"explain":     {kind: kindExplanation, args: func() arguments { return &explainArgs{} }, backend: true},
		"train for":   {kind: kindModel, args: func() arguments { return &trainForArgs{} }, backend: true, durable: true},
		"train again": {kind: kindModel, args: func() arguments { return &againArgs{} }, backend: true, durable: true},
		"draw":        {kind: kindDrawn, args: func() arguments { return &drawArgs{} }},
		"hard pairs":  {kind: kindDrawn, args: func() arguments { return &hardArgs{} }, backend: true},
		"cosines":     {kind: kindCosines, args: func() arguments { return &cosinesArgs{} }, backend: true},
		"trainings":   {kind: kindTrainings, args: func() arguments { return &trainingsArgs{} }, backend: true},
		"item":        {kind: kindItem, args: func() arguments { return &itemArgs{} }},
		"threshold":   {kind: kindModel, args: func() arguments { return &thresholdArgs{} }},
		"decide":      {kind: kindDecisions, args: func() arguments { return &decideArgs{} }, backend: true},
	}
	specials = map[string]func(context.Context, *Worker, *client, []byte) (wire.Message, error){
		"show":            showValue,
		"file":            openFile,
		"save":            saveFile,
		"page":            savePage,
		"save embeddings": saveEmbeddings,
		"save index":      saveIndex,
		"save search":     saveSearch,
		"list":            listValues,
		"clear":           clearValues,
		"status":          status,
		"write":           writeFrame,
		"panel": func(ctx context.Context, w *Worker, c *client, body []byte) (wire.Message, error) {
			answer, err := openPanel(ctx, w, c, body)
			return wire.Message{Body: answer}, err
		},
		"explore": func(ctx context.Context, w *Worker, c *client, body []byte) (wire.Message, error) {
			answer, err := openExplorer(ctx, w, c, body)
			return wire.Message{Body: answer}, err
		},
		"runs": func(_ context.Context, w *Worker, _ *client, body []byte) (wire.Message, error) {
			answer, err := listRuns(w, body)
			return wire.Message{Body: answer}, err
		},
	}
	loaders = map[string]func(context.Context, *task, *store.Record) (object, error){
		kindFrame:       loadFrame,
		kindSplit:       loadSplit,
		kindPairs:       loadPairs,
		kindModel:       loadModel,
		kindSweep:       loadSweep,
		kindSearch:      loadSearch,
		kindEmbeddings:  loadEmbeddings,
		kindReport:      loadReport,
		kindDescription: loadDescription,
		kindExplanation: loadExplanation,
		kindBlocks:      loadBlocks,
		kindAdvice:      loadAdvice,
	}
}
