package main

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
)

// A picture's size, its margin, and how much of a pixel a point covers at least.
const (
	side   = 1000
	margin = 30
)

// palette parts as many classes as people can tell apart; further ones begin again.
var palette = []uint32{
	0x3b6fb6, 0xe07b28, 0x3c9d4e, 0xc8373b, 0x8a62b0, 0x8b5a44, 0xd968b0, 0x6f7378, 0xb5b02e, 0x2aa9b8,
	0x9cbbe6, 0xf7bd85, 0x97d69b, 0xf2a09d, 0xc6b1dc, 0xc5a296, 0xf3b5da, 0xb9bcc0, 0xdad98c, 0x9adce4,
}

// plain is the colour without labels.
const plain = 0x1f3a5f

// plot is a map to draw.
type plot struct {
	image   *image.RGBA
	colours map[string]string // of each label, "#rrggbb"
}

func (p plot) write(w io.Writer) error { return png.Encode(w, p.image) }

// picture draws a map's first two columns; one of 1 column is a band. What points
// cover a pixel with adds up to its darkness, and their colours mix.
func picture(m placed, labels []string) plot {
	p := plot{image: image.NewRGBA(image.Rect(0, 0, side, side)), colours: map[string]string{}}
	of := map[string][3]float32{}
	for _, label := range labels {
		of[label] = [3]float32{}
	}
	for i, label := range sorted(of) {
		c := palette[i%len(palette)]
		of[label], p.colours[label] = rgb(c), fmt.Sprintf("#%06x", c)
	}
	n := len(m.y) / m.dims
	xy := make([][2]float64, n)
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for i := range xy {
		xy[i][0] = float64(m.y[i*m.dims])
		if m.dims > 1 {
			xy[i][1] = float64(m.y[i*m.dims+1])
		}
		for c, v := range xy[i] {
			low[c], high[c] = min(low[c], v), max(high[c], v)
		}
	}
	scale := (side - 2*margin) / max(high[0]-low[0], high[1]-low[1], 1e-30)
	// A point's radius in pixels, and the share of the ground's light that it takes.
	radius := min(max(180/math.Sqrt(float64(n)), 1.2), 6)
	dark := min(max(160/math.Sqrt(float64(n)), 0.25), 0.8)

	light := make([]float32, side*side) // logarithm of what is left of the ground's
	tint := make([][3]float32, side*side)
	for i, at := range xy {
		if m.dims == 1 {
			_, at[1] = math.Modf(float64(i) * math.Phi)
			at[1] = (at[1]-0.5)*side/8/scale + (low[1]+high[1])/2
		}
		x := side/2 + (at[0]-(low[0]+high[0])/2)*scale
		y := side/2 - (at[1]-(low[1]+high[1])/2)*scale
		colour := rgb(plain)
		if labels != nil {
			colour = of[labels[i]]
		}
		for v := int(y - radius - 1); v <= int(y+radius+1); v++ {
			for u := int(x - radius - 1); u <= int(x+radius+1); u++ {
				covers := min(max(radius+0.5-math.Hypot(float64(u)+0.5-x, float64(v)+0.5-y), 0), 1)
				if covers == 0 || u < 0 || v < 0 || u >= side || v >= side {
					continue
				}
				weight := float32(-math.Log1p(-covers * dark))
				light[v*side+u] -= weight
				for c := range colour {
					tint[v*side+u][c] += weight * colour[c]
				}
			}
		}
	}
	for at, l := range light {
		ground := float32(math.Exp(float64(l)))
		var mixed [3]uint8
		for c := range mixed {
			v := 255 * ground
			if l < 0 {
				v += (1 - ground) * tint[at][c] / -l
			}
			mixed[c] = uint8(v + 0.5)
		}
		p.image.SetRGBA(at%side, at/side, color.RGBA{mixed[0], mixed[1], mixed[2], 255})
	}
	return p
}

func rgb(c uint32) [3]float32 {
	return [3]float32{float32(c >> 16), float32(c >> 8 & 255), float32(c & 255)}
}
