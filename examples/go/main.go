// Command go embeds a matrix read from a NumPy file, the array of a .npy or the only one of a
// .npz, and writes the map as a .npy: go run ./examples/go data.npy map.npy
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/libtsne/libtsne/tsne"
	"github.com/libtsne/libtsne/tsne/npy"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: go run ./examples/go data.npy map.npy")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, data, to string) error {
	o := tsne.Options{Progress: func(p tsne.Progress) bool {
		if p.Stage == tsne.StageOptimize {
			fmt.Printf("iteration %d of %d, KL %.4f\n", p.Iteration, p.Iterations, p.KL)
		}
		return false
	}}
	a, err := npy.Read(ctx, data)
	if err != nil {
		return err
	}
	x, err := a.Matrix(ctx, o)
	if err != nil {
		return err
	}
	e, err := tsne.Fit(ctx, x, o)
	if err != nil {
		return err
	}
	fmt.Printf("%d x %d, KL %.4f\n", x.Rows, x.Cols, e.KL())
	return npy.Write(ctx, to, e.Y(), e.Dims())
}
