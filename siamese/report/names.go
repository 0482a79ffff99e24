package report

// FrozenName is what the threshold is called that the figures of a report are at.
const FrozenName = "of the report: best accuracy on drawn pairs"

// Names of what a report compares.
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
	RandomName       = "untrained encoder"
	ClassifierName   = "classifier's last hidden layer"
)

// Row returns the figures of the contestant of that name; false = the report has none.
func (r *Report) Row(name string) (Metrics, bool) {
	for _, f := range r.Rows() {
		if f.Name == name {
			return f, true
		}
	}
	return Metrics{}, false
}
