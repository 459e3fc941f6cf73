// Command second is another Go library, for the test that loads two.
package main

// #include <stdint.h>
import "C"

//export secondSum
func secondSum(n C.int64_t) C.int64_t {
	parts := make(chan int64)
	for i := range 8 {
		go func() {
			sum := int64(0)
			for v := int64(i); v < int64(n); v += 8 {
				sum += int64(len(make([]byte, v%64)))
			}
			parts <- sum
		}()
	}
	total := int64(0)
	for range 8 {
		total += <-parts
	}
	return C.int64_t(total)
}

func main() {}
