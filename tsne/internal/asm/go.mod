// The generators of the assembly files; a module of their own, so that
// libtsne itself does not depend on avo.
module github.com/libtsne/libtsne/tsne/internal/asm

go 1.25.0

require github.com/mmcloughlin/avo v0.5.0

require (
	golang.org/x/mod v0.6.0 // indirect
	golang.org/x/sys v0.1.0 // indirect
	golang.org/x/tools v0.2.0 // indirect
)
