package sparse

//go:generate sh -c "cd ../asm && go run ./sparse -out ../sparse/sparse_amd64.s -stubs ../sparse/sparse_amd64.go -pkg sparse"
