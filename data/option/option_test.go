package option

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// flags spells options as a command might; it has none for Left.
func flags(option string) string {
	return map[string]string{"Blocks": "--Blocks", "AllowMissing": "--allow-missing",
		"loss.margin": "--loss-margin"}[option]
}

// tableError stands for the errors of packages that have a fix of their own.
type tableError struct{ fix Fix }

func (e *tableError) Error() string { return "row 2 is bad: " + e.fix.String() }
func (e *tableError) Spell(name func(string) string) string {
	return "row 2 is bad: " + e.fix.Spell(name)
}

func TestText(t *testing.T) {
	blocks := Errorf("Blocks", "50%% of %q", "a%b")
	missing := &tableError{Do("write a number").Or("set %s to read 5 % as NaN", "AllowMissing").Or("name it in %s",
		"Left")}
	for _, c := range []struct {
		err       error
		own, flag string
	}{
		{blocks, `Blocks: 50% of "a%b"`, `--Blocks: 50% of "a%b"`},
		{fmt.Errorf("x.csv: %w", blocks), `x.csv: Blocks: 50% of "a%b"`, `x.csv: --Blocks: 50% of "a%b"`},
		{Errorf("Left", "is empty"), "Left: is empty", "Left: is empty"},
		{&Error{"Left", fmt.Errorf("in %w", blocks)}, `Left: in Blocks: 50% of "a%b"`,
			`Left: in --Blocks: 50% of "a%b"`},
		{missing,
			"row 2 is bad: write a number, or set option AllowMissing to read 5 % as NaN, or name it in option Left",
			"row 2 is bad: write a number, or set --allow-missing to read 5 % as NaN"},
		{errors.Join(fmt.Errorf("a: %w; b: %w", blocks, missing), errors.New("c")),
			"a: " + blocks.Error() + "; b: " + missing.Error() + "\nc",
			"a: --Blocks: 50% of \"a%b\"; b: row 2 is bad: write a number, or set --allow-missing to read 5 % as NaN" +
				"\nc"},
		{errors.Join(Errorf("Blocks", "x"), Errorf("Blocks", "x")), "Blocks: x\nBlocks: x", "--Blocks: x\n--Blocks: x"},
		{errors.New("plain"), "plain", "plain"},
	} {
		if got := c.err.Error(); got != c.own {
			t.Errorf("%q, want %q", got, c.own)
		}
		if got := Text(c.err, flags); got != c.flag {
			t.Errorf("%q, want %q", got, c.flag)
		}
	}
	if got := missing.fix.Options(); !slices.Equal(got, []string{"AllowMissing", "Left"}) {
		t.Errorf("the fix names %q", got)
	}
}

func TestUnder(t *testing.T) {
	cause := errors.New("is 2")
	err := Under("loss.", errors.Join(&Error{"margin", cause}, errors.New("plain"), &Error{"base", cause}))
	if got := Names(err); !slices.Equal(got, []string{"loss.margin", "loss.base"}) || !errors.Is(err, cause) {
		t.Errorf("%q in %v", got, err)
	}
	if got, want := Text(err, flags), "--loss-margin: is 2\nplain\nloss.base: is 2"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if Under("loss.", nil) != nil || Names(nil) != nil {
		t.Error("nil is an error")
	}
}

// A way added to a fix that is shared does not show in the other.
func TestOrCopies(t *testing.T) {
	base := make(Fix, 0, 4)
	base = append(base, Do("rename it")...)
	a, b := base.Or("drop it"), base.Or("keep it")
	if a.String() != "rename it, or drop it" || b.String() != "rename it, or keep it" {
		t.Errorf("%q and %q", a, b)
	}
}
