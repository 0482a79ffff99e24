package loss_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// TestDocumentation: each loss stands in a file of its own, and its comment follows one template.
func TestDocumentation(t *testing.T) {
	headings := []string{"Formula", "Shapes", "Reduction", "Source", "Choose it", "Defaults"}
	files := map[string]string{
		"MSE": "mse", "Contrastive": "contrastive", "ContrastiveHinge": "contrastivehinge",
		"CosineEmbedding": "cosineembedding",
		"BCE":             "bce", "Triplet": "triplet", "NTXent": "ntxent", "SupCon": "supcon",
		"MultiSimilarity": "multisimilarity",
		"Circle":          "circle", "ProxyAnchor": "proxyanchor", "ArcFace": "arcface", "CrossEntropy": "crossentropy",
	}
	for name, file := range files {
		source, err := os.ReadFile(file + ".go")
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, declaration := range parsed.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok || !function.Name.IsExported() {
				continue
			}
			if function.Name.Name != name {
				t.Errorf("%s.go: %s stands beside %s", file, function.Name.Name, name)
				continue
			}
			found = true
			text := function.Doc.Text()
			if !strings.HasPrefix(text, name+" returns ") {
				t.Errorf("%s: the comment does not begin with what is returned", name)
			}
			var got []string
			for _, line := range strings.Split(text, "\n") {
				if heading, ok := strings.CutPrefix(line, "# "); ok {
					got = append(got, heading)
				}
			}
			if strings.Join(got, ", ") != strings.Join(headings, ", ") {
				t.Errorf("%s: the headings are %q, want %q", name, got, headings)
			}
		}
		if !found {
			t.Errorf("%s.go has no %s", file, name)
		}
	}
}
