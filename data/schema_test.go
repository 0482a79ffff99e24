package data

import "testing"

func TestBlockName(t *testing.T) {
	for column, want := range map[string]string{"hog/12": "hog", "hog_12": "hog", "hog12": "hog", "12": "features",
		"/x": "features", "glcm_asm_1_0": "glcm_asm", "sha256 mean": "sha256 mean", "f.1": "f"} {
		if got := BlockName(column); got != want {
			t.Errorf("%q is of block %q, want %q", column, got, want)
		}
	}
}
