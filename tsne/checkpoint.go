package tsne

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"io/fs"
	"iter"
	"os"
	"reflect"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/affinity"
	"github.com/libtsne/libtsne/tsne/internal/npz"
)

// A checkpoint is what a fit leaves on disk on its way, for the next call with
// the same data and options to go on from: archives that numpy.load opens, each
// written in one step, all rows in the order of the data.
//
//	PATH.graph       the start, unless it is made of the affinities, and the
//	                 neighbours; gone once the map is there
//	PATH.affinities  P and radii, unless they are the caller's
//	PATH             the map and the optimiser's state, every CheckpointEvery
//	                 iterations
//
// Until iterations have been made the job may go on with other phases.
// P never changes but for the order in memory, which the map's file has, so the
// one that is written again and again is small. All go when the fit ends.
const checkpointFormat = "tsne checkpoint"

// checkpointHeader says what job a file belongs to, and where that stood.
type checkpointHeader struct {
	Format  string                     `json:"format"`
	Library string                     `json:"library"` // another may give other bits
	Of      map[string]string          `json:"of"`      // SHA-256 of each array that the caller gave
	Options map[string]json.RawMessage `json:"options"`
	State   *checkpointState           `json:"state,omitempty"`
	Arrays  []modelArray               `json:"arrays"`
}

// checkpointState is the state of the embedding that is not in arrays.
type checkpointState struct {
	Iterations   int    `json:"iterations"`
	Planned      int    `json:"planned"`
	Exaggeration number `json:"exaggeration"`
	At           mark   `json:"at"`
}

// checkpoint keeps a job; nil where none is asked for.
type checkpoint struct {
	*job
	path  string
	every int
	of    map[string]string
	opts  map[string]json.RawMessage
	told  bool // that it cannot be written
	stuck bool // at the neighbours: P is not on disk
}

const graphSuffix, affinitiesSuffix = ".graph", ".affinities"

// newCheckpoint is that of a fit of x, and of affinities p if they are given,
// whose pull lets go for a part of it.
func newCheckpoint(j *job, x Matrix, p *Affinities, free float64) (*checkpoint, error) {
	if j.o.Checkpoint == "" {
		return nil, nil
	}
	c := &checkpoint{job: j, path: j.o.Checkpoint, every: j.o.CheckpointEvery, of: map[string]string{}}
	if x.Data != nil {
		sum, err := checksumUntil(j.ctx, x)
		if err != nil {
			return nil, err
		}
		c.of["X"] = sum
	}
	if p != nil {
		c.of["affinities"] = sumOf(func(h hash.Hash) { hashAll(h, p.Ptr); hashAll(h, p.Col); hashAll(h, p.Val) })
	}
	for name, v := range map[string][]float32{"InitY": j.o.InitY, "PullY": j.o.PullY, "PullWeights": j.o.PullWeights} {
		if v != nil {
			c.of[name] = sumOf(func(h hash.Hash) { hashAll(h, v) })
		}
	}
	j.o.info("Checkpoint", "%s is written every %d iterations", c.path, c.every)
	var err error
	if c.opts, err = j.o.saved(); err == nil && free > 0 {
		c.opts["Pull"], err = json.Marshal([]float64{j.o.Pull, free})
	}
	return c, err
}

func sumOf(of func(hash.Hash)) string {
	h := sha256.New()
	of(h)
	return hex.EncodeToString(h.Sum(nil))
}

func hashAll[T npz.Number](h hash.Hash, v []T) {
	buf := make([]byte, 1<<16)
	for v := range slices.Chunk(v, len(buf)/8) {
		n, _ := binary.Encode(buf, binary.LittleEndian, v) // of a slice that fits
		h.Write(buf[:n])
	}
}

// keep writes a file, in which failing is no error of the job: it tells of it
// once.
func (c *checkpoint) keep(suffix string, state *checkpointState, parts []modelPart) (kept bool, err error) {
	h := checkpointHeader{Format: checkpointFormat, Library: Version, Of: c.of, Options: c.opts, State: state}
	for _, p := range parts {
		h.Arrays = append(h.Arrays, p.modelArray)
	}
	text, err := json.Marshal(h)
	if err != nil {
		return false, err
	}
	err = npz.Replace(c.ctx, c.path+suffix, func(to io.Writer) error { return writeParts(to, text, parts) })
	if c.ctx.Err() != nil {
		return false, c.ctx.Err()
	}
	if err != nil && !c.told {
		c.told = true
		c.o.warn("Checkpoint", "%s cannot be written, the fit goes on: %v", c.path+suffix, withoutPath(err))
	}
	return err == nil, nil
}

// read opens a file of the job, if there is one, and has take read it.
func (c *checkpoint) read(suffix string, take func(*modelReader, *checkpointHeader)) (found bool, err error) {
	name := c.path + suffix
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, ioError(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false, ioError(err)
	}
	if !info.Mode().IsRegular() {
		return false, badOption("Checkpoint", name, "an ordinary file, or none there yet")
	}
	err = readArchive(c.ctx, name, f, info.Size(), func(m *modelReader) error {
		text, err := m.headerText()
		if err != nil {
			return err
		}
		h := &checkpointHeader{}
		if json.Unmarshal(text, h) != nil || h.Format != checkpointFormat {
			return fail(ErrFile, "", "not a checkpoint")
		}
		if err := c.same(name, h); err != nil {
			return err
		}
		if err := m.verify(*c.o, h.Arrays); err != nil {
			return err
		}
		take(m, h)
		return m.err
	})
	return err == nil, err
}

// same refuses a file of another job.
func (c *checkpoint) same(name string, h *checkpointHeader) error {
	if h.Library != Version {
		return fail(ErrOption, "Checkpoint", "%s is of libtsne %.20q, this is %s", name, h.Library, Version)
	}
	short := func(sum string) string {
		if sum == "" {
			return "none"
		}
		return sum[:min(len(sum), 12)]
	}
	for _, array := range []string{"X", "affinities", "InitY", "PullY", "PullWeights"} {
		if was, is := h.Of[array], c.of[array]; was != is {
			return fail(ErrOption, "Checkpoint", "%s is of another %v: SHA-256 %.12q, got %q", name, named(array), short(was), short(is))
		}
	}
	fields := reflect.TypeFor[Options]()
	for i := range fields.NumField() {
		option := fields.Field(i).Name
		if ofPhases[option] && (h.State == nil || h.State.Iterations == 0) {
			continue // which were none yet
		}
		if was, is := string(h.Options[option]), string(c.opts[option]); was != is {
			return fail(ErrOption, "Checkpoint", "%s is of %v %.40s, got %.40s", name, named(option), was, is)
		}
	}
	return nil
}

// remove takes the files away, the one that is of use without the others last.
func (c *checkpoint) remove() {
	if c == nil {
		return
	}
	for _, suffix := range []string{"", affinitiesSuffix, graphSuffix} {
		npz.Remove(c.path + suffix)
	}
}

// keepGraph keeps the neighbours and the start, which is nil if it comes later.
func (c *checkpoint) keepGraph(nb *Neighbors, y []float32) error {
	if c == nil {
		return nil
	}
	parts := []modelPart{
		newPart("neighbors", npz.All(nb.Index), nb.N, nb.K),
		newPart("squared_distances", npz.All(nb.Dist2), nb.N, nb.K),
	}
	if nb.Exponents != nil {
		wide := make([]int32, nb.N)
		for i, e := range nb.Exponents {
			wide[i] = int32(e)
		}
		parts = append(parts, newPart("exponents", npz.All(wide), nb.N))
	}
	if y != nil {
		parts = append(parts, newPart("start", npz.All(y), nb.N, c.o.Dims))
	}
	_, err := c.keep(graphSuffix, nil, parts)
	return err
}

// graph is what keepGraph kept; nil: nothing.
func (c *checkpoint) graph(n, k int) (nb *Neighbors, y []float32, err error) {
	if c == nil {
		return nil, nil, nil
	}
	found, err := c.read(graphSuffix, func(m *modelReader, _ *checkpointHeader) {
		nb = &Neighbors{N: n, K: k, Index: all[int32](m, "neighbors", n, k), Dist2: m.finite("squared_distances", n, k)}
		for i, to := range nb.Index {
			if to < 0 || int(to) >= n {
				m.bad("neighbors: entry %d is %d, outside 0 to %d", i, to, n-1)
				return
			}
		}
		if wide := optional[int32](m, "exponents", n); wide != nil {
			nb.Exponents = make([]int16, n)
			for i, e := range wide {
				nb.Exponents[i] = int16(e)
			}
		}
		if m.r.Find("start") != nil {
			y = m.finite("start", n, c.o.Dims)
		}
	})
	if !found {
		return nil, nil, err
	}
	c.o.info("Checkpoint", "goes on from the neighbours of %s", c.path+graphSuffix)
	return nb, y, nil
}

// keepAffinities keeps P, which is in the order of the data.
func (c *checkpoint) keepAffinities(p *Affinities) error {
	if c == nil || c.of["affinities"] != "" {
		return nil
	}
	csr := p.csr()
	parts := affinitiesParts(csr, nil, nil)
	switch {
	case csr.Levels != nil:
		parts = []modelPart{parts[0], newPart("affinities_packed", npz.All(csr.Col), csr.NNZ()), newPart("affinities_levels", npz.All(csr.Levels[:]), 2)}
	case csr.Short != nil:
		parts = append(parts[:2], newPart("affinities_short", halves(csr.Short), csr.NNZ(), 2))
	}
	if p.radius != nil {
		parts = append(parts, newPart("radii", npz.All(p.radius), p.N))
	}
	kept, err := c.keep(affinitiesSuffix, nil, parts)
	c.stuck = !kept
	return err
}

// keepMap keeps an embedding that stands at a mark, if its affinities are kept.
func (c *checkpoint) keepMap(e *Embedding, at mark) error {
	if c == nil || c.stuck {
		return nil
	}
	var place []int32 // of each row
	if e.order != nil {
		place = inverted(e.order)
	}
	state := &checkpointState{e.iterations, e.planned, number(e.exaggeration), at}
	kept, err := c.keep("", state, append(e.stateParts(place), e.heldParts()...))
	if !kept || at != (mark{}) {
		return err
	}
	npz.Remove(c.path + graphSuffix)
	return nil
}

// due says whether the embedding is kept where it stands.
func (c *checkpoint) due(e *Embedding) bool { return c != nil && e.iterations%c.every == 0 }

// embedding is what keepMap kept, of affinities that the caller gave or
// keepAffinities kept; nil: nothing.
func (c *checkpoint) embedding(n int, given *Affinities) (e *Embedding, at mark, err error) {
	if c == nil {
		return nil, mark{}, nil
	}
	dims := c.o.Dims
	var state checkpointState
	var y, velocity, gains []float32
	var order, place []int32
	var h *held
	found, err := c.read("", func(m *modelReader, header *checkpointHeader) {
		if header.State == nil {
			m.bad("header: it has no state")
			return
		}
		state = *header.State
		if state.Iterations < 0 || state.Planned < 0 || state.At.Phase < 0 || state.At.Done < 0 {
			m.bad("header: state %+v", state)
		}
		y, velocity, gains = m.finite("embedding", n, dims), m.finite("velocity", n, dims), m.finite("gains", n, dims)
		if order = optional[int32](m, "order", n); order != nil {
			place = m.places(order)
		}
		h = m.held(n, dims)
	})
	if !found {
		return nil, mark{}, err
	}
	p := given
	if p == nil {
		found, err := c.read(affinitiesSuffix, func(m *modelReader, _ *checkpointHeader) {
			if csr := m.anyAffinities(n); csr != nil {
				p = wrap(csr)
				p.radius = optional[float32](m, "radii", n)
			}
		})
		if err != nil {
			return nil, mark{}, err
		}
		if !found {
			return nil, mark{}, fail(ErrOption, "Checkpoint", "%s is there, %s is not", c.path, c.path+affinitiesSuffix)
		}
	}
	o := *c.o
	o.Pull = 0 // what is held is read
	e = newEmbedding(c.pool, p, y, o)
	e.o.Pull, e.held = c.o.Pull, h
	e.velocity, e.gains = velocity, gains
	if order != nil {
		e.moveRows(c.pool, order, make([]float32, n*dims))
		if given != nil {
			e.p = e.p.Permute(c.pool, order, place)
		} else {
			e.p.Reorder(&affinity.Spare{}, c.pool, order, place)
		}
		e.order = order
	}
	e.iterations, e.planned, e.exaggeration = state.Iterations, state.Planned, float64(state.Exaggeration)
	c.o.info("Checkpoint", "goes on from iteration %d of %s", e.iterations, c.path)
	return e, state.At, nil
}

// halves passes numbers as their bytes, the lower one first.
func halves(v []uint16) iter.Seq[[]uint8] {
	return func(yield func([]uint8) bool) {
		var out []uint8
		for some := range slices.Chunk(v, pieceSize) {
			out = out[:0]
			for _, s := range some {
				out = binary.LittleEndian.AppendUint16(out, s)
			}
			if !yield(out) {
				return
			}
		}
	}
}

// anyAffinities are what keepAffinities kept.
func (m *modelReader) anyAffinities(n int) *affinity.CSR {
	packed, short := m.r.Find("affinities_packed") != nil, m.r.Find("affinities_short") != nil
	if !packed && !short {
		return m.affinities(n, nil, nil)
	}
	p := &affinity.CSR{N: n, Ptr: all[int64](m, "affinities_indptr", n+1)}
	if packed {
		p.Col, p.Levels = all[int32](m, "affinities_packed", -1), new([2]float32)
		copy(p.Levels[:], m.finite("affinities_levels", 2))
	} else {
		p.Col = all[int32](m, "affinities_indices", -1)
		bytes := m.find("affinities_short", len(p.Col), 2)
		if m.err != nil {
			return nil
		}
		p.Form, p.Short = affinity.FormOf(n), make([]uint16, len(p.Col))
		at := 0
		m.err = npz.Each(m.r, bytes, func(v []uint8) error {
			for _, b := range v {
				p.Short[at/2] |= uint16(b) << (at % 2 * 8)
				at++
			}
			return nil
		})
	}
	if m.err != nil {
		return nil
	}
	err := p.Check()
	if err == nil {
		err = checkJoint(p, nil)
	}
	if err != nil {
		m.bad("%v", err)
		return nil
	}
	return p
}

// mark is where a run of phases stands.
type mark struct {
	Phase int       `json:"phase"`
	Done  int       `json:"done"` // iterations of that phase
	Stop  stopState `json:"stop"`
}
