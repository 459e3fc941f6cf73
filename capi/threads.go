//go:build cgo

package main

// #include "shim.h"
import "C"

// goTsneNothing makes a thread of C's known to Go. It is also what refers to
// loaded.c.
//
//export goTsneNothing
func goTsneNothing() { C.shim_loaded() }
