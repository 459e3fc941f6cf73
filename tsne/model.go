package tsne

import "io"

// Save writes the embedding to a file.
func (e *Embedding) Save(path string) error { return fail(ErrInternal, "save: not built") }

// Load reads an embedding that Save wrote. Of o it takes Threads,
// ProgressEvery, Progress and Log.
func Load(path string, o Options) (*Embedding, error) {
	return nil, fail(ErrInternal, "load: not built")
}

// WriteTo writes what Save writes to w.
func (e *Embedding) WriteTo(w io.Writer) (int64, error) {
	return 0, fail(ErrInternal, "save: not built")
}

// Read is Load from size bytes of r.
func Read(r io.ReaderAt, size int64, o Options) (*Embedding, error) {
	return nil, fail(ErrInternal, "load: not built")
}

// DataChecksum is the SHA-256, in hexadecimal, of the data the embedding was
// made from: the values of X, row-major, as little-endian float32. ok is false
// if it never had any.
func (e *Embedding) DataChecksum() (sum string, ok bool) { return "", false }
