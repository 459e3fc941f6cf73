//go:build !(amd64 || arm64) || purego

package vec

func attractSIMD(int, []float32, []float32, []int64, []int32, []float32, int, int) bool {
	return false
}

func attractDOFSIMD(int, float32, []float32, []float32, []int64, []int32, []float32, int, int) bool {
	return false
}

func sumPLogSIMD(*[8]float64, int, []float32, []int64, []int32, []float32, int, int) bool {
	return false
}

func updateSIMD(*Step, float32, []float32, []float32, []float32, []float32, []float32, *totals) int {
	return 0
}

func gaussSIMD([]float64, []float64, float64, *[3][8]float64) int { return 0 }

func partSIMD([]int32, []float32, []int32, *[2]float32) int { return 0 }

func widenSIMD([]float32, []uint16, uint32) int { return 0 }

func attractShortSIMD(_ int, _, _ []float32, _ []int64, _ []int32, _ []uint16, _ Short, lo, _ int) int {
	return lo
}

func attractPackedSIMD(_ int, _, _ []float32, _ []int64, _ []int32, _ *[2]float32, lo, _ int) int {
	return lo
}

// Fetch does nothing here.
func Fetch[T any]([]T) {}
