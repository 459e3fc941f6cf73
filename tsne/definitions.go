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

// starts have theirs in init_*.go. They are set here, not where they are declared,
// since one makes a map of its own.
var starts []start

func init() {
	starts = []start{
		InitPCA:      pcaStart,
		InitRandom:   randomStart,
		InitGiven:    givenStart,
		InitSpectral: spectralStart,
		InitSample:   sampleStart,
	}
}
