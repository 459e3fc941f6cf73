package knn

import (
	"context"
	"os"
	"sync/atomic"
	"unsafe"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// aside has the rows of a lean search in a file of its own, in the order of the slots: what is gathered
// of a list is one piece of it, where rows that are near each other lie all over the data they come from.
type aside struct {
	file   *os.File
	d      int
	failed atomic.Pointer[error]
}

// bandBytes is the room, for each slot, in which rows are brought in order: less than the search takes afterwards.
const bandBytes = 32

// setAside writes the rows of x at slots, and of empty slots zeros, to a file in dir that nobody else sees. It reads x from one
// end to the other as often as the rows do not fit in the room.
func setAside(ctx context.Context, pool *par.Pool, dir string, x []float32, d int, slots []int32) (a *aside, err error) {
	file, err := os.CreateTemp(dir, ".tsne-rows-*")
	if err != nil {
		return nil, err
	}
	a = &aside{file: file, d: d}
	os.Remove(file.Name()) // where a file that is open can be: a process that is killed leaves nothing
	defer func() {
		if err != nil {
			a.close()
		}
	}()
	n := len(x) / d
	place := make([]int32, n)
	for at, row := range slots {
		if row >= 0 {
			place[row] = int32(at)
		}
	}
	each := max(len(slots)*bandBytes/(4*d), width)
	band := make([]float32, min(each, len(slots))*d)
	for lo := 0; lo < len(slots); lo += each {
		band = band[:min(each, len(slots)-lo)*d]
		clear(band)
		err := pool.ForContext(ctx, n, 4096, func(_, from, to int) {
			for i := from; i < to; i++ {
				if at := int(place[i]) - lo; at >= 0 && at < len(band)/d {
					copy(band[at*d:][:d], x[i*d:])
				}
			}
		})
		if err != nil {
			return nil, err
		}
		if _, err := file.WriteAt(asBytes(band), 4*int64(lo)*int64(d)); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func asBytes(v []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), 4*len(v))
}

func (a *aside) close() {
	a.file.Close()
	os.Remove(a.file.Name())
}

// read fills x with the rows from a slot on, size values apart.
func (a *aside) read(x []float32, slot, size int) {
	n := len(x) / size
	rows := x[n*(size-a.d):]
	if _, err := a.file.ReadAt(asBytes(rows), 4*int64(slot)*int64(a.d)); err != nil {
		a.failed.Store(&err)
	}
	for i := range n { // no row lies before its place
		copy(x[i*size:], rows[i*a.d:][:a.d])
		clear(x[i*size+a.d : (i+1)*size])
	}
}

// err is what reading failed with.
func (a *aside) err() error {
	if a == nil {
		return nil
	}
	if err := a.failed.Load(); err != nil {
		return *err
	}
	return nil
}
