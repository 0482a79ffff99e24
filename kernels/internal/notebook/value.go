package notebook

import (
	"errors"
	"fmt"
	"go/types"
	"strconv"
	"strings"
	"time"
)

// value returns a user's value as a Go expression of the parameter's type, of which typ is the text. A list is written
// 64,32 or [64, 32] or as Go; "" is an empty list.
func (d *declared) value(p parameter, typ, s string) (string, error) {
	if p.typ == nil { // declared with a type of another package
		return d.expression(typ, s)
	}
	return d.ofType(types.Default(p.typ), typ, s)
}

// ofType is value for a type and its text.
func (d *declared) ofType(t types.Type, typ, s string) (string, error) {
	if typ == "time.Duration" {
		return duration(s)
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Info()&(types.IsBoolean|types.IsInteger|types.IsFloat|types.IsString) != 0 {
			return scalar(u, s)
		}
	case *types.Slice:
		if !strings.HasPrefix(s, typ+"{") { // else it is Go already
			return d.list(u.Elem(), typ, s, -1)
		}
	case *types.Array:
		if !strings.HasPrefix(s, typ+"{") {
			return d.list(u.Elem(), typ, s, int(u.Len()))
		}
	}
	return d.expression(typ, s)
}

// list returns a user's list as Go. size is the number of elements that it must have; -1 = any.
func (d *declared) list(elem types.Type, typ, s string, size int) (string, error) {
	if strings.HasPrefix(s, "[") != strings.HasSuffix(s, "]") {
		return "", fmt.Errorf("%q has a bracket at one end only", s)
	}
	parts, err := split(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	if err != nil {
		return "", err
	}
	if size >= 0 && len(parts) != size {
		return "", fmt.Errorf("%d elements, %s has %d", len(parts), typ, size)
	}
	for i, part := range parts {
		if part == "" {
			return "", fmt.Errorf("element %d is empty; an empty text is written \"\"", i+1)
		}
		if parts[i], err = d.ofType(elem, typeText(elem), part); err != nil {
			return "", fmt.Errorf("element %d: %w", i+1, err)
		}
	}
	return typ + "{" + strings.Join(parts, ", ") + "}", nil
}

// split cuts a list at its commas, but not at those within double quotes, and drops white space around elements. A
// text of white space is a list of none.
func split(s string) ([]string, error) {
	var parts []string
	for rest := strings.TrimSpace(s); rest != ""; {
		part, after, more := strings.Cut(rest, ",")
		if rest[0] == '"' {
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				return nil, fmt.Errorf("%s: a quote is not closed", rest)
			}
			part, after, more = strings.Cut(rest[len(quoted):], ",")
			if strings.TrimSpace(part) != "" {
				return nil, fmt.Errorf("%q follows the element %s without a comma", part, quoted)
			}
			part = quoted
		}
		parts = append(parts, strings.TrimSpace(part))
		if rest = strings.TrimSpace(after); more && rest == "" {
			parts = append(parts, "")
		}
	}
	return parts, nil
}

// scalar returns a user's value as a literal of a basic type, so that a slip is reported here, with the parameter's
// name, rather than by the compiler in the middle of a run; nothing else can be smuggled into the source. Strings are
// taken as they stand, or unquoted if they are quoted.
func scalar(t *types.Basic, s string) (string, error) {
	kind := t.Name()
	switch info := t.Info(); {
	case info&types.IsString != 0:
		// A string that looks quoted but is not, such as "a"b", is taken as it stands.
		if len(s) >= 2 && (s[0] == '"' || s[0] == '`') {
			if v, err := strconv.Unquote(s); err == nil {
				s = v
			}
		}
		return strconv.Quote(s), nil
	// Go has no other names for them; strconv would also take 1 and T.
	case info&types.IsBoolean != 0:
		if s != "true" && s != "false" {
			return "", fmt.Errorf("%q is not a bool: true or false", s)
		}
		return s, nil
	case t.Kind() == types.Int32 && len(s) > 2 && s[0] == '\'': // a rune as Go writes it
		if _, _, tail, err := strconv.UnquoteChar(s[1:], '\''); err != nil || tail != "'" {
			return "", fmt.Errorf("%q is not of type %s", s, kind)
		}
		return s, nil
	case info&types.IsInteger != 0:
		// Go reads 010 as 8, as nobody expects who does not write Go.
		digits := strings.TrimLeft(s, "+-")
		if len(digits) > 1 && digits[0] == '0' && strings.Trim(digits, "0123456789_") == "" {
			return "", fmt.Errorf("%s is octal in Go; write it without the leading 0, or as 0o%s", s, digits[1:])
		}
		var err error
		if info&types.IsUnsigned != 0 {
			_, err = strconv.ParseUint(s, 0, bits(t))
		} else {
			_, err = strconv.ParseInt(s, 0, bits(t))
		}
		return s, numberError(s, kind, err)
	}
	v, err := strconv.ParseFloat(s, bits(t))
	// strconv takes Inf and NaN, which are no Go literals.
	word := strings.ToLower(strings.TrimLeft(s, "+-"))
	if err == nil && (strings.HasPrefix(word, "inf") || word == "nan") {
		err = strconv.ErrSyntax
	}
	mantissa, _, _ := strings.Cut(word, "e")
	if err == nil && v == 0 && strings.ContainsAny(mantissa, "123456789abcdf") {
		err = strconv.ErrRange // too small for the type, which would make it 0
	}
	return s, numberError(s, kind, err)
}

// duration returns a user's duration as nanoseconds, with what the user wrote in a comment: the cell need not import
// more than the notebook does.
func duration(s string) (string, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		return "", fmt.Errorf("%q is not a duration such as 90s or 5m", s)
	}
	return fmt.Sprintf("time.Duration(%d) /* %s */", int64(d), d), nil
}

// bits returns the size of a number type. That of int, uint and uintptr is 64: the lab runs on no other systems.
func bits(t *types.Basic) int {
	return int(8 * types.SizesFor("gc", "amd64").Sizeof(t))
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
