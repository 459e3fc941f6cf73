//go:build !(amd64 || arm64) || purego

package cpu

var names = [...]string{"portable"}

func detect() Level { return Portable }
