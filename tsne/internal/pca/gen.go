package pca

//go:generate sh -c "cd ../asm && go run ./pca -out ../pca/panel_amd64.s -stubs ../pca/panel_amd64.go -pkg pca"
//go:generate go run -C ../asm ./neon/pca -out ../pca/panel_arm64.s -stubs ../pca/panel_arm64.go -pkg pca
