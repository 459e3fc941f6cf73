// Package main is libtsne's C interface over package tsne: it decodes
// options, keeps handles and maps errors to statuses. The header
// include/tsne.h is the contract. What it declares of a kind is a pair of
// files: fit.c has the symbols and calls the functions of fit.go, and so on. It
// holds no mathematics.
//
// scripts/lib.sh builds it with -buildmode=c-shared and c-archive.
package main

// Without cgo this is an empty program, so that ./... builds everywhere.
func main() {}
