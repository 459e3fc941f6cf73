package tsne

type density struct{}

func newDensity(o *Options, radius []float32) *density { return &density{} }

func (t *density) add(d *descent, exaggeration float64) error { return nil }

func errNoRadii() error {
	return fail(ErrOption, "density_lambda: these affinities have no local radii; make them of neighbours with density_lambda set")
}
