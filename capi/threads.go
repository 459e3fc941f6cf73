//go:build cgo

package main

// #include "private.h"
import "C"

// goTsneNothing makes a thread of C's known to Go. It is also what refers to
// loaded.c.
//
//export goTsneNothing
func goTsneNothing() { C.tsne__loaded() }
