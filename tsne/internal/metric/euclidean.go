package metric

// Euclidean is the square root of the sum of squared differences.
var Euclidean = define(Metric{Name: "Euclidean", Origin: Free, Inner: &Inner{}})
