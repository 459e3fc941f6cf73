package bhtree

//go:generate sh -c "cd ../asm && go run ./bhtree -out ../bhtree/sortout_amd64.s -stubs ../bhtree/sortout_amd64.go -pkg bhtree"
