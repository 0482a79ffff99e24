// Package siamese learns how similar two items are from their feature vectors.
//
// One dense encoder, shared by both sides, maps the F features of an item to an embedding of E numbers; the cosine of
// two embeddings is the similarity of their items. The encoder is trained on labelled pairs (1 = same class, 0 =
// different), evaluated on items and classes it has not seen, beside features without any training, and saved in one
// file that holds all that prediction needs.
//
// The usual order of calls:
//
//	backend, err := siamese.OpenBackend("")                      // XLA if its plugin is installed, else pure Go
//	result, err := siamese.Train(ctx, backend, siamese.DefaultConfig(), train, val, siamese.TrainOptions{})
//	one := evaluate.One(result.Model)
//	report, err := evaluate.Items(ctx, backend, one, "new items", val, test, evaluate.Options{})
//	err = result.Model.Save("model.safetensors")
//
// Similarity is higher when items are closer. Shape letters in comments: N items, F features, B pairs in a
// batch, E embedding width, K neighbours, Q queries.
//
// # Packages
//
// What each is for, those that others build on first:
//
//	data/...               feature frames; import nothing from siamese
//	kernels/plugin         where the XLA plugin is
//	config                 the settings of a training run as plain data
//	loss metric stats      losses as graphs; metrics of cosines; intervals, comparisons and calibration
//	forensic               likelihood ratios as evidence
//	internal/streams       random streams of a seed
//	internal/rising        numbers in rising order
//	internal/safetensors   files of tensors
//	internal/jsonfile      files of one JSON value
//	internal/fields        settings of a struct by name
//	internal/bar           progress on a terminal
//	internal/decimal       numbers as text
//	internal/sbom          what a program is made from
//	origin                 by what and from which files something was computed
//	internal/device        backends, compiled graphs, several devices
//	internal/scan          the best scalar products of many
//	encoder                the encoder as a graph and as weights
//	embedding              embeddings of items, scores, nearest neighbours
//	search                 an index of many embeddings: exact, float16, int8
//	search/hnsw            the same with a graph, by hnswlib
//	plda                   probabilistic linear discriminant analysis
//	gate                   whether an item is of a class that the encoder knows
//	gallery                what the items of a search say of each other
//	advise                 what to collect next, and labels that look wrong
//	internal/itemset       labels and domains of items
//	pairs                  labelled pairs: drawing, checking, splitting
//	internal/batch         the batches of an epoch
//	internal/step          a training step: loss, optimizer, state
//	siamese                this package: configuration, training, models
//	onnx                   models as ONNX files for other programs
//	report                 what an evaluation found: text, JSON, comparisons
//	evaluate               evaluation on items and on pairs
//	explain                which blocks and features a similarity comes from
//	study/space            which settings a search may change
//	study/found            what a search came to, as plain data
//	study/search           proposing settings: random, grid, Sobol, TPE, CMA-ES; which settings matter
//	study/export           searches for Optuna, pandas and spreadsheets
//	study                  several trainings: protocols over folds and seeds, sweeps, searches
//	version                the version of the lab
//	signtest               signs of differences, with a test
//	tensorboard            training curves for TensorBoard
//	serve                  answers over HTTP
//	show                   tables, plots and pages for notebooks
//	session                values that live between the cells of a notebook: what cells import
//	session/full           the same as the library's own objects
//	session/worker         the process that holds them
//	session/launch         what builds that process and starts it
//	cmd/siamese            the command line
//
// Helpers of tests are in internal/labtest and the packages below it, long tests of training in internal/acceptance.
//
// # Layers
//
// A package imports those of this module that stand on lines above its own, and no others; a test holds it. Packages
// below siamese/internal/labtest, data/internal/labtest and kernels/internal/labtest are for tests alone.
//
//   - data/images/internal/rawtiff data/internal/components data/internal/mutate data/internal/selection
//   - data/parallel data/provenance data/quote data/stop data/table/internal/narrow data/table/internal/raw
//   - kernels/internal/link kernels/internal/proc kernels/internal/proof kernels/internal/wire
//   - siamese/internal/acceptance siamese/internal/decimal siamese/internal/fields siamese/internal/rising
//   - siamese/internal/sbom siamese/internal/streams siamese/session/failure siamese/session/worker/widgetkit
//   - siamese/signtest siamese/version
//   - data/atomicfile data/internal/listing data/openfile data/option kernels/cell kernels/internal/widgets
//   - kernels/plugin kernels/widget siamese/internal/bar siamese/internal/safetensors siamese/internal/scan
//   - siamese/session/internal/wire
//   - data data/images data/memory data/table/internal/tableerr kernels/internal/cells kernels/internal/place
//   - siamese/internal/jsonfile siamese/loss/spec siamese/session/internal/code
//   - data/augment data/builtin data/features data/formula data/ondisk data/preprocess/options
//   - data/internal/numeric data/table/internal/blockmeta data/table/internal/writing kernels/internal/assist
//   - kernels/internal/jupyterlab kernels/internal/problem kernels/internal/quick kernels/internal/receipt
//   - siamese/loss siamese/metric siamese/origin siamese/session/internal/framefile siamese/session/launch
//   - data/duplicates data/images/views data/preprocess data/table/internal/reading kernels/internal/front
//   - kernels/internal/guard kernels/internal/notebook kernels/internal/setup
//   - siamese/cmd/siamese-session-launch siamese/config siamese/internal/device
//   - siamese/session/internal/store siamese/stats
//   - data/describe data/split data/table/internal/cache data/table/internal/columnar data/table/internal/csv
//   - data/table/internal/numpy kernels/internal/kept kernels/internal/params kernels/internal/run
//   - kernels/siamese-kernel siamese/embedding siamese/explain/explained siamese/forensic siamese/history
//   - siamese/internal/tables siamese/study/space
//   - data/table/internal/arrowipc kernels/internal/reproduce siamese/gallery siamese/gate
//   - siamese/internal/itemset siamese/plda siamese/search siamese/study/found siamese/tensorboard
//   - data/table/internal/parquet kernels siamese/advise siamese/encoder siamese/pairs siamese/search/hnsw
//   - siamese/session siamese/study/export siamese/study/search
//   - data/table siamese/internal/batch siamese/lab siamese/report siamese/session/worker/threshold
//   - data/extract siamese/internal/step siamese/protocol siamese/session/starter
//   - siamese siamese/show
//   - siamese/evaluate siamese/explain siamese/onnx siamese/serve siamese/session/worker/explore
//   - siamese/session/worker/panel
//   - siamese/study
//   - siamese/cmd/siamese siamese/session/full siamese/session/worker
//   - siamese/cmd/siamese-session
package siamese
