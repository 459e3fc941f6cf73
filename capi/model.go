package main

import (
	"context"

	"github.com/libtsne/libtsne/tsne"
)

// model is what a model handle stands for.
type model struct {
	e *tsne.Embedding
	// turn is held by the optimising call: the hooks are of one call, so they
	// must not change before it ends. A channel, to wait under a context.
	turn chan struct{}
	// kept are the forces and threads that calls without options use.
	kept tsne.Options
}

// newModel drops the hooks that e was made with: what they point at is the
// caller's again once the call returns.
func newModel(e *tsne.Embedding, o tsne.Options) (*model, error) {
	m := &model{e: e, turn: make(chan struct{}, 1), kept: forces(o)}
	return m, e.Configure(m.kept)
}

func forces(o tsne.Options) tsne.Options {
	return tsne.Options{Repulsion: o.Repulsion, Theta: o.Theta, MaxStepNorm: o.MaxStepNorm, Threads: o.Threads}
}

// take waits for the model's turn.
func (m *model) take(ctx context.Context) error {
	select {
	case m.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return refuse(statusCancelled, "cancelled: %v", context.Cause(ctx))
	}
}

func (m *model) release() { <-m.turn }

// optimize runs a phase; o is nil for the settings of the last call.
func (m *model) optimize(ctx context.Context, ph tsne.Phase, o *tsne.Options) error {
	if o != nil {
		if err := m.e.Configure(*o); err != nil {
			return err
		}
		m.kept = forces(*o)
		defer m.e.Configure(m.kept)
	}
	return m.e.Optimize(ctx, ph)
}

func (m *model) clone() *model {
	m.turn <- struct{}{}
	defer m.release()
	return &model{e: m.e.Clone(), turn: make(chan struct{}, 1), kept: m.kept}
}
