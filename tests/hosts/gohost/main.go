// Command gohost is the Go host of tests/hosts/run.sh:
//
//	fit x.npy y.f32 model.npz
//	place model.npz new.npy y.f32
package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"log"
	"os"

	"github.com/sbinet/npyio"

	"github.com/libtsne/libtsne/tsne"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 5 {
		log.Fatal("usage: gohost fit|place FILE FILE FILE")
	}
	var err error
	if file := os.Args[2:]; os.Args[1] == "fit" {
		err = fit(file[0], file[1], file[2])
	} else {
		err = place(file[0], file[1], file[2])
	}
	if err != nil {
		log.Fatal(err)
	}
}

func fit(data, to, model string) error {
	x, err := read(data)
	if err != nil {
		return err
	}
	e, err := tsne.Fit(context.Background(), x, tsne.Options{
		Perplexity: 25, EarlyIterations: 100, Iterations: 150, Exaggeration: 2, Init: tsne.InitRandom, Seed: 42,
	})
	if err != nil {
		return err
	}
	if err := e.Save(model); err != nil {
		return err
	}
	return write(to, e.Y())
}

func place(model, data, to string) error {
	x, err := read(data)
	if err != nil {
		return err
	}
	e, err := tsne.Load(model, tsne.Options{})
	if err != nil {
		return err
	}
	p, err := e.Transform(context.Background(), x, tsne.TransformOptions{K: 15, Iterations: 40})
	if err != nil {
		return err
	}
	return write(to, p.Y())
}

func read(name string) (x tsne.Matrix, err error) {
	f, err := os.Open(name)
	if err != nil {
		return x, err
	}
	defer f.Close()
	r, err := npyio.NewReader(f)
	if err != nil {
		return x, err
	}
	x.Rows, x.Cols = r.Header.Descr.Shape[0], r.Header.Descr.Shape[1]
	return x, r.Read(&x.Data)
}

func write(name string, y []float32) error {
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, y); err != nil {
		return err
	}
	return os.WriteFile(name, b.Bytes(), 0o666)
}
