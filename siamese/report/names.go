package report

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
	RandomName       = "untrained encoder"
	ClassifierName   = "classifier's last hidden layer"
)

// Row returns the metrics of the method of that name; false = the report has none.
func (r *Report) Row(name string) (Metrics, bool) {
	for _, f := range r.Rows() {
		if f.Name == name {
			return f, true
		}
	}
	return Metrics{}, false
}
