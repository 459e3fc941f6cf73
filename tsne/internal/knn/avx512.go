package knn

//go:generate sh -c "cd ../asm && go run ./knn -avx512 -out ../knn/knn_avx512_amd64.s -stubs ../knn/knn_avx512_amd64.go -pkg knn"
