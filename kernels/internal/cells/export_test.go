package cells

// Stays reports whether what a function of package lab, or a method of its types, returns stays for later cells.
func Stays(name string, method bool) bool {
	if method {
		return methods[name]
	}
	return makers[name] || options[name]
}
