package npz

import (
	"archive/zip"
	"encoding/binary"
	"io"
	"iter"
	"slices"
)

// Writer writes an archive. The same arrays give the same bytes.
type Writer struct {
	z *zip.Writer
	f frame
}

// NewWriter begins an archive that goes to w.
func NewWriter(w io.Writer) *Writer {
	out := &Writer{f: frame{w: w}}
	out.z = zip.NewWriter(&out.f)
	return out
}

// frame passes bytes on and sums up those that are not of an array.
type frame struct {
	w     io.Writer
	sum   uint32
	array bool   // bytes of an array are coming
	tail  []byte // where not nil: the archive's end, held back
}

func (f *frame) Write(p []byte) (int, error) {
	if f.tail != nil {
		f.tail = append(f.tail, p...)
		return len(p), nil
	}
	if !f.array {
		f.sum = update(f.sum, p)
	}
	return f.w.Write(p)
}

// Write adds an array, row-major; values come in pieces that together have as
// many as shape says.
func Write[T Number](w *Writer, name string, shape []int, values iter.Seq[[]T]) error {
	part, err := w.z.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
	if err != nil {
		return err
	}
	if err := w.z.Flush(); err != nil {
		return err
	}
	w.f.array = true
	typ, size := typeOf[T]()
	if _, err := part.Write(header(typ, shape)); err != nil {
		return err
	}
	buf := make([]byte, chunk)
	for v := range values {
		for piece := range slices.Chunk(v, chunk/size) {
			n, err := binary.Encode(buf, binary.LittleEndian, piece)
			if err != nil {
				return err
			}
			if _, err := part.Write(buf[:n]); err != nil {
				return err
			}
		}
	}
	if err := w.z.Flush(); err != nil {
		return err
	}
	w.f.array = false
	return nil
}

// All is the values of Write in one piece.
func All[T Number](v []T) iter.Seq[[]T] {
	return func(yield func([]T) bool) { yield(v) }
}

// Close ends the archive; the writer below it stays open.
func (w *Writer) Close() error {
	if err := w.z.SetComment(comment(0)); err != nil {
		return err
	}
	if err := w.z.Flush(); err != nil {
		return err
	}
	w.f.tail = []byte{}
	if err := w.z.Close(); err != nil {
		return err
	}
	tail := w.f.tail
	body := tail[:len(tail)-commentSize]
	sum := update(w.f.sum, append(slices.Clone(body), commentText...))
	_, err := w.f.w.Write(append(body, comment(sum)...))
	return err
}
