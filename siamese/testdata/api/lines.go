package main

import (
	"fmt"
	"go/token"
	"go/types"
	"strings"
)

// lister collects the lines of one package.
type lister struct {
	pkg *types.Package
	out []string
}

// lines returns what a package exports.
func lines(pkg *types.Package) []string {
	l := &lister{pkg: pkg}
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		if !token.IsExported(name) {
			continue
		}
		switch o := scope.Lookup(name).(type) {
		case *types.Const:
			l.add("const %s %s = %s", name, l.text(o.Type()), o.Val().ExactString())
		case *types.Var:
			l.add("var %s %s", name, l.text(o.Type()))
		case *types.Func:
			l.add("func %s%s", name, l.signature(o))
		case *types.TypeName:
			l.typeName(o)
		}
	}
	return l.out
}

func (l *lister) add(format string, args ...any) {
	l.out = append(l.out, strings.TrimPrefix(l.pkg.Path(), module)+": "+fmt.Sprintf(format, args...))
}

// typeName adds a type. Of one that has another name elsewhere, fields and methods are listed there if users can get at
// it, else here.
func (l *lister) typeName(o *types.TypeName) {
	name := o.Name()
	if o.IsAlias() {
		of := o.Type().(*types.Alias).Rhs()
		l.add("type %s = %s", name, l.text(of))
		if named, ok := of.(*types.Named); ok && hidden(named) {
			l.inside(name, named)
		}
		return
	}
	named := o.Type().(*types.Named)
	l.inside(name+l.parameters(named), named)
}

// inside adds the type's kind, its exported fields and its methods under a name.
func (l *lister) inside(name string, named *types.Named) {
	switch under := named.Underlying().(type) {
	case *types.Struct:
		l.add("type %s struct%s", name, unexported(under))
		l.fields(name, under)
	case *types.Interface:
		// All at once: a method more breaks those that implement it.
		l.add("type %s %s", name, l.text(under))
		return
	default:
		l.add("type %s %s", name, l.text(under))
	}
	methods := types.NewMethodSet(types.NewPointer(named))
	for i := range methods.Len() {
		selection := methods.At(i)
		method, ok := selection.Obj().(*types.Func)
		if !ok || !method.Exported() || len(selection.Index()) > 1 && !throughHidden(named, selection.Index()) {
			continue
		}
		star := ""
		if _, ok := method.Signature().Recv().Type().(*types.Pointer); ok {
			star = "*"
		}
		l.add("method (%s%s) %s%s", star, name, method.Name(), l.signature(method))
	}
}

// fields adds the exported fields of a struct, those of embedded structs too if the embedded type cannot be named.
func (l *lister) fields(name string, s *types.Struct) {
	for i := range s.NumFields() {
		f := s.Field(i)
		tag := ""
		if s.Tag(i) != "" {
			tag = " `" + s.Tag(i) + "`"
		}
		switch {
		case f.Embedded() && (!f.Exported() || hiddenAny(f.Type())):
			if inner, ok := deref(f.Type()).Underlying().(*types.Struct); ok {
				l.fields(name, inner)
			}
		case f.Embedded() && f.Exported():
			l.add("type %s struct, embedded %s%s", name, l.text(f.Type()), tag)
		case f.Exported():
			l.add("type %s struct, %s %s%s", name, f.Name(), l.text(f.Type()), tag)
		}
	}
}

// unexported says that a struct has fields that users cannot name, and so has no literal without names.
func unexported(s *types.Struct) string {
	for f := range s.Fields() {
		if !f.Exported() {
			return " (with unexported fields)"
		}
	}
	return ""
}

// throughHidden reports whether a promoted method comes from an embedded field whose type cannot be named.
func throughHidden(named *types.Named, index []int) bool {
	var at types.Type = named
	for _, i := range index[:len(index)-1] {
		s, ok := deref(at).Underlying().(*types.Struct)
		if !ok {
			return false
		}
		f := s.Field(i)
		if f.Exported() && !hiddenAny(f.Type()) {
			return false
		}
		at = f.Type()
	}
	return true
}

// hiddenAny is hidden for any type, also by a pointer.
func hiddenAny(t types.Type) bool {
	named, ok := types.Unalias(deref(t)).(*types.Named)
	return ok && hidden(named)
}

// hidden reports whether users of the module cannot name a type.
func hidden(named *types.Named) bool {
	pkg := named.Obj().Pkg()
	return pkg != nil && (isInternal(pkg.Path()) || !named.Obj().Exported())
}

func deref(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

// parameters returns the type parameters of a type with their constraints.
func (l *lister) parameters(named *types.Named) string {
	if named.TypeParams().Len() == 0 {
		return ""
	}
	var all []string
	for p := range named.TypeParams().TypeParams() {
		all = append(all, p.Obj().Name()+" "+l.text(p.Constraint()))
	}
	return "[" + strings.Join(all, ", ") + "]"
}

func (l *lister) signature(f *types.Func) string {
	return strings.TrimPrefix(l.text(f.Signature()), "func")
}

// text writes a type with the paths of other packages, those of this module without the module's.
func (l *lister) text(t types.Type) string {
	return types.TypeString(t, func(pkg *types.Package) string {
		if pkg == l.pkg {
			return ""
		}
		return strings.TrimPrefix(pkg.Path(), module)
	})
}
