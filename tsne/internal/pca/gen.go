package pca

//go:generate sh -c "cd ../asm && go run ./pca -out ../pca/panel_amd64.s -stubs ../pca/panel_amd64.go -pkg pca"
