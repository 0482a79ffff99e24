package place

// SourceEndings are the endings of files that the go command compiles or links besides Go's own.
var SourceEndings = []string{".s", ".S", ".sx", ".c", ".cc", ".cpp", ".cxx", ".m", ".h", ".hh", ".hpp", ".hxx", ".f", ".F",
	".for", ".f90", ".syso", ".swig", ".swigcxx"}
