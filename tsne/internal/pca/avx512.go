package pca

//go:generate sh -c "cd ../asm && go run ./pca -avx512 -out ../pca/pca_avx512_amd64.s -stubs ../pca/pca_avx512_amd64.go -pkg pca"
