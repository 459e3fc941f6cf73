package tsne

import "context"

// Quality is what the paper judges a map by.
type Quality struct {
	KNN float64 // mean share of the 10 nearest neighbours in the data that are among the 10 nearest in the map
	KNC float64 // the same for the 4 nearest class means of each class; NaN without labels
	CPD float64 // Spearman correlation of the distances between 1000 random points in data and map
}

// MeasureQuality judges y (x.Rows x dims) as a map of x; labels, x.Rows of
// them or nil, are the classes, a negative one is none.
func MeasureQuality(ctx context.Context, x Matrix, y []float32, dims int, labels []int32, o Options) (Quality, error) {
	return Quality{}, fail(ErrInternal, "quality: not built")
}
