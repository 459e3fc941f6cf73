package tsne

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"iter"
	"math"
	"os"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/affinity"
	"github.com/libtsne/libtsne/tsne/internal/npz"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

// A model file is an archive that numpy.load opens (no pickles). All rows are
// in the order of the data, whatever the order in memory:
//
//	header              |u1  JSON: format, version, options, state (modelHeader)
//	embedding           <f4  n x dims
//	velocity, gains     <f4  n x dims, of the optimiser
//	order               <i4  n, row of each place in memory; absent: as the data
//	affinities_indptr   <i8  n + 1 \
//	affinities_indices  <i4  nnz    > P as a CSR matrix
//	affinities_data     <f4  nnz   /
//	radii               <f4  n, log of the local radii; with density preservation
//	held                <f4  n x dims, reference positions, if it began with a pull
//	held_weights        <f4  n, their weights, if not all are 1
//	row_names           |u1  names of the points in UTF-8, each ended by a NUL, if they have some
//	data                <f4  n x columns, if the embedding has its data
//	center              <f8  columns, what was taken off the data, if something was
const (
	modelFormat   = "tsne model"
	modelVersion  = 3
	withoutHeld   = 2 // the version of files without reference positions and names of rows, which earlier libraries read
	withoutCenter = 1 // and of those without a center
)

// Save writes the embedding, with its data if it has them, to a file in one
// step: on an error, which is ErrIO, a file that was there before is as it
// was. The file is a .npz that numpy.load opens; Load goes on from it with the
// same bits.
func (e *Embedding) Save(path string) error {
	return e.SaveContext(context.Background(), path)
}

// SaveContext is Save that gives up once ctx is done, with ErrCancelled, and
// leaves no file behind.
func (e *Embedding) SaveContext(ctx context.Context, path string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.checkSound(); err != nil {
		return err
	}
	err := npz.Replace(ctx, path, e.write)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return cancelled(ctx, err)
	}
	if err != nil {
		err = withoutPath(err)
		return &Error{ErrIO, err, Messagef("save %s: %v", path, err)}
	}
	return nil
}

// withoutPath is an error of the file system without the name of the file,
// which may be that of one on the way.
func withoutPath(err error) error {
	var of *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &of):
		return of.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// WriteTo writes what Save writes.
func (e *Embedding) WriteTo(w io.Writer) (int64, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.checkSound(); err != nil {
		return 0, err
	}
	c := &counter{w: w}
	err := e.write(c)
	return c.n, ioError(err)
}

// checkSound refuses what Load would.
func (e *Embedding) checkSound() error {
	for _, a := range []struct {
		name string
		v    []float32
	}{{"embedding", e.y}, {"velocity", e.velocity}, {"gains", e.gains}} {
		if at := firstNotFinite(a.v); at >= 0 {
			return fail(ErrNotFinite, "", "save: the embedding's %s has the value %v", a.name, a.v[at])
		}
	}
	return nil
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

func ioError(err error) error {
	if err == nil {
		return nil
	}
	return &Error{ErrIO, err, messageOf(err)}
}

// Load reads an embedding that Save wrote, and all of it or nothing. Of o it
// takes MaxMemory, Threads, ProgressEvery, Progress and Log. ErrIO if the file
// cannot be read; ErrFile if it is truncated, altered, something else, or of a
// later version; ErrMemory if what it claims to hold does not fit.
func Load(path string, o Options) (*Embedding, error) {
	return LoadContext(context.Background(), path, o)
}

// LoadContext is Load that gives up once ctx is done, with ErrCancelled.
func LoadContext(ctx context.Context, path string, o Options) (*Embedding, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, ioError(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, ioError(err)
	}
	if info.IsDir() {
		return nil, fail(ErrIO, "", "open %s: is a directory", path)
	}
	return load(ctx, path, f, info.Size(), o)
}

// Read is Load from size bytes of r.
func Read(r io.ReaderAt, size int64, o Options) (*Embedding, error) {
	return ReadContext(context.Background(), r, size, o)
}

// ReadContext is Read that gives up once ctx is done, with ErrCancelled.
func ReadContext(ctx context.Context, r io.ReaderAt, size int64, o Options) (*Embedding, error) {
	return load(ctx, "model", r, size, o)
}

// readerUntil fails once ctx is done.
type readerUntil struct {
	ctx context.Context
	r   io.ReaderAt
}

func (r readerUntil) ReadAt(p []byte, at int64) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.ReadAt(p, at)
}

// DataChecksum is the SHA-256, in hexadecimal, of the embedding's data: the
// values of X, row-major, as little-endian float32 and, if it has one, Center as
// float64. ok is false without data.
func (e *Embedding) DataChecksum() (sum string, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.x.Data == nil {
		return "", false
	}
	return checksumOf(e.x), true
}

func checksumOf(x Matrix) string {
	sum, _ := checksumUntil(context.Background(), x)
	return sum
}

func checksumUntil(ctx context.Context, x Matrix) (string, error) {
	h := sha256.New()
	buf := make([]byte, 1<<16)
	for v := range slices.Chunk(x.Data, len(buf)/4) {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		n, _ := binary.Encode(buf, binary.LittleEndian, v) // of a slice that fits
		h.Write(buf[:n])
	}
	for v := range slices.Chunk(x.Center, len(buf)/8) {
		n, _ := binary.Encode(buf, binary.LittleEndian, v)
		h.Write(buf[:n])
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// write writes the archive.
func (e *Embedding) write(to io.Writer) error {
	parts := e.parts()
	text, err := e.header(parts)
	if err != nil {
		return err
	}
	return writeParts(to, text, parts)
}

// writeParts writes an archive of a header and the parts it names.
func writeParts(to io.Writer, header []byte, parts []modelPart) error {
	w := npz.NewWriter(to)
	for _, p := range append([]modelPart{newPart("header", npz.All(header), len(header))}, parts...) {
		if err := p.write(w); err != nil {
			return err
		}
	}
	return w.Close()
}

// modelPart is an array of a model file.
type modelPart struct {
	modelArray
	write func(*npz.Writer) error
}

func newPart[T npz.Number](name string, values iter.Seq[[]T], shape ...int) modelPart {
	return modelPart{modelArray{name, npz.TypeOf[T](), shape}, func(w *npz.Writer) error { return npz.Write(w, name, shape, values) }}
}

// parts are the arrays after the header.
func (e *Embedding) parts() []modelPart {
	var place []int32 // of each row
	if e.order != nil {
		place = inverted(e.order)
	}
	list := e.stateParts(place)
	list = append(list, affinitiesParts(e.p, place, e.order)...)
	if e.radius != nil {
		list = append(list, newPart("radii", npz.All(e.radius), e.N()))
	}
	list = append(list, e.heldParts()...)
	if e.rowNames != nil {
		list = append(list, newPart("row_names", npz.All(e.rowNames), len(e.rowNames)))
	}
	if e.x.Data != nil {
		list = append(list, newPart("data", npz.All(e.x.Data), e.N(), e.x.Cols))
		if e.x.Center != nil {
			list = append(list, newPart("center", npz.All(e.x.Center), e.x.Cols))
		}
	}
	return list
}

// stateParts are the map and the optimiser's state; place is the inverse of order.
func (e *Embedding) stateParts(place []int32) []modelPart {
	n, dims := e.N(), e.o.Dims
	list := []modelPart{
		newPart("embedding", rowsInOrder(e.y, dims, place), n, dims),
		newPart("velocity", rowsInOrder(e.velocity, dims, place), n, dims),
		newPart("gains", rowsInOrder(e.gains, dims, place), n, dims),
	}
	if e.order != nil {
		list = append(list, newPart("order", npz.All(e.order), n))
	}
	return list
}

// affinitiesParts are p in the order of the data, from that of memory.
func affinitiesParts(p *affinity.CSR, place, order []int32) []modelPart {
	col, val := entriesInOrder(p.Ptr, p.Col, place, order), entriesInOrder(p.Ptr, p.Val, place, nil)
	switch {
	case p.Levels != nil:
		col, val = unpacked(p, place, order)
	case p.Short != nil:
		val = converted(entriesInOrder(p.Ptr, p.Short, place, nil), p.Form.Value)
	}
	return []modelPart{
		newPart("affinities_indptr", offsetsInOrder(p.Ptr, place), p.N+1),
		newPart("affinities_indices", col, p.NNZ()),
		newPart("affinities_data", val, p.NNZ()),
	}
}

func (e *Embedding) heldParts() (list []modelPart) {
	if e.held != nil {
		list = append(list, newPart("held", npz.All(e.held.y), e.N(), e.o.Dims))
		if e.held.weight != nil {
			list = append(list, newPart("held_weights", npz.All(e.held.weight), e.N()))
		}
	}
	return list
}

// load reads an archive and checks all that others rely on: an embedding it
// returns is one that Save could have written.
func load(ctx context.Context, name string, from io.ReaderAt, size int64, o Options) (e *Embedding, err error) {
	if _, err := (Options{Threads: o.Threads, ProgressEvery: o.ProgressEvery}).resolve(minRows); err != nil {
		return nil, err
	}
	err = readArchive(ctx, name, from, size, func(m *modelReader) error {
		h, err := m.header()
		if err != nil {
			return err
		}
		if err := m.verify(o, h.Arrays); err != nil {
			return err
		}
		e, err = m.embedding(h, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// readArchive has read read an archive, and gives its errors the name and the
// kind that those of a file have.
func readArchive(ctx context.Context, name string, from io.ReaderAt, size int64, read func(*modelReader) error) error {
	m := &modelReader{ctx: ctx}
	var err error
	if m.r, err = npz.NewReader(readerUntil{ctx, from}, size); err == nil {
		err = read(m)
	}
	if err == nil {
		return nil
	}
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return cancelled(ctx, err)
	}
	kind := ErrIO
	switch {
	case errors.Is(err, npz.ErrFormat) || errors.Is(err, ErrFile):
		kind = ErrFile
	case errors.Is(err, ErrMemory):
		kind = ErrMemory
	case errors.Is(err, ErrOption):
		return err
	}
	return &Error{kind, err, Messagef("%s: %v", name, messageOf(err))}
}

// verify holds the arrays against the header's and the memory there is, and
// every byte against its checksum.
func (m *modelReader) verify(o Options, arrays []modelArray) error {
	if err := m.checkRoom(o); err != nil {
		return err
	}
	if err := m.r.Verify(); err != nil {
		return err
	}
	same := func(a npz.Array, b modelArray) bool {
		return a.Name == b.Name && a.Type == b.Type && slices.Equal(a.Shape, b.Shape)
	}
	if !slices.EqualFunc(m.r.Arrays[1:], arrays, same) {
		return fail(ErrFile, "", "the arrays are not those that the header names")
	}
	return nil
}

// checkRoom compares what the arrays say they are with the memory there is: a
// sparse file of a few KiB may have any size.
func (m *modelReader) checkRoom(o Options) error {
	need := uint64(0)
	for _, a := range m.r.Arrays {
		need += product(a.Len(), int(a.Type[2]-'0'))
	}
	if y := m.r.Find("embedding"); y != nil {
		need += product(y.Len(), 16) // what takes rows to their places
	}
	return o.checkRoom(need, "%d arrays", len(m.r.Arrays))
}

// modelReader reads the arrays of a model; after an error it reads no more.
type modelReader struct {
	ctx  context.Context
	r    *npz.Reader
	seen int // arrays asked for and found
	err  error
}

// poll stops reading once the context is done.
func (m *modelReader) poll() {
	if m.err == nil {
		m.err = m.ctx.Err()
	}
}

func (m *modelReader) bad(format string, args ...any) {
	if m.err == nil {
		m.err = fail(ErrFile, "", format, args...)
	}
}

// find is the array of that name if it has the shape, where -1 is any number.
func (m *modelReader) find(name string, shape ...int) *npz.Array {
	if m.err != nil {
		return nil
	}
	a := m.r.Find(name)
	if a == nil {
		m.bad("not a model: it has no %s", name)
		return nil
	}
	m.seen++
	ok := len(a.Shape) == len(shape)
	for i := range shape {
		ok = ok && (shape[i] < 0 || a.Shape[i] == shape[i])
	}
	if !ok {
		m.bad("%s: shape %v, want %v", name, a.Shape, shape)
		return nil
	}
	return a
}

// all is the array of that name and shape.
func all[T npz.Number](m *modelReader, name string, shape ...int) []T {
	a := m.find(name, shape...)
	if a == nil {
		return nil
	}
	var v []T
	v, m.err = npz.ReadAll[T](m.r, a)
	return v
}

// optional is all of an array that may be absent.
func optional[T npz.Number](m *modelReader, name string, shape ...int) []T {
	if m.r.Find(name) == nil {
		return nil
	}
	return all[T](m, name, shape...)
}

// finite is all of an array of finite values.
func (m *modelReader) finite(name string, shape ...int) []float32 {
	v := all[float32](m, name, shape...)
	m.checkFinite(name, v)
	return v
}

func (m *modelReader) checkFinite(name string, v []float32) {
	m.poll()
	if at := firstNotFinite(v); at >= 0 {
		m.bad("%s: value %d is %v, want a finite value", name, at, v[at])
	}
}

func (m *modelReader) embedding(h *modelHeader, o Options) (*Embedding, error) {
	e, n := &Embedding{}, h.Rows
	if err := h.restore(e, o); err != nil {
		return nil, err
	}
	dims := e.o.Dims
	e.y = m.finite("embedding", n, dims)
	e.velocity = m.finite("velocity", n, dims)
	e.gains = m.finite("gains", n, dims)
	e.order = optional[int32](m, "order", n)
	if e.order != nil {
		place := m.places(e.order)
		if m.err != nil {
			return nil, m.err
		}
		e.moveRows(par.New(1), e.order, make([]float32, n*dims))
		e.p = m.affinities(n, e.order, place)
	} else {
		e.p = m.affinities(n, nil, nil)
	}
	e.radius = optional[float32](m, "radii", n)
	m.checkFinite("radii", e.radius)
	e.held = m.held(n, dims)
	e.rowNames = m.rowNames(n)
	if x := optional[float32](m, "data", n, -1); x != nil && m.err == nil {
		e.x = Matrix{Data: x, Rows: n, Cols: len(x) / n, Double: h.DataType == doubleType}
		m.checkFinite("data", x)
		e.x.Center = optional[float64](m, "center", e.x.Cols)
		if err := e.x.checkShape(); err != nil {
			m.bad("data: %v", err)
		}
		if sum, err := checksumUntil(m.ctx, e.x); err != nil {
			m.err = err
		} else if h.DataSum != sum {
			m.bad("data: not those of the checksum")
		}
		if err := e.setNames(h.Columns); err != nil {
			m.bad("header: columns: %v", err)
		}
	}
	if m.err == nil && m.seen != len(m.r.Arrays) {
		m.bad("%d arrays, want %d", len(m.r.Arrays), m.seen)
	}
	if m.err == nil && e.o.DensityLambda > 0 && e.radius == nil {
		m.bad("it has no radii, which density preservation needs")
	}
	if m.err == nil && e.o.Pull > 0 && e.held == nil {
		m.bad("it has no reference positions, which a pull needs")
	}
	if m.err == nil && e.o.checkPins(e.held.pins()) != nil {
		m.bad("held_weights: infinite, and the frame is not fixed")
	}
	return e, m.err
}

func (m *modelReader) held(n, dims int) *held {
	if m.r.Find("held") == nil {
		return nil
	}
	h := &held{y: m.finite("held", n, dims), weight: optional[float32](m, "held_weights", n)}
	for i, w := range h.weight {
		if !(w >= 0) {
			m.bad("held_weights: value %d is %v, want 0 or more", i, w)
			break
		}
	}
	return h
}

// places inverts an order, which must be one.
func (m *modelReader) places(order []int32) []int32 {
	place := make([]int32, len(order))
	for i := range place {
		place[i] = -1
	}
	for i, row := range order {
		if row < 0 || int(row) >= len(place) || place[row] >= 0 {
			m.bad("order: place %d holds row %d, want each of %d rows once", i, row, len(order))
			return nil
		}
		place[row] = int32(i)
	}
	return place
}

// affinities reads P into the order of memory, as it comes.
func (m *modelReader) affinities(n int, order, place []int32) *affinity.CSR {
	rows := all[int64](m, "affinities_indptr", n+1)
	indices := m.find("affinities_indices", -1)
	if m.err != nil {
		return nil
	}
	nnz := indices.Shape[0]
	data := m.find("affinities_data", nnz)
	if m.err != nil {
		return nil
	}
	for i, at := range rows {
		if i == 0 && at != 0 || i > 0 && at < rows[i-1] || at > int64(nnz) || i == n && at != int64(nnz) {
			m.bad("affinities_indptr: value %d is %d, want offsets that ascend from 0 to %d", i, at, nnz)
			return nil
		}
	}
	p := &affinity.CSR{N: n, Ptr: rows, Col: make([]int32, nnz), Val: make([]float32, nnz)}
	if place != nil {
		p.Ptr = make([]int64, n+1)
		for i, row := range order {
			p.Ptr[i+1] = p.Ptr[i] + rows[row+1] - rows[row]
		}
	}
	err := npz.Each(m.r, indices, place32(p, rows, place, p.Col))
	if err == nil {
		err = npz.Each(m.r, data, place32(p, rows, place, p.Val))
	}
	if err != nil {
		m.err = err
		return nil
	}
	if place != nil {
		for i, row := range p.Col {
			if row < 0 || int(row) >= n {
				m.bad("affinities_indices: entry %d is %d, outside 0 to %d", i, row, n-1)
				return nil
			}
			p.Col[i] = place[row]
		}
	}
	if m.poll(); m.err != nil {
		return nil
	}
	if err := p.Check(); err != nil {
		m.bad("%v", err)
		return nil
	}
	if err := checkJoint(p, order); err != nil {
		m.bad("%v", err)
		return nil
	}
	sum := 0.0
	for _, v := range p.Val {
		sum += float64(v)
	}
	if !(math.Abs(sum-1) < 1e-3) {
		m.bad("affinities_data: the values sum to %g, want 1", sum)
		return nil
	}
	return p
}
