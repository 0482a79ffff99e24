package notebook

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"time"
)

// settable returns why a parameter cannot be declared anew alone, or nil: GoNB replaces whole declarations, so that the
// neighbours of a name would go with it.
func (p parameter) settable() error {
	switch {
	// Constants of a group may depend on one another by iota.
	case p.decl.Tok == token.CONST && len(p.decl.Specs) > 1:
		return errors.New("it is in a group of constants, which GoNB keeps together; " +
			"declare it as a variable, or alone")
	case len(p.spec.Names) > 1:
		return errors.New("it is declared together with others; declare it on a line of its own")
	}
	return nil
}

// value returns a user's value as a Go expression of the parameter's type. A list is written 64,32 or [64, 32] or as
// Go; "" is an empty list.
func (p parameter) value(s string) (string, error) {
	// What begins with the type is Go already, and is left to scalar, which only parses it.
	if elem, ok := strings.CutPrefix(p.kind, "[]"); ok && !strings.HasPrefix(s, p.kind) {
		var parts []string
		s = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
		for part := range strings.SplitSeq(s, ",") {
			if part = strings.TrimSpace(part); part == "" && strings.TrimSpace(s) == "" {
				continue
			}
			v, err := scalar(elem, part)
			if err != nil {
				return "", err
			}
			parts = append(parts, v)
		}
		return p.kind + "{" + strings.Join(parts, ", ") + "}", nil
	}
	return scalar(p.kind, s)
}

// scalar returns a user's value as a Go expression of a type that is not a list. A value of a basic type must be a
// literal of it, so that a slip is reported here, with the parameter's name, rather than by the compiler in the middle
// of a run; nothing else can be smuggled into the source. Strings are taken as they stand, or unquoted if they are
// quoted.
func scalar(kind, s string) (string, error) {
	switch kind {
	case "string":
		// A string that looks quoted but is not, such as "a"b", is taken as it stands.
		if len(s) >= 2 && (s[0] == '"' || s[0] == '`') {
			if v, err := strconv.Unquote(s); err == nil {
				s = v
			}
		}
		return strconv.Quote(s), nil
	// Go has no other names for them; strconv would also take 1 and T.
	case "bool":
		if s != "true" && s != "false" {
			return "", fmt.Errorf("%q is not a bool: true or false", s)
		}
		return s, nil
	case "int", "int8", "int16", "int32", "int64":
		_, err := strconv.ParseInt(s, 0, bits(kind, "int"))
		return s, numberError(s, kind, err)
	case "uint", "uint8", "uint16", "uint32", "uint64", "byte":
		_, err := strconv.ParseUint(s, 0, bits(kind, "uint"))
		return s, numberError(s, kind, err)
	case "float32", "float64":
		_, err := strconv.ParseFloat(s, bits(kind, "float"))
		// strconv takes Inf and NaN, which are no Go literals.
		word := strings.ToLower(strings.TrimLeft(s, "+-"))
		if err == nil && (strings.HasPrefix(word, "inf") || word == "nan") {
			err = strconv.ErrSyntax
		}
		return s, numberError(s, kind, err)
	case "time.Duration":
		// As nanoseconds, with what the user wrote in a comment: the cell need not import more than the notebook does.
		d, err := time.ParseDuration(s)
		if err != nil {
			return "", fmt.Errorf("%q is not a duration such as 90s or 5m", s)
		}
		return fmt.Sprintf("time.Duration(%d) /* %s */", int64(d), d), nil
	}
	// Of another type, or one that takes a compiler to tell.
	if _, err := parser.ParseExpr(s); err != nil {
		return "", fmt.Errorf("%q is not a Go expression: %w", s, err)
	}
	return s, nil
}

// bits returns the size in a number type's name, such as 32 for int32; 64 for a name without one.
func bits(kind, prefix string) int {
	if kind == "byte" {
		return 8
	}
	if n, err := strconv.Atoi(strings.TrimPrefix(kind, prefix)); err == nil {
		return n
	}
	return 64
}

// numberError returns what is wrong with a number in terms of its type, or nil where err, of strconv, is nil.
func numberError(s, kind string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, strconv.ErrRange):
		return fmt.Errorf("%s is out of range for %s", s, kind)
	}
	return fmt.Errorf("%q is not of type %s", s, kind)
}
