package tsne

import "github.com/libtsne/libtsne/tsne/internal/metric"

// metrics have their definitions in internal/metric.
var metrics = [...]*metric.Metric{
	MetricEuclidean:   metric.Euclidean,
	MetricCosine:      metric.Cosine,
	MetricCorrelation: metric.Correlation,
	MetricManhattan:   metric.Manhattan,
	MetricChebyshev:   metric.Chebyshev,
	MetricHamming:     metric.Hamming,
}
