//go:build !linux

package ondisk

import "errors"

// mappedIn is not known here: the system takes pages when it needs memory.
func mappedIn() (n int64, known bool) { return 0, false }

// freeDisk is not known here.
func freeDisk(string) (float64, error) { return 0, errors.ErrUnsupported }
