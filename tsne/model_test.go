package tsne_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/libtsne/libtsne/tsne"
	"github.com/libtsne/libtsne/tsne/internal/npz"
)

// fitted has had the given iterations of a fit.
func fitted(t testing.TB, x tsne.Matrix, iterations int, o tsne.Options) *tsne.Embedding {
	t.Helper()
	o.EarlyIterations, o.Iterations = iterations, -1
	return must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o))
}

func modelBytes(t testing.TB, e *tsne.Embedding) []byte {
	t.Helper()
	var b bytes.Buffer
	n, err := e.WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatal(n, b.Len(), err)
	}
	return b.Bytes()
}

func readModel(b []byte) (*tsne.Embedding, error) {
	return tsne.Read(bytes.NewReader(b), int64(len(b)), tsne.Options{})
}

// tiny is a model of 24 points, in memory and as a file, whose points have
// been put in an order of their own.
func tiny(t testing.TB) (*tsne.Embedding, []byte) {
	t.Helper()
	e := fitted(t, blobs(24, 3, 3, 1), 20, tsne.Options{Perplexity: 5})
	b := modelBytes(t, e)
	order := make([]int32, 24)
	for i := range order {
		order[i] = int32(i * 7 % 24)
	}
	b = edited(t, b, func(h map[string]any, parts map[string]any) { parts["order"] = order })
	return must[*tsne.Embedding](t)(readModel(b)), b
}

// edited is a model file with some of its arrays changed, and every checksum
// as if it had been saved so.
func edited(t testing.TB, b []byte, edit func(header map[string]any, parts map[string]any)) []byte {
	t.Helper()
	r := must[*npz.Reader](t)(npz.NewReader(bytes.NewReader(b), int64(len(b))))
	header, parts, shapes := map[string]any{}, map[string]any{}, map[string][]int{}
	var names []string
	for i := range r.Arrays {
		a := &r.Arrays[i]
		names = append(names, a.Name)
		shapes[a.Name] = a.Shape
		switch a.Type {
		case "|u1":
			if err := json.Unmarshal(must[[]byte](t)(npz.ReadAll[uint8](r, a)), &header); err != nil {
				t.Fatal(err)
			}
		case "<i4":
			parts[a.Name] = must[[]int32](t)(npz.ReadAll[int32](r, a))
		case "<i8":
			parts[a.Name] = must[[]int64](t)(npz.ReadAll[int64](r, a))
		case "<f4":
			parts[a.Name] = must[[]float32](t)(npz.ReadAll[float32](r, a))
		}
	}
	edit(header, parts)
	for name := range parts {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	var arrays []map[string]any
	var writes []func(w *npz.Writer) error
	for _, name := range names[1:] {
		switch v := parts[name].(type) {
		case []uint8:
			arrays, writes = put(arrays, writes, name, shapes[name], v)
		case []int32:
			arrays, writes = put(arrays, writes, name, shapes[name], v)
		case []int64:
			arrays, writes = put(arrays, writes, name, shapes[name], v)
		case []float32:
			arrays, writes = put(arrays, writes, name, shapes[name], v)
		case []float64:
			arrays, writes = put(arrays, writes, name, shapes[name], v)
		}
	}
	if header["arrays"] != nil {
		header["arrays"] = arrays
	}
	text, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := npz.NewWriter(&out)
	err = npz.Write(w, "header", []int{len(text)}, npz.All(text))
	for _, write := range writes {
		err = errors.Join(err, write(w))
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func put[T npz.Number](arrays []map[string]any, writes []func(*npz.Writer) error, name string, shape []int, v []T) ([]map[string]any, []func(*npz.Writer) error) {
	n := 1
	for _, s := range shape {
		n *= s
	}
	if len(shape) == 0 || n != len(v) {
		shape = []int{len(v)}
	}
	return append(arrays, map[string]any{"name": name, "type": npz.TypeOf[T](), "shape": shape}),
		append(writes, func(w *npz.Writer) error { return npz.Write(w, name, shape, npz.All(v)) })
}

func TestSavedModelGoesOnWithTheSameBits(t *testing.T) {
	for _, c := range []struct {
		n int
		o tsne.Options
	}{
		{300, tsne.Options{}},
		{300, tsne.Options{Dims: 1, Repulsion: tsne.RepulsionBarnesHut, Theta: 0.3}},
		{5000, tsne.Options{Seed: 3, Threads: 2}}, // enough for an order in memory
		{5000, tsne.Options{DensityLambda: 0.1, DensityFraction: 0.5, DOF: 0.8, AutoStop: 5000, MaxGradNorm: 1}},
		{5000, tsne.Options{Dims: 3, Perplexities: []float64{10, 50}, EarlyMomentum: tsne.NoMomentum, MaxStepNorm: math.Inf(1)}},
	} {
		t.Run(fmt.Sprintf("%d points in %d-D", c.n, c.o.Dims), func(t *testing.T) {
			x := blobs(c.n, 6, 5, 4)
			whole := fitted(t, x, 60, c.o)
			part := must[*tsne.Embedding](t)(readModel(modelBytes(t, whole)))
			if !slices.Equal(part.Y(), whole.Y()) || part.KL() != whole.KL() || part.Iterations() != whole.Iterations() {
				t.Fatal("another map came back")
			}
			b := modelBytes(t, part)
			if !bytes.Equal(b, modelBytes(t, whole)) {
				t.Error("saving what was loaded gives other bytes")
			}
			if got, ok := part.Data(); !ok || got.Cols != x.Cols || !slices.Equal(got.Data, x.Data) {
				t.Error("the data are others")
			}
			for _, ph := range []tsne.Phase{{Iterations: 60}, {Iterations: 50, Exaggeration: 4, Anneal: 20}} {
				for _, e := range []*tsne.Embedding{whole, part} {
					if err := e.Optimize(ctx, ph); err != nil {
						t.Fatal(err)
					}
				}
				if !slices.Equal(part.Y(), whole.Y()) || part.KL() != whole.KL() {
					t.Error("optimising goes on with other bits")
				}
			}
			if p, q := part.Affinities(), whole.Affinities(); !slices.Equal(p.Val, q.Val) || !slices.Equal(p.Col, q.Col) || !slices.Equal(p.Ptr, q.Ptr) {
				t.Error("the affinities are others")
			}
		})
	}
}

func TestSavedPieces(t *testing.T) {
	x := blobs(4500, 4, 5, 2)
	o := tsne.Options{EarlyIterations: -1, Iterations: 0}
	whole := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{EarlyIterations: 1, Iterations: -1}))
	pieces := whole.Clone()
	if err := whole.Optimize(ctx, tsne.Phase{Iterations: 300}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "model.npz")
	for _, n := range []int{100, 0, 199, 1} {
		if err := pieces.Optimize(ctx, tsne.Phase{Iterations: n}); err != nil {
			t.Fatal(err)
		}
		if err := pieces.Save(path); err != nil {
			t.Fatal(err)
		}
		o.Threads = n%3 + 1
		pieces = must[*tsne.Embedding](t)(tsne.Load(path, o))
	}
	if !slices.Equal(pieces.Y(), whole.Y()) || pieces.KL() != whole.KL() {
		t.Error("saved and loaded on the way, the map is another")
	}
}

func TestModelWithoutData(t *testing.T) {
	x := blobs(60, 4, 3, 2)
	p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, tsne.Options{Perplexity: 10}))
	e := must[*tsne.Embedding](t)(tsne.NewEmbedding(p, scatter(60, 2, 1, 3), tsne.Options{}))
	back := must[*tsne.Embedding](t)(readModel(modelBytes(t, e)))
	if _, ok := back.Data(); ok {
		t.Error("data from nowhere")
	}
	if _, ok := back.DataChecksum(); ok {
		t.Error("a checksum of nothing")
	}
	if !math.IsNaN(back.KL()) || back.Iterations() != 0 {
		t.Error("an embedding that had no iterations:", back.KL(), back.Iterations())
	}
	if err := back.SetData(x); err != nil {
		t.Fatal(err)
	}
	if _, ok := back.DataChecksum(); !ok {
		t.Error("no checksum of the data")
	}
}

func TestDataChecksumIsSHA256(t *testing.T) {
	e := fitted(t, tsne.Matrix{Data: []float32{0, 1, 2, 3, 4, 5, 6, 8}, Rows: 4, Cols: 2}, 1, tsne.Options{})
	// hashlib.sha256(np.array([0, 1, 2, 3, 4, 5, 6, 8], "f4").tobytes()).hexdigest()
	const want = "f1982b9500b3b1adb4193477af04ff182ebf65ba42ddc15d05bf5f709b44a0fe"
	if got, _ := e.DataChecksum(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDamagedModels(t *testing.T) {
	_, b := tiny(t)
	if _, err := readModel(b); err != nil {
		t.Fatal(err)
	}
	refused := func(what string, b []byte) {
		t.Helper()
		e, err := readModel(b)
		if e != nil || !errors.Is(err, tsne.ErrFile) || errors.Is(err, tsne.ErrIO) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", what, err)
		}
	}
	for at := range b {
		bad := bytes.Clone(b)
		bad[at] ^= 1 << (at % 8)
		refused(fmt.Sprintf("byte %d altered", at), bad)
	}
	for end := 0; end < len(b); end += 1 + end%13 {
		refused(fmt.Sprintf("cut to %d bytes", end), b[:end])
	}
	refused("two in one", append(bytes.Clone(b), b...))
	refused("text", []byte("not a model\n"))
}

func TestForeignModels(t *testing.T) {
	_, b := tiny(t)
	inf := float32(math.Inf(1))
	type m = map[string]any
	set := func(part string, at int, v float64) func(h, parts m) {
		return func(h, parts m) {
			switch p := parts[part].(type) {
			case []int32:
				p[at] = int32(v)
			case []int64:
				p[at] = int64(v)
			case []float32:
				p[at] = float32(v)
			}
		}
	}
	option := func(name string, v any) func(h, parts m) {
		return func(h, parts m) { h["options"].(m)[name] = v }
	}
	head := func(name string, v any) func(h, parts m) { return func(h, parts m) { h[name] = v } }
	for says, edit := range map[string]func(header, parts m){
		"a model of format 4":                       head("version", 4),
		"not a model":                               head("format", "sklearn model"),
		"version is 0":                              head("version", 0),
		"rows is -1":                                head("rows", -1),
		"3 rows":                                    head("rows", 3),
		"embedding: shape [24 2], want [25 2]":      head("rows", 25),
		"iterations is -5":                          head("iterations", -5),
		"kl is +Inf":                                head("kl", "+Inf"),
		"plogp is NaN":                              head("plogp", "NaN"),
		"exaggeration is -1":                        head("exaggeration", -1),
		"\"x\" is not a number":                     head("kl", "x"),
		"the arrays are not those":                  head("arrays", nil),
		"not those of the checksum":                 head("data_sha256", "00"),
		"Dims: got 7":                               option("Dims", 7),
		"embedding: shape [24 2], want [24 3]":      option("Dims", 3),
		"Momentum: got 2":                           option("Momentum", 2),
		"option \"NotYet\" is not known here":       option("NotYet", 1),
		"option \"Threads\" is not known here":      option("Threads", 1),
		"option Perplexities":                       option("Perplexities", "many"),
		"option Seed":                               option("Seed", -1),
		"needs":                                     option("DensityLambda", 0.1),
		"place 3 holds row 24":                      set("order", 3, 24),
		"place 2 holds row -1":                      set("order", 2, -1),
		"want each of 24 rows once":                 set("order", 1, 0),
		"embedding: value 5 is NaN":                 set("embedding", 5, math.NaN()),
		"velocity: value 0 is +Inf":                 set("velocity", 0, math.Inf(1)),
		"gains: value 47 is -Inf":                   set("gains", 47, math.Inf(-1)),
		"data: value 1 is NaN":                      set("data", 1, math.NaN()),
		"affinities_indptr: value 0 is 1":           set("affinities_indptr", 0, 1),
		"affinities_indptr: value 4 is 2":           set("affinities_indptr", 4, 2),
		"affinities_indptr: value 24":               set("affinities_indptr", 24, 1e9),
		"affinities_indptr: value 5 is 1000000000,": set("affinities_indptr", 5, 1e9),
		"affinities_indices: entry":                 set("affinities_indices", 6, 24),
		"outside 0 to 23":                           set("affinities_indices", 0, -1),
		"column 18 is -1":                           set("affinities_data", 3, -1),
		"column 18 is NaN":                          set("affinities_data", 3, math.NaN()),
		"it has no gains":                           func(h, p m) { delete(p, "gains") },
		"it has no affinities_data":                 func(h, p m) { delete(p, "affinities_data") },
		"not symmetric: row 0, column ":             set("affinities_data", 1, 0.2),
		"row 0 has a value on the diagonal":         set("affinities_indices", 0, 0),
		"columns do not ascend":                     func(h, p m) { c := p["affinities_indices"].([]int32); c[0], c[1] = c[1], c[0] },
		"the values sum to 2": func(h, p m) {
			for i, v := range p["affinities_data"].([]float32) {
				p["affinities_data"].([]float32)[i] = 2 * v
			}
		},
		"option Perplexities: value 1 is NaN": option("Perplexities", []any{3, "NaN"}),
		"option Perplexity: is NaN":           option("Perplexity", "NaN"),
		"10 arrays, want 9":                   func(h, p m) { p["more"] = []int32{1} },
		"order: shape [23]":                   func(h, p m) { p["order"] = p["order"].([]int32)[1:] },
		"affinities_data: shape":              func(h, p m) { p["affinities_data"] = p["affinities_data"].([]float32)[1:] },
		"gains is of type <f8, want <f4":      func(h, p m) { p["gains"] = make([]float64, 48) },
		"radii: value 23":                     func(h, p m) { p["radii"] = append(make([]float32, 23), inf) },
		"center: shape [2]":                   func(h, p m) { p["center"] = make([]float64, 2) },
		"Center of column 2 is NaN":           func(h, p m) { p["center"] = []float64{0, 0, math.NaN()} },
		"data: not those of the checksum":     func(h, p m) { p["center"] = []float64{0, 1, 0} },
		"asked_perplexities has -1":           head("asked_perplexities", []float64{60, -1}),
		"names: got 2, want 3":                head("columns", []string{"a", "b"}),
		"names: that of column 1 is no UTF-8": head("columns", []string{"a", "b\x00", ""}),
		"data: shape [71]":                    func(h, p m) { p["data"] = p["data"].([]float32)[1:] },
	} {
		bad := edited(t, b, edit)
		e, err := readModel(bad)
		if e != nil || !errors.Is(err, tsne.ErrFile) || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v", says, err)
		}
	}
	if _, err := tsne.Read(bytes.NewReader(b), int64(len(b)), tsne.Options{Threads: -1}); !errors.Is(err, tsne.ErrOption) {
		t.Error(err)
	}
	var other bytes.Buffer
	w := npz.NewWriter(&other)
	if err := errors.Join(npz.Write(w, "X", []int{3}, npz.All([]float32{1, 2, 3})), w.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := readModel(other.Bytes()); !errors.Is(err, tsne.ErrFile) || err.Error() != "model: not a model: it does not begin with a header" {
		t.Error(err)
	}
}

func TestModelPaths(t *testing.T) {
	e, _ := tiny(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "model.npz")
	if err := e.Save(path); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, modelBytes(t, e)) {
		t.Fatal("Save and WriteTo differ", err)
	}
	for _, bad := range []string{"", dir, filepath.Join(dir, "no", "such"), filepath.Join(path, "below")} {
		if err := e.Save(bad); !errors.Is(err, tsne.ErrIO) || !strings.HasPrefix(err.Error(), "save "+bad+": ") || strings.Contains(err.Error(), "tmp:") {
			t.Errorf("save to %q: %v", bad, err)
		}
		if got, err := tsne.Load(bad, tsne.Options{}); got != nil || !errors.Is(err, tsne.ErrIO) || strings.Contains(err.Error(), "\n") {
			t.Errorf("load of %q: %v", bad, err)
		}
	}
	if err := os.WriteFile(path, []byte("X,Y\n1,2\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := tsne.Load(path, tsne.Options{}); !errors.Is(err, tsne.ErrFile) || !strings.HasPrefix(err.Error(), path+": not a zip archive") {
		t.Error(err)
	}
	if _, err := tsne.Read(brokenDisk{}, 1000, tsne.Options{}); !errors.Is(err, tsne.ErrIO) || !errors.Is(err, errDisk) || errors.Is(err, tsne.ErrFile) {
		t.Error(err)
	}
	if _, err := e.WriteTo(brokenDisk{}); !errors.Is(err, tsne.ErrIO) || !errors.Is(err, errDisk) {
		t.Error(err)
	}
	if _, err := os.Stat("/dev/full"); err == nil {
		if err := e.Save("/dev/full"); !errors.Is(err, tsne.ErrIO) || !strings.Contains(err.Error(), "no space left") {
			t.Error("a full disk:", err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Error("left behind:", entries, err)
	}
}

type brokenDisk struct{}

var errDisk = errors.New("the disk is broken")

func (brokenDisk) ReadAt([]byte, int64) (int, error) { return 0, errDisk }
func (brokenDisk) Write([]byte) (int, error)         { return 0, errDisk }

// FuzzModel changes bytes inside the arrays of a model whose checksums are
// right: what loads must be a model to work with.
func FuzzModel(f *testing.F) {
	_, b := tiny(f)
	names := []string{"header", "embedding", "velocity", "gains", "order", "affinities_indptr", "affinities_indices", "affinities_data", "data"}
	for i := range names {
		f.Add(uint8(i), uint16(40), []byte{0xff, 0x7f, 0x00})
		f.Add(uint8(i), uint16(0), []byte{1})
	}
	f.Add(uint8(0), uint16(300), []byte(`"Dims":1,`))
	f.Fuzz(func(t *testing.T, which uint8, at uint16, bytesOf []byte) {
		name := names[int(which)%len(names)]
		e, err := readModel(patched(t, b, name, int(at), bytesOf))
		if err != nil {
			if !errors.Is(err, tsne.ErrFile) || strings.Contains(err.Error(), "\n") {
				t.Error(err)
			}
			return
		}
		if err := e.Optimize(ctx, tsne.Phase{Iterations: 2}); err != nil && !errors.Is(err, tsne.ErrOption) {
			t.Error(err)
		}
		modelBytes(t, e)
	})
}

// patched is a model file with bytes of one array overwritten, and the
// checksums right.
func patched(t testing.TB, b []byte, name string, at int, with []byte) []byte {
	r := must[*npz.Reader](t)(npz.NewReader(bytes.NewReader(b), int64(len(b))))
	var out bytes.Buffer
	w := npz.NewWriter(&out)
	var err error
	for i := range r.Arrays {
		a := &r.Arrays[i]
		patch := []byte(nil)
		if a.Name == name {
			patch = with
		}
		switch a.Type {
		case "|u1":
			err = errors.Join(err, copyPatched[uint8](w, r, a, at, patch))
		case "<i4":
			err = errors.Join(err, copyPatched[int32](w, r, a, at, patch))
		case "<i8":
			err = errors.Join(err, copyPatched[int64](w, r, a, at, patch))
		case "<f4":
			err = errors.Join(err, copyPatched[float32](w, r, a, at, patch))
		}
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func copyPatched[T npz.Number](w *npz.Writer, r *npz.Reader, a *npz.Array, at int, patch []byte) error {
	v, err := npz.ReadAll[T](r, a)
	if err != nil {
		return err
	}
	raw, err := binary.Append(nil, binary.LittleEndian, v)
	if err != nil {
		return err
	}
	copy(raw[at%len(raw):], patch)
	if _, err := binary.Decode(raw, binary.LittleEndian, v); err != nil {
		return err
	}
	return npz.Write(w, a.Name, a.Shape, npz.All(v))
}
