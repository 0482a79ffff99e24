package spec

// Similarity is a way to compare two embeddings a and b. Higher is always closer.
type Similarity string

// The kinds of similarity.
const (
	Cosine       Similarity = "cosine"    // a·b / (|a| |b|), in [-1, 1]; 0 when either row is zero
	InnerProduct Similarity = "dot"       // a·b
	Euclidean    Similarity = "euclidean" // -|a - b|, the negative distance, at most 0
)

// Similarities returns all kinds.
func Similarities() []string {
	return []string{string(Cosine), string(InnerProduct), string(Euclidean)}
}

// Mining names the triplets (anchor, positive, negative) of a batch that count.
type Mining string

// The ways to choose triplets.
const (
	MineAll       Mining = "all"        // all of them
	MineSemiHard  Mining = "semi-hard"  // the negative is further than the positive, by less than the margin
	MineBatchHard Mining = "batch-hard" // for each anchor its furthest positive and its nearest negative
)
