package sparse

//go:generate sh -c "cd ../asm && go run ./sparse -out ../sparse/sparse_amd64.s -stubs ../sparse/sparse_amd64.go -pkg sparse"
//go:generate go run -C ../asm ./neon/sparse -out ../sparse/sparse_arm64.s -stubs ../sparse/sparse_arm64.go -pkg sparse
