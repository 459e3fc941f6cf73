// Command pca writes the NEON kernel of package pca.
package main

import . "github.com/libtsne/libtsne/tsne/internal/asm/neon"

const width = 12 // columns of a panel: six vectors

func main() {
	Text("product4SIMD", "product4", "a, b *float64, k int, c *float64", "")
	a, b, k, c := Arg("a"), Arg("b"), Arg("k"), Arg("c")
	Comment("Four rows of the tile, of six vectors each.")
	var acc [4][]V
	tile := func(move func(v, w V, base R, disp int)) {
		for r := range acc {
			for v := 0; v < width/2; v += 2 {
				move(acc[r][v], acc[r][v+1], c, 8*(width*r+2*v))
			}
		}
	}
	for r := range acc {
		acc[r] = Vs(width / 2)
	}
	tile(LoadPair)
	x, y := Vs(2), Vs(width/2)
	At("row")
	Comment("A row: twelve columns of b times each of four of a.")
	LoadPair(x[0], x[1], a, 0)
	for v := 0; v < len(y); v += 2 {
		LoadPair(y[v], y[v+1], b, 16*v)
	}
	for r := range acc {
		for v := range y {
			D2.FmaLane(acc[r][v], y[v], x[r/2], r%2)
		}
	}
	I("ADD", 8*width, a)
	I("ADD", 8*width, b)
	I("SUB", 1, k)
	I("CBNZ", k, "row")
	Comment("The tile goes back.")
	tile(StorePair)
	I("RET")
	Write("pca")
}
