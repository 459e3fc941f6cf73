package direct

//go:generate sh -c "cd ../asm && go run ./direct -out ../direct/tile_amd64.s -stubs ../direct/tile_amd64.go -pkg direct"
