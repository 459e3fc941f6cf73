package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/libtsne/libtsne/tsne"
	"github.com/libtsne/libtsne/tsne/npy"
)

var (
	ctx     = context.Background()
	program string
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "tsne")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "tsne.exe")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%s", out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// ran is what became of a run of the program.
type ran struct {
	out, err string
	code     int
}

func tsneIn(t *testing.T, dir, stdin string, args ...string) ran {
	t.Helper()
	var out, errs bytes.Buffer
	c := exec.Command(program, args...)
	c.Dir, c.Stdin, c.Stdout, c.Stderr = dir, strings.NewReader(stdin), &out, &errs
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return ran{out.String(), errs.String(), c.ProcessState.ExitCode()}
}

func good(t *testing.T, r ran) ran {
	t.Helper()
	if r.code != 0 {
		t.Fatalf("ended with %d: %s", r.code, r.err)
	}
	return r
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// blobs are rows about three centres, row i about centre i % 3, and the brief options
// of a map of them.
const (
	rows, cols = 90, 5
	early      = 30
	late       = 20
)

func blobs() []float32 {
	r := rand.New(rand.NewPCG(1, 2))
	x := make([]float32, rows*cols)
	for i := range x {
		x[i] = float32(r.NormFloat64()) + 8*float32(i/cols%3)*float32(i%cols%2)
	}
	return x
}

var brief = []string{"--early-iterations", strconv.Itoa(early), "--iterations", strconv.Itoa(late), "--progress", "none"}

func with(args ...string) []string { return append(args, brief...) }

// store writes blobs as x.npy, x.csv with names, plain.tsv without, x.npz and far.npy,
// and the first ten of their rows as new.npy and, columns shuffled, new.csv.
func store(t *testing.T) string {
	dir := t.TempDir()
	x := blobs()
	must[any](t)(nil, npy.Write(ctx, filepath.Join(dir, "x.npy"), x, cols))
	must[any](t)(nil, npy.Write(ctx, filepath.Join(dir, "new.npy"), x[:10*cols], cols))
	must[any](t)(nil, npy.Write(ctx, filepath.Join(dir, "far.npy"), far(), cols))
	write(t, dir, "x.csv", text(x, ",", true))
	write(t, dir, "plain.tsv", text(x, "\t", false))
	var lines []string
	for i := range 10 {
		var cells []string
		for _, c := range []int{3, 0, 4, 2, 1} {
			cells = append(cells, fmt.Sprint(x[i*cols+c]))
		}
		lines = append(lines, fmt.Sprintf("new %d,%s", i, strings.Join(cells, ",")))
	}
	write(t, dir, "new.csv", "cell,g3,g0,g4,g2,g1\n"+strings.Join(lines, "\n"))
	return dir
}

func far() []float64 {
	y := make([]float64, rows*cols)
	for i, v := range blobs() {
		y[i] = 1e9 + float64(v)
	}
	return y
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func text[T float32 | float64](x []T, comma string, names bool) string {
	var b strings.Builder
	if names {
		b.WriteString("cell" + comma + "g0" + comma + "g1" + comma + "g2" + comma + "g3" + comma + "g4\r\n")
	}
	i := 0
	for row := range slices.Chunk(x, cols) {
		if names {
			fmt.Fprintf(&b, "\"cell, %d\"%s", i, comma)
		}
		var cells []string
		for _, v := range row {
			cells = append(cells, fmt.Sprint(v))
		}
		b.WriteString(strings.Join(cells, comma) + "\n")
		i++
	}
	return b.String()
}

func fitted(t *testing.T, o tsne.Options) *tsne.Embedding {
	t.Helper()
	if o.EarlyIterations == 0 {
		o.EarlyIterations, o.Iterations = early, late
	}
	return must[*tsne.Embedding](t)(tsne.Fit(ctx, tsne.Matrix{Data: blobs(), Rows: rows, Cols: cols}, o))
}

func arrayOf(t *testing.T, path string) []float32 {
	t.Helper()
	return must[*npy.Array](t)(npy.Read(ctx, path)).Float32
}

func decoded(t *testing.T, b string) []float32 {
	t.Helper()
	return must[*npy.Array](t)(npy.ReadFrom(ctx, strings.NewReader(b), int64(len(b)), "output", "")).Float32
}

func TestFitHasTheEnginesBits(t *testing.T) {
	dir := store(t)
	start := make([]float32, 2*rows)
	for i := range start {
		start[i] = float32(i%7) / 1000
	}
	must[any](t)(nil, npy.Write(ctx, filepath.Join(dir, "start.npy"), start, 2))
	for flags, o := range map[string]tsne.Options{
		"": {},
		"--perplexity 5,20 --affinity multiscale --metric manhattan --dims 1 --init random --seed 18446744073709551615": {
			Perplexities: []float64{5, 20}, Affinity: tsne.AffinityMultiscale, Metric: tsne.MetricManhattan, Dims: 1,
			Init: tsne.InitRandom, Seed: math.MaxUint64},
		"--early-momentum 0 --max-step-norm 0 --learning-rate 50 --repulsion barnes_hut --theta=0.3": {
			EarlyMomentum: tsne.NoMomentum, MaxStepNorm: -1, LearningRate: 50, Repulsion: tsne.RepulsionBarnesHut, Theta: 0.3},
		"--init start.npy -exaggeration 4":                     {Init: tsne.InitGiven, InitY: start, Exaggeration: 4},
		"--init sample --sample-size 40 --dof 0.8 --threads 1": {Init: tsne.InitSample, SampleSize: 40, DOF: 0.8},
		"--k 9 --init pca --preset atlas":                      {Affinity: tsne.AffinityUniform, K: 9, AnnealIterations: 250},
		"--preset atlas --init start.npy":                      {Affinity: tsne.AffinityUniform, K: 15, Init: tsne.InitGiven, InitY: start, AnnealIterations: 250},
	} {
		want := fitted(t, o).Y()
		good(t, tsneIn(t, dir, "", with(append([]string{"x.npy", "y.npy"}, strings.Fields(flags)...)...)...))
		if got := arrayOf(t, filepath.Join(dir, "y.npy")); !slices.Equal(got, want) {
			t.Errorf("%s: another map", flags)
		}
	}
}

// The same numbers are the same data, however they come and go.
func TestFormats(t *testing.T) {
	dir := store(t)
	want := fitted(t, tsne.Options{}).Y()
	file := func(name string) string { return string(must[[]byte](t)(os.ReadFile(filepath.Join(dir, name)))) }

	good(t, tsneIn(t, dir, "", with("x.csv", "y.npz")...))
	if !slices.Equal(arrayOf(t, filepath.Join(dir, "y.npz")), want) {
		t.Error("x.csv to y.npz: another map")
	}
	good(t, tsneIn(t, dir, "", with("y.npz", "again.npy")...)) // a map is data like any
	good(t, tsneIn(t, dir, "", with("x.npy", "y.npy", "--save", "m.npz")...))
	good(t, tsneIn(t, dir, "", with("m.npz:data", "y.npy")...))
	if !slices.Equal(arrayOf(t, filepath.Join(dir, "y.npy")), want) {
		t.Error("m.npz:data: another map")
	}
	for _, in := range []string{file("x.npy"), file("plain.tsv"), file("x.csv"), "\xef\xbb\xbf" + file("x.csv")} {
		if got := good(t, tsneIn(t, dir, in, with("-", "-", "--format", "npy")...)); !slices.Equal(decoded(t, got.out), want) {
			t.Errorf("the standard input %.20q: another map", in)
		}
	}
	if got := good(t, tsneIn(t, dir, "", with("x.npy", "-")...)); !slices.Equal(decoded(t, got.out), want) {
		t.Error("the standard output is not of the data's format")
	}

	good(t, tsneIn(t, dir, "", with("x.csv", "y.csv")...))
	lines := strings.Split(strings.TrimSpace(file("y.csv")), "\n")
	if lines[0] != "cell,tsne_1,tsne_2" || len(lines) != rows+1 {
		t.Errorf("%d lines, the first %q", len(lines), lines[0])
	}
	for i, line := range lines[1:] {
		y := want[2*i:]
		if line != fmt.Sprintf("\"cell, %d\",%s,%s", i, short(y[0]), short(y[1])) {
			t.Fatalf("row %d: %s, want %v", i, line, y[:2])
		}
	}
	if got := good(t, tsneIn(t, dir, file("plain.tsv"), with("-", "-")...)); !strings.HasPrefix(got.out, "tsne_1\ttsne_2\n"+short(want[0])+"\t") {
		t.Errorf("got %.60q", got.out)
	}

	// Doubles that float32 cannot hold.
	write(t, dir, "far.csv", text(far(), ",", true))
	a := good(t, tsneIn(t, dir, "", with("far.csv", "-", "--format", "npy")...))
	b := good(t, tsneIn(t, dir, "", with("far.npy", "-")...))
	if a.out != b.out || slices.Equal(decoded(t, a.out), want) {
		t.Error("doubles of text and of NumPy's differ")
	}
}

func short(v float32) string { return strconv.FormatFloat(float64(v), 'g', -1, 32) }

func TestTables(t *testing.T) {
	auto := reading{header: "auto", rowNames: "auto"}
	for _, c := range []struct {
		text string
		how  reading
		want table
	}{
		{"1,2\n3,4\n", auto, table{}},
		{"1\t2\n3\t4", auto, table{}},
		{"a,b\n1,2\n3,4", auto, table{columns: []string{"a", "b"}}},
		{"x,1,2\ny,3,4", auto, table{rows: []string{"x", "y"}}},
		{",a,b\nx,1,2\ny,3,4", auto, table{columns: []string{"a", "b"}, rows: []string{"x", "y"}}},
		{"a,b\nx,1,2\ny,3,4", auto, table{columns: []string{"a", "b"}, rows: []string{"x", "y"}}},
		{",0,1\n0,1,2\n1,3,4", auto, table{columns: []string{"0", "1"}, rows: []string{"0", "1"}}},
		{"id,a,b\n\"x\"\"\",1,2\ny,3,4\n", auto, table{columns: []string{"a", "b"}, rows: []string{`x"`, "y"}, corner: "id"}},
		{"10,11\n1,2\n3,4", reading{header: "yes", rowNames: "auto"}, table{columns: []string{"10", "11"}}},
		{"7,1,2\n8,3,4", reading{header: "no", rowNames: "yes"}, table{rows: []string{"7", "8"}}},
		{"id,b\n1,2\n3,4", reading{header: "auto", rowNames: "no"}, table{columns: []string{"id", "b"}}},
	} {
		path := filepath.Join(t.TempDir(), "x.txt")
		if err := os.WriteFile(path, []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		got, err := c.how.read(ctx, path)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if !slices.Equal(got.columns, c.want.columns) || !slices.Equal(got.rows, c.want.rows) || got.corner != c.want.corner ||
			!slices.Equal(got.array.Float64, []float64{1, 2, 3, 4}) || !slices.Equal(got.array.Shape, []int{2, 2}) {
			t.Errorf("%q: got %+v of %v", c.text, got, got.array)
		}
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	must[int](t)(z.Write([]byte("1\t2\n3\t4\n")))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir, "x.tsv.gz", packed.String())
	if got := must[*table](t)(auto.read(ctx, filepath.Join(dir, "x.tsv.gz"))); !slices.Equal(got.array.Float64, []float64{1, 2, 3, 4}) {
		t.Errorf("gzip: got %v", got.array)
	}
	write(t, dir, "cut.csv.gz", packed.String()[:packed.Len()-6])
	if _, err := auto.read(ctx, filepath.Join(dir, "cut.csv.gz")); err == nil || !strings.Contains(err.Error(), "cut.csv.gz: ") {
		t.Errorf("a cut file: %v", err)
	}
}

func TestTransformHasTheEnginesBits(t *testing.T) {
	dir := store(t)
	good(t, tsneIn(t, dir, "", with("x.csv", "y.csv", "--save", "m.npz")...))
	e := must[*tsne.Embedding](t)(tsne.Load(filepath.Join(dir, "m.npz"), tsne.Options{}))
	if !slices.Equal(e.Y(), fitted(t, tsne.Options{}).Y()) || !slices.Equal(e.Names(), []string{"g0", "g1", "g2", "g3", "g4"}) {
		t.Errorf("the model is another, or its names are: %v", e.Names())
	}
	q := tsne.Matrix{Data: blobs()[:10*cols], Rows: 10, Cols: cols}
	for flags, o := range map[string]tsne.TransformOptions{
		"": {},
		"--k 3 --placement weighted --iterations 12 --early-momentum 0 --max-grad-norm 0 --perplexity 4,8": {
			K: 3, Placement: tsne.PlaceWeighted, Iterations: 12, EarlyMomentum: tsne.NoMomentum, MaxGradNorm: -1, Perplexities: []float64{4, 8}},
		"--columns 0,1,2,3,4 --neighbors exact": {Columns: []int32{0, 1, 2, 3, 4}, Neighbors: tsne.NeighborsExact},
	} {
		want := must[*tsne.Partial](t)(e.Transform(ctx, q, o)).Y()
		args := append([]string{"transform", "m.npz", "new.npy", "-", "--progress", "none"}, strings.Fields(flags)...)
		if got := good(t, tsneIn(t, dir, "", args...)); !slices.Equal(decoded(t, got.out), want) {
			t.Errorf("%s: other positions", flags)
		}
	}
	want := must[*tsne.Partial](t)(e.Transform(ctx, q, tsne.TransformOptions{})).Y()
	good(t, tsneIn(t, dir, "", "transform", "m.npz", "new.csv", "n.npy", "--progress", "none"))
	if !slices.Equal(arrayOf(t, filepath.Join(dir, "n.npy")), want) {
		t.Error("columns by name: other positions")
	}
	must[any](t)(nil, npy.Write(ctx, filepath.Join(dir, "places.npy"), want, 2))
	got := good(t, tsneIn(t, dir, "", "transform", "m.npz", "new.npy", "-", "--placement", "places.npy", "--progress", "none"))
	if !slices.Equal(decoded(t, got.out), want) {
		t.Error("given places are not kept")
	}
}

func TestErrors(t *testing.T) {
	dir := store(t)
	good(t, tsneIn(t, dir, "", with("x.csv", "y.csv", "--save", "m.npz")...))
	good(t, tsneIn(t, dir, "", with("x.npy", "y.npy", "--save", "bare.npz", "--keep-data=false")...))
	nan := blobs()
	nan[3*cols+2] = float32(math.NaN())
	must[any](t)(nil, npy.Write(ctx, filepath.Join(dir, "nan.npy"), nan, cols))
	must[any](t)(nil, npy.Write(ctx, filepath.Join(dir, "short.npy"), nan[:6], 2))
	hole := make([]float32, 2*rows)
	hole[2] = nan[3*cols+2]
	must[any](t)(nil, npy.Write(ctx, filepath.Join(dir, "hole.npy"), hole, 2))
	write(t, dir, "wide.csv", strings.Replace(text(blobs(), ",", true), "\"cell, 2\"", "\"cell, 2\",5", 1))
	write(t, dir, "nan.csv", text(nan, ",", true))
	write(t, dir, "ragged.csv", "a,b\n1,2\n3\n")
	write(t, dir, "word.csv", "id,a,b\nc1,1,2\nc2,3,high\nc3,1,2\nc4,1,1\n")
	write(t, dir, "missing.tsv", "1\t2\n3\tNA\n")
	write(t, dir, "quote.csv", "1,2\n3,\"4\n")
	write(t, dir, "zero.csv", "id,a,b\nc1,1,2\nc2,0,0\nc3,1,2\nc4,1,1\nc5,0,1\n")
	write(t, dir, "empty.csv", "")
	write(t, dir, "header.csv", "a,b\n")
	write(t, dir, "false.npy", "1,2\n3,4\n")
	write(t, dir, "few.csv", "1,2\n3,4\n")
	write(t, dir, "other.csv", "g0,g1,g2,g3,q\n1,2,3,4,5\n")
	write(t, dir, "twice.csv", "g0,g1,g2,g3,g3\n1,2,3,4,5\n")
	write(t, dir, "labels.csv", "a\nb\n")
	before := names(t, dir)
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"none.npy z.npy", 1, "none.npy: no such file"},
		{". z.npy", 1, ".: is a directory"},
		{"nan.npy z.npy", 1, "nan.npy: row 3, column 2 is NaN, want a finite value"},
		{"nan.csv z.npy", 1, `nan.csv: line 5 (cell, 3), column 3 (g2): got "NaN", want a finite number`},
		{"wide.csv z.npy", 1, "wide.csv: line 4 has 6 values, line 2 has 5"},
		{"ragged.csv z.npy", 1, "ragged.csv: line 3 has 1 values, line 2 has 2"},
		{"word.csv z.npy", 1, `word.csv: line 3 (c2), column 2 (b): got "high", want a finite number`},
		{"missing.tsv z.npy", 1, `missing.tsv: line 2, column 2: got "NA", want a finite number`},
		{"quote.csv z.npy", 1, "quote.csv: line "},
		{"empty.csv z.npy", 1, "empty.csv: empty, want rows of numbers"},
		{"header.csv z.npy", 1, "header.csv: got a header alone"},
		{"false.npy z.npy", 1, "false.npy: not a NumPy file"},
		{"few.csv z.npy", 1, "few.csv: got 2 rows, want at least 4"},
		{"m.npz z.npy", 1, "m.npz: got 8 arrays (header, embedding"},
		{"m.npz:embeddings z.npy", 1, `m.npz: got no array "embeddings", want one of header`},
		{"x.npy z.npy --k 90", 1, "--k: got 90, want 1 to 89, one less than the points"},
		{"zero.csv z.npy --metric cosine", 1, "--metric: cosine: row 1 (c2) of zero.csv is all zeros"},
		{"x.npy z.npy --affinity fixed_sigma", 1, "--sigma: got 0, want above 0"},
		{"x.npy z.npy --max-memory 5", 1, "memory: 90 x 5 data need about"},
		{"x.npy z.npy --dims 3 --repulsion fft", 1, "--repulsion: got fft with --dims 3, want barnes_hut or exact"},
		{"x.npy z.npy --init short.npy", 1, "--init: short.npy: got an array of shape [3 2] for data of shape [90 5]"},
		{"x.npy z.npy --init hole.npy", 1, "--init: row 1, column 0 is NaN"},
		{"x.npy z.npy --init x.npy", 1, "--init: got 450 values, want 90 rows x 2 columns"},
		{"x.npy z.npy --plot z.png --labels none.csv", 1, "--labels: none.csv: no such file"},
		{"x.npy z.npy --plot z.png --labels labels.csv", 1, "--labels: labels.csv: got 2 labels, want 90"},
		{"x.npy none/z.npy", 1, "none/z.npy: no such file"},
		{"x.npy z.npy --save none/m.npz", 1, "none/m.npz: no such file"},
		{"m.npz:data m.npz", 2, "m.npz: would be written over m.npz"},
		{"x.npy x.npy", 2, "x.npy: would be written over x.npy"},
		{"x.npy z.npy --save z.npy", 2, "z.npy: got twice"},
		{"x.npy z.foo", 2, "z.foo: want a name that ends in"},
		{"x.npy z.npy --labels labels.csv", 2, "--labels: without --plot"},
		{"x.npy", 2, "got 1 files, want tsne DATA MAP"},
		{"", 2, "got 0 files, want tsne DATA MAP"},
		{"x.npy z.npy more", 2, "got 3 files, want tsne DATA MAP"},
		{"x.npy z.npy --perplexitty 3", 2, "--perplexitty: no such option; is --perplexity meant?"},
		{"x.npy z.npy --learning_rate 3", 2, "--learning_rate: no such option; is --learning-rate meant?"},
		{"x.npy z.npy --quux", 2, "--quux: no such option; tsne --help lists them"},
		{"x.npy z.npy --perplexity", 2, "--perplexity: got nothing behind it, want N,N,..."},
		{"x.npy z.npy --perplexity 30,-1", 2, `--perplexity: got "-1", want above 0`},
		{"x.npy z.npy --perplexity ten", 2, `--perplexity: got "ten", want above 0`},
		{"x.npy z.npy --early-iterations -1", 2, `--early-iterations: got "-1", want 0 to 2^31 - 1`},
		{"x.npy z.npy --iterations 99999999999", 2, `--iterations: got "99999999999", want 0 to 2^31 - 1`},
		{"x.npy z.npy --momentum 1", 2, `--momentum: got "1", want 0 to below 1`},
		{"x.npy z.npy --exaggeration NaN", 2, `--exaggeration: got "NaN", want above 0`},
		{"x.npy z.npy --exaggeration Inf", 2, `--exaggeration: got "Inf", want above 0`},
		{"x.npy z.npy --metric euclid", 2, `--metric: got "euclid", want default, euclidean, cosine`},
		{"x.npy z.npy --init given", 2, `--init: got "given", want pca, random, spectral, sample or a file of positions`},
		{"x.npy z.npy --keep-data=maybe", 2, `--keep-data: got "maybe", want true or false`},
		{"x.npy z.npy --progress loud", 2, `--progress: got "loud", want auto, text, json or none`},
		{"transform m.npz x.npy", 2, "got 2 files, want tsne transform MODEL DATA MAP"},
		{"transform m.npz x.npy m.npz", 2, "m.npz: would be written over m.npz"},
		{"transform bare.npz x.npy z.npy", 1, "transform: the embedding has no data to find neighbours in; --keep-data of the fit gives it some"},
		{"transform x.npy x.npy z.npy", 1, "x.npy: not a zip archive"},
		{"transform m.npz short.npy z.npy", 1, "short.npy: got 2 columns, want 5, those of the reference"},
		{"transform m.npz nan.npy z.npy", 1, "nan.npy: row 3, column 2 is NaN"},
		{"transform m.npz other.csv z.npy", 1, `other.csv: column "g4" of the map's data is not there`},
		{"transform m.npz twice.csv z.npy", 1, `twice.csv: column "g3" is there twice`},
		{"transform m.npz x.npy z.npy --perplexity 0", 2, `--perplexity: got "0", want above 0`},
		{"transform m.npz x.npy z.npy --k 91", 1, "--k: got 91"},
		{"transform m.npz x.npy z.npy --columns 0,1,2,3,9", 1, "--columns: "},
		{"transform m.npz x.npy z.npy --init pca", 2, "--init: no such option"},
		{"info none.npz", 1, "none.npz: no such file"},
		{"info x.npy", 1, "x.npy: not a zip archive"},
	} {
		r := tsneIn(t, dir, "", strings.Fields(c.args)...)
		lines := strings.Split(strings.TrimSuffix(r.err, "\n"), "\n")
		end := len(lines) - 1
		for _, line := range lines[:end] {
			if !json.Valid([]byte(line)) {
				t.Errorf("tsne %s: got %s", c.args, line)
			}
		}
		if r.code != c.code || !strings.HasPrefix(lines[end], "tsne: ") || !strings.Contains(lines[end], c.says) || r.out != "" {
			t.Errorf("tsne %s\n got %d, %s%s\nwant %d, %s", c.args, r.code, lines[end], r.out, c.code, c.says)
		}
		if now := names(t, dir); !slices.Equal(now, before) {
			t.Fatalf("tsne %s: wrote: %v, there were %v", c.args, now, before)
		}
	}
}

func names(t *testing.T, dir string) (list []string) {
	for _, e := range must[[]os.DirEntry](t)(os.ReadDir(dir)) {
		list = append(list, e.Name())
	}
	return list
}

func TestProgress(t *testing.T) {
	dir := store(t)
	plain := []string{"x.npy", "y.npy", "--early-iterations", "30", "--iterations", "20", "--progress-every", "10", "--perplexity", "60"}
	for _, mode := range [][]string{nil, {"--progress", "json"}} {
		r := good(t, tsneIn(t, dir, "", append(plain, mode...)...))
		var kinds []string
		var last event
		for line := range strings.Lines(r.err) {
			last = event{}
			if err := json.Unmarshal([]byte(line), &last); err != nil {
				t.Fatalf("%v: %q: %v", mode, line, err)
			}
			if last.Event == "progress" && last.Stage == "optimise" {
				kinds = append(kinds, strconv.Itoa(last.Iteration))
				if last.Iterations != 50 || last.KL == nil {
					t.Errorf("got %s", line)
				}
			} else if last.Event != "progress" {
				kinds = append(kinds, last.Event+" "+last.Text)
			}
		}
		want := []string{"warning --perplexity: 60 is too large for 90 points, using 29.67 = (n - 1) / 3", "10", "20", "30", "40", "50", "done "}
		if !slices.Equal(kinds, want) || last.Rows != rows || last.Columns != cols || last.Map != "y.npy" || last.Iteration != 50 {
			t.Errorf("%v: got %q, the last %+v", mode, kinds, last)
		}
	}
	r := good(t, tsneIn(t, dir, "", append(plain, "--progress", "text")...))
	if strings.Count(r.err, "\n") != 2 || !strings.Contains(r.err, "\riteration 50 of 50  KL ") ||
		!strings.Contains(r.err, "\rtsne: warning: --perplexity: 60") && !strings.HasPrefix(r.err, "tsne: warning: --perplexity: 60") ||
		!strings.Contains(r.err, "\rx.npy, 90 x 5: 50 iterations, KL ") {
		t.Errorf("got %q", r.err)
	}
	r = good(t, tsneIn(t, dir, "", append(plain, "--progress", "none")...))
	if !strings.HasPrefix(r.err, "tsne: warning: --perplexity: 60") || strings.Count(r.err, "\n") != 1 {
		t.Errorf("got %q", r.err)
	}
}

func TestLeft(t *testing.T) {
	p := &progress{mode: "none"}
	if got := p.left(tsne.Progress{Stage: tsne.StageNeighbors, Done: 0.1}); got != 0 {
		t.Errorf("nothing is known of the pace, and %g s are left", got)
	}
	p.at.when = p.at.when.Add(-30 * time.Second)
	if got := p.left(tsne.Progress{Stage: tsne.StageNeighbors, Done: 0.4}); math.Abs(got-60) > 1 {
		t.Errorf("0.3 took 30 s, and for 0.6 %g s are left", got)
	}
	if got := p.left(tsne.Progress{Stage: tsne.StageOptimize, Iteration: 50, Iterations: 150}); got != 0 {
		t.Errorf("another stage begins, and %g s are left", got)
	}
	p.at.when = p.at.when.Add(-10 * time.Second)
	if got := p.left(tsne.Progress{Stage: tsne.StageOptimize, Iteration: 100, Iterations: 150}); math.Abs(got-10) > 1 {
		t.Errorf("50 iterations took 10 s, and for 50 %g s are left", got)
	}
}

func TestPlot(t *testing.T) {
	dir := store(t)
	var labels strings.Builder
	for i := range rows {
		fmt.Fprintf(&labels, "\"cell, %d\",%s\n", i, []string{"T", "B", "NK"}[i%3])
	}
	write(t, dir, "labels.csv", "cell,type\n"+labels.String())
	write(t, dir, "wrong.csv", strings.Replace(labels.String(), "cell, 7", "cell, 8", 1))
	ids := make([]float64, rows)
	for i := range ids {
		ids[i] = float64(i % 3)
	}
	must[any](t)(nil, npy.Write(ctx, filepath.Join(dir, "ids.npy"), ids, 1))
	for _, c := range []struct {
		args    string
		colours []uint32
		share   [2]float64 // of the picture that is not white
	}{
		{"", []uint32{plain}, [2]float64{0.002, 0.05}},
		{"--labels labels.csv", palette[:3], [2]float64{0.002, 0.05}},
		{"--labels ids.npy --dims 1", palette[:3], [2]float64{0.002, 0.05}},
		{"--dims 3", []uint32{plain}, [2]float64{0.002, 0.05}},
	} {
		r := good(t, tsneIn(t, dir, "", append(strings.Fields("x.csv y.csv --plot y.png "+c.args), brief[:4]...)...))
		m := must[image.Image](t)(png.Decode(bytes.NewReader(must[[]byte](t)(os.ReadFile(filepath.Join(dir, "y.png"))))))
		found := map[uint32]int{}
		drawn := 0
		for y := range side {
			for x := range side {
				red, green, blue, alpha := m.At(x, y).RGBA()
				if alpha != 0xffff {
					t.Fatal("the ground shines through")
				}
				if red&green&blue == 0xffff {
					continue
				}
				drawn++
				// The nearest of the colours, less the ground that a point leaves.
				for _, of := range c.colours {
					if hueDistance([3]float64{float64(red >> 8), float64(green >> 8), float64(blue >> 8)}, of) < 0.02 {
						found[of]++
					}
				}
			}
		}
		if share := float64(drawn) / side / side; share < c.share[0] || share > c.share[1] {
			t.Errorf("%s: %.4f of the picture is drawn", c.args, share)
		}
		for _, of := range c.colours {
			if found[of] < drawn/10 {
				t.Errorf("%s: %d of %d pixels have #%06x", c.args, found[of], drawn, of)
			}
		}
		if told := strings.Contains(r.err, `"colours":{"B":"#3b6fb6","NK":"#e07b28","T":"#3c9d4e"}`); told != strings.Contains(c.args, "labels.csv") {
			t.Errorf("%s: %s", c.args, r.err)
		}
	}
	r := tsneIn(t, dir, "", "x.csv", "z.csv", "--plot", "z.png", "--labels", "wrong.csv")
	if r.code != 1 || !strings.Contains(r.err, `--labels: wrong.csv: row 7 is "cell, 8", in x.csv it is "cell, 7"`) {
		t.Errorf("got %d, %s", r.code, r.err)
	}
}

// hueDistance is how far a pixel's direction from white is from a colour's.
func hueDistance(pixel [3]float64, of uint32) float64 {
	var dot, a, b float64
	for c, v := range rgb(of) {
		x, y := 255-pixel[c], 255-float64(v)
		dot, a, b = dot+x*y, a+x*x, b+y*y
	}
	return 1 - dot/math.Sqrt(a*b)
}

func TestInfo(t *testing.T) {
	golden := must[string](t)(filepath.Abs("../../tests/golden"))
	for name, want := range map[string]string{
		"model-0.2-plain.npz": "--perplexity 6 --seed 7 --early-iterations 60 --iterations 90 --repulsion exact",
		"model-0.3-rich.npz": "--dims 1 --dof 0.8 --perplexity 3,9 --metric manhattan --affinity multiscale --init random --seed 7 " +
			"--early-iterations 60 --iterations 90 --repulsion fft --max-grad-norm 0.1",
	} {
		r := good(t, tsneIn(t, golden, "", "info", name))
		e := must[*tsne.Embedding](t)(tsne.Load(filepath.Join(golden, name), tsne.Options{}))
		for _, line := range []string{"model        " + name, "data         12 columns", "iterations   150", "options      " + want, "map          150 x " + strconv.Itoa(e.Dims())} {
			if !strings.Contains(r.out, line+"\n") {
				t.Errorf("%s: no line %q in\n%s", name, line, r.out)
			}
		}
		var f facts
		if err := json.Unmarshal([]byte(good(t, tsneIn(t, golden, "", "info", "--json", name)).out), &f); err != nil {
			t.Fatal(err)
		}
		if sum, _ := e.DataChecksum(); f.Rows != 150 || f.Dims != e.Dims() || *f.KL != e.KL() || f.Checksum != sum || strings.Join(f.Options, " ") != want {
			t.Errorf("%s: %+v", name, f)
		}
	}
	// What it says a model was made with makes it again, and its hash is that of the map's bytes.
	dir := store(t)
	flags := strings.Fields("--perplexity 7 --early-momentum 0 --max-step-norm 0 --exaggeration 1.5")
	good(t, tsneIn(t, dir, "", with(append([]string{"x.npy", "y.npy", "--save", "m.npz"}, flags...)...)...))
	var f facts
	if err := json.Unmarshal([]byte(good(t, tsneIn(t, dir, "", "info", "--json", "m.npz")).out), &f); err != nil {
		t.Fatal(err)
	}
	good(t, tsneIn(t, dir, "", append([]string{"x.npy", "again.npy"}, f.Options...)...))
	if !slices.Equal(arrayOf(t, filepath.Join(dir, "again.npy")), arrayOf(t, filepath.Join(dir, "y.npy"))) {
		t.Errorf("%v makes another map", f.Options)
	}
	raw := must[[]byte](t)(os.ReadFile(filepath.Join(dir, "again.npy")))
	if sum := fmt.Sprintf("%x", sha256.Sum256(raw[len(raw)-8*f.Rows:])); f.Positions != sum {
		t.Errorf("positions: %s, want %s", f.Positions, sum)
	}
}

// Each field of the engine's options is in a flag's reach, and each flag in the help.
func TestEveryOptionHasAFlag(t *testing.T) {
	var s settings
	for _, c := range []struct {
		fresh   func() (any, []option)
		command *command
		by      []string // fields without a flag of their own
	}{
		{func() (any, []option) { o := new(tsne.Options); return o, fitOptions(o, &s) }, fitCommand(), []string{"Perplexity", "InitY", "PullY", "PullWeights"}},
		{func() (any, []option) { o := new(tsne.TransformOptions); return o, transformOptions(o, &s) }, transformCommand(), []string{"InitY"}},
	} {
		reached := append(c.by, "Progress", "Log")
		_, all := c.fresh()
		for at, option := range all {
			if !strings.Contains(c.command.help(), "\n  --"+option.name) {
				t.Errorf("the help has no --%s", option.name)
			}
			if option.field == "" {
				continue
			}
			o, fresh := c.fresh()
			word := "a file"
			if words := option.value.values(); words != nil {
				word, _, _ = strings.Cut(words[min(1, len(words)-1)], ":")
			}
			if !slices.ContainsFunc([]string{word, "5", "2", "0.25"}, func(text string) bool { return fresh[at].value.Set(text) == nil }) {
				t.Errorf("--%s takes nothing", option.name)
			}
			field := strings.Replace(option.field, "Perplexity", "Perplexities", 1)
			reached = append(reached, field)
			v := reflect.ValueOf(o).Elem()
			for i := range v.NumField() {
				if name := v.Type().Field(i).Name; v.Field(i).IsZero() == (name == field) {
					t.Errorf("--%s: %s is %v", option.name, name, v.Field(i))
				}
			}
		}
		o, _ := c.fresh()
		for _, field := range reflect.VisibleFields(reflect.TypeOf(o).Elem()) {
			if !slices.Contains(reached, field.Name) {
				t.Errorf("no flag sets %s", field.Name)
			}
		}
	}
	for _, of := range []string{"", "transform", "info"} {
		r := good(t, tsneIn(t, "", "", strings.Fields("help "+of)...))
		if again := good(t, tsneIn(t, "", "", strings.Fields(of+" --help")...)); again.out != r.out || r.err != "" {
			t.Errorf("%s --help is another help", of)
		}
		for line := range strings.Lines(r.out) {
			if len(line) > 1+85 {
				t.Errorf("%d characters: %s", len(line), line)
			}
		}
	}
	if r := good(t, tsneIn(t, "", "", "--version")); r.out != "tsne "+tsne.Version+"\n" {
		t.Errorf("got %q", r.out)
	}
}

// A file that is there is replaced in one step, a pipe or device written to.
func TestOutputs(t *testing.T) {
	dir := store(t)
	write(t, dir, "y.npy", "old")
	before := names(t, dir)
	good(t, tsneIn(t, dir, "", with("x.npy", "y.npy")...))
	if now := names(t, dir); !slices.Equal(now, before) {
		t.Errorf("left behind: %v", now)
	}
	good(t, tsneIn(t, dir, "", with("x.npy", "--", "y.npy")[:3]...))
	if len(arrayOf(t, filepath.Join(dir, "y.npy"))) != 2*rows {
		t.Error("-- hides a file")
	}
	b := must[[]byte](t)(os.ReadFile(filepath.Join(dir, "y.npy")))
	if head := int(binary.LittleEndian.Uint32(b[8:])) + 12; len(b) != head+8*rows {
		t.Errorf("%d bytes", len(b))
	}
}

// What info leaves out of the phases is what a fit by the rest of it makes again.
func TestTakenPhases(t *testing.T) {
	for _, n := range []int{500, 20_000} {
		for _, said := range []tsne.Options{
			{}, {EarlyIterations: 60, Iterations: 90}, {EarlyIterations: 150}, {Iterations: 500}, {Momentum: 0.95}, {EarlyMomentum: 0.8}, {EarlyMomentum: 0.6}, {MomentumIterations: 250},
			{EarlyIterations: 250, Iterations: 500, EarlyMomentum: 0.5, Momentum: 0.8},
			{EarlyIterations: 150, Iterations: 350, EarlyMomentum: 0.8, Momentum: 0.95, MomentumIterations: 250},
		} {
			said.Settle(n)
			again, taken := said, takenPhases(&said, n)
			for name, field := range map[string]*int{"EarlyIterations": &again.EarlyIterations, "Iterations": &again.Iterations, "MomentumIterations": &again.MomentumIterations} {
				if taken[name] {
					*field = 0
				}
			}
			for name, field := range map[string]*float64{"EarlyMomentum": &again.EarlyMomentum, "Momentum": &again.Momentum} {
				if taken[name] {
					*field = 0
				}
			}
			if again.Settle(n); !maps.Equal(phases(&again), phases(&said)) {
				t.Errorf("%d points: %v of %v", n, phases(&again), phases(&said))
			}
		}
	}
}
