package plugin

import (
	"fmt"
	"os"
	"strconv"
)

// WantsPortable reports whether [PortableEnv] asks for portable bits. An error says that its value is neither yes nor no:
// then each backend is refused.
func WantsPortable() (bool, error) {
	value := os.Getenv(PortableEnv)
	if value == "" {
		return false, nil
	}
	wanted, err := strconv.ParseBool(value)
	if err != nil {
		return false, fmt.Errorf("%s is %q: want 1 or 0", PortableEnv, value)
	}
	return wanted, nil
}
