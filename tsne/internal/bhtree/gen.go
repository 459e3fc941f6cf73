package bhtree

//go:generate sh -c "cd ../asm && go run ./bhtree -out ../bhtree/sortout_amd64.s -stubs ../bhtree/sortout_amd64.go -pkg bhtree"
//go:generate go run -C ../asm ./neon/bhtree -out ../bhtree/sortout_arm64.s -stubs ../bhtree/sortout_arm64.go -pkg bhtree
