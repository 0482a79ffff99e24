package images

import "fmt"

// ValidateSize returns an error when images cannot be resized to w x h pixels: both must be positive and at
// most 2^14, or both 0 (= they keep their size). The names Width and Height in its text are those of the options.
func ValidateSize(w, h int) error {
	switch {
	case (w == 0) != (h == 0):
		return fmt.Errorf("size: Width is %d and Height %d, want both, or 0 and 0 to keep the size of images", w, h)
	case w < 0 || h < 0 || w > 1<<14 || h > 1<<14:
		return fmt.Errorf("size: Width is %d and Height %d, want 0 to %d", w, h, 1<<14)
	}
	return nil
}
