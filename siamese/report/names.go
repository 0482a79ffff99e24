package report

import "slices"

// FrozenName names, among the thresholds of details, the one that the metrics of the report are at.
const FrozenName = "of the report: best accuracy on drawn pairs"

// Names of the methods that a report compares: [evaluate.Items] measures them in this order, the trained encoder first.
const (
	TrainedName      = "trained encoder"
	StandardisedName = "standardised features, no training"
	PreprocessedName = "preprocessed features, no training"
	FittedName       = "features fitted to classes, no encoder"
	RawName          = "raw features, no training"
	BlocksName       = "block-scaled features, no training"
	PCAName          = "principal components, no training"
	WhitenedName     = "whitened principal components, no training"
	LDAName          = "linear discriminants of training items"
	PLDAName         = "PLDA of whitened components"
	KISSMEName       = "KISSME of whitened components"
	LFDAName         = "local Fisher discriminants (LFDA)"
	NCAName          = "neighbourhood components (NCA)"
	RandomName       = "untrained encoder"
	ClassifierName   = "classifier's last hidden layer"
	PlainName        = "trained encoder without PLDA" // the variant of a model with PLDA
)

// GalleryName returns the name of a method in [Report.Gallery], with expanded items.
func GalleryName(method string) string { return method + ", uses the gallery" }

// RerankedName returns that of a method whose items are re-ranked.
func RerankedName(method string) string { return method + ", uses the gallery: re-ranked" }

// BothName returns that of a method whose items are expanded and then re-ranked.
func BothName(method string) string { return method + ", uses the gallery: both" }

// TransductiveName is the name, in [Report.Gallery], of the trained encoder that is adapted to the test items.
const TransductiveName = TrainedName + ", transductive: adapted to the test items"

// Alone reports whether a method of the report makes something of the features alone: it is not the trained encoder,
// the classifier or one that uses the gallery.
func (r *Report) Alone(name string) bool {
	return slices.ContainsFunc(r.untrained(), func(m Metrics) bool { return m.Name == name })
}

// Row returns the metrics of the method of that name; false = the report has none.
func (r *Report) Row(name string) (Metrics, bool) {
	for _, f := range r.Rows() {
		if f.Name == name {
			return f, true
		}
	}
	return Metrics{}, false
}
