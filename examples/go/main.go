// Command go embeds a data set read from a .npy file and writes the map as
// another: go run ./examples/go data.npy map.npy
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/sbinet/npyio"

	"github.com/libtsne/libtsne/tsne"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: go run ./examples/go data.npy map.npy")
	}
	x, err := read(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	e, err := tsne.Fit(ctx, x, tsne.Options{Progress: func(p tsne.Progress) bool {
		if p.Stage == tsne.StageOptimize {
			fmt.Printf("iteration %d of %d, KL %.4f\n", p.Iteration, p.Iterations, p.KL)
		}
		return false
	}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d x %d, KL %.4f\n", x.Rows, x.Cols, e.KL())
	if err := write(os.Args[2], e); err != nil {
		log.Fatal(err)
	}
}

// read takes a two-dimensional array of float32, float64 or uint8 in C order.
func read(name string) (x tsne.Matrix, err error) {
	f, err := os.Open(name)
	if err != nil {
		return x, err
	}
	defer f.Close()
	r, err := npyio.NewReader(f)
	if err != nil {
		return x, fmt.Errorf("%s: %w", name, err)
	}
	h := r.Header.Descr
	if len(h.Shape) != 2 || h.Fortran {
		return x, fmt.Errorf("%s: shape %v, Fortran order %v, want two dimensions in C order", name, h.Shape, h.Fortran)
	}
	x.Rows, x.Cols = h.Shape[0], h.Shape[1]
	switch h.Type {
	case "<f4":
		err = r.Read(&x.Data)
	case "<f8":
		x.Data, err = convert[float64](r)
	case "|u1":
		x.Data, err = convert[uint8](r)
	default:
		err = fmt.Errorf("%s: type %s, want float32, float64 or uint8", name, h.Type)
	}
	return x, err
}

func convert[T float64 | uint8](r *npyio.Reader) ([]float32, error) {
	var v []T
	if err := r.Read(&v); err != nil {
		return nil, err
	}
	data := make([]float32, len(v))
	for i := range v {
		data[i] = float32(v[i])
	}
	return data, nil
}

func write(name string, e *tsne.Embedding) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	y := make([][2]float32, e.N())
	for i, v := range e.Y() {
		y[i/2][i%2] = v
	}
	if err := npyio.Write(f, y); err != nil {
		return err
	}
	return f.Close()
}
