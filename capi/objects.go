//go:build cgo

package main

import (
	"context"
	"errors"
	"io"
	"slices"

	"golang.org/x/sync/semaphore"

	"github.com/libtsne/libtsne/tsne"
)

// Weights of a turn: calls that only read share it, up to alone of them.
const (
	shared = 1
	alone  = 1 << 30
)

// turn is held by calls on a handle. The hooks and what a caller has lent are
// of one call, so an optimising call has it alone. A semaphore, to wait under
// a context.
type turn struct{ s *semaphore.Weighted }

func newTurn() turn { return turn{semaphore.NewWeighted(alone)} }

// hold runs body within a turn of that weight.
func (t turn) hold(ctx context.Context, weight int64, body func() error) error {
	if err := t.s.Acquire(ctx, weight); err != nil {
		return refuse(statusCancelled, "", "cancelled: %v", context.Cause(ctx))
	}
	defer t.s.Release(weight)
	return body()
}

// model is what a model handle stands for.
type model struct {
	turn
	e *tsne.Embedding
	// kept are the forces and threads that calls without options use.
	kept tsne.Options
}

// newModel drops the hooks that e was made with: what they point at is the
// caller's again once the call returns.
func newModel(e *tsne.Embedding, kept tsne.Options) (*model, error) {
	return &model{turn: newTurn(), e: e, kept: kept}, e.Configure(kept)
}

// optimize runs a phase; o is nil for the settings of the last call.
func (m *model) optimize(ctx context.Context, ph tsne.Phase, o *tsne.Options) error {
	if o == nil {
		return m.e.Optimize(ctx, ph)
	}
	if err := m.e.Configure(*o); err != nil {
		return err
	}
	defer func() { m.e.Configure(m.kept) }()
	err := m.e.Optimize(ctx, ph)
	if keeps(err) {
		m.kept = forces(*o)
	}
	return err
}

// keeps says whether a call that ended so leaves what it has done, settings
// included; after any other error the handle is as it was.
func keeps(err error) bool { return err == nil || errors.Is(err, tsne.ErrCancelled) }

func (m *model) clone() (c *model, err error) {
	err = m.hold(context.Background(), shared, func() error {
		c = &model{turn: newTurn(), e: m.e.Clone(), kept: m.kept}
		return nil
	})
	return c, err
}

// ownData replaces the data that e borrows by a copy, or by none. Data made of
// the caller's doubles are e's already.
func ownData(e *tsne.Embedding, keep bool) error {
	x, ok := e.Data()
	if ok && keep && x.Double {
		return nil
	}
	e.DropData()
	if !ok || !keep {
		return nil
	}
	x.Data = slices.Clone(x.Data)
	return e.SetData(x)
}

// filler is a writer into a buffer of the caller's.
type filler struct{ to []byte }

func (f *filler) Write(b []byte) (int, error) {
	if len(b) > len(f.to) {
		return 0, io.ErrShortWrite
	}
	f.to = f.to[copy(f.to, b):]
	return len(b), nil
}

// partial is what a partial's handle stands for.
type partial struct {
	turn
	p *tsne.Partial
	// kept are the settings that calls without options use.
	kept tsne.TransformOptions
}

// refinement are the settings that an optimising call may change.
func refinement(o tsne.TransformOptions) tsne.TransformOptions {
	return tsne.TransformOptions{
		Repulsion: o.Repulsion, Theta: o.Theta, MaxGradNorm: o.MaxGradNorm, MaxStepNorm: o.MaxStepNorm, Threads: o.Threads,
	}
}

func newPartial(p *tsne.Partial, o tsne.TransformOptions) *partial {
	return &partial{turn: newTurn(), p: p, kept: refinement(o)}
}

// optimize runs a phase; o is nil for the settings of the last call.
func (p *partial) optimize(ctx context.Context, ph tsne.Phase, o *tsne.TransformOptions) error {
	if o == nil {
		kept := p.kept
		o = &kept
	}
	err := p.p.Optimize(ctx, ph, o)
	if keeps(err) {
		p.kept = refinement(*o)
	}
	return err
}

func (p *partial) clone() (c *partial, err error) {
	err = p.hold(context.Background(), shared, func() error {
		c = &partial{turn: newTurn(), p: p.p.Clone(), kept: p.kept}
		return nil
	})
	return c, err
}
