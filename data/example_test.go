package data

import "fmt"

func ExampleFrame_Head() {
	f := &Frame{
		X:       []float32{0.25, 1, 0.5, 2},
		Columns: []string{"hog/0", "glcm/0"},
		Blocks:  []Block{{"hog", 0, 1}, {"glcm", 1, 2}},
		IDs:     []string{"img1", "img2"},
		Labels:  []string{"shoe", "coat"},
	}
	fmt.Print(f.Head(2))
	// Output:
	// 2 items x 2 features in 2 blocks: hog 1 glcm 1
	// id    label  hog/0  glcm/0
	// img1  shoe   0.25   1
	// img2  coat   0.5    2
}

func ExampleFrame_Validate() {
	f := &Frame{X: []float32{1, 2, 3}, Columns: []string{"a", "a"}, Blocks: []Block{{"f", 0, 2}},
		IDs: []string{"x", "y"}}
	fmt.Println(f.Validate())
	// Output:
	// data: frame: X has 3 values, want 4 (2 ids x 2 columns)
	// data: frame: column names must be unique, repeated: "a"
}
