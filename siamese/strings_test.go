package siamese_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Types that are no results: nobody prints them to learn what was found. Those whose names end in Options or Config are
// settings and need no entry.
var noResults = map[string]string{
	"data.BlockRule": "setting", "data.Schema": "setting", "data/option.Way": "part of an error",
	"data/features.Extractor": "works", "data/images.Resizer": "works", "data/preprocess.Rows": "works",
	"siamese/history.Log": "works", "siamese/explain.Explainer": "works", "siamese/metric.Rows": "works",
	"siamese.Prepared": "works", "siamese/session.Session": "works", "siamese/search.Exact": "works",
	"siamese/search/hnsw.Index": "works", "siamese/search.Graph": "data of a file", "siamese/session/worker.Worker": "works",
	"siamese/tensorboard.Writer": "works", "data/openfile.File": "works", "data/quote.Writer": "works",
	"siamese/stats.Estimate": "prints as the Interval that it embeds",
	"siamese/loss.Relation":  "nodes of a graph", "siamese/report.PairCosines": "data of a file",
	"siamese/show.Tile": "what is shown", "siamese/embedding.Streamed": "works", "siamese/milvus/litetest.Server": "works",
	"siamese/beam.Pictures": "settings",
}

// Every exported struct that is a result has a String method, also those that are a field or an element of others:
// fmt.Println of anything that was found is a sentence or a table and not a row of fields in braces. A method on a
// pointer does for what is only returned as a pointer.
func TestResultsHaveString(t *testing.T) {
	structs, printed := make(map[string]*ast.StructType), make(map[string]bool)
	for _, root := range []string{"../data", "."} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			name := filepath.ToSlash(filepath.Join("siamese", path))
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
				strings.Contains(name, "internal/") || strings.Contains(name, "testdata/") ||
				strings.Contains(name, "cmd/") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			scan(filepath.ToSlash(filepath.Dir(name))+".", file, structs, printed)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(structs) < 100 {
		t.Fatalf("only %d structs were found", len(structs))
	}
	// The handles of a session embed the Value that says what they are.
	for name, body := range structs {
		for _, f := range body.Fields.List {
			of := f.Type
			if star, ok := of.(*ast.StarExpr); ok {
				of = star.X
			}
			if inner, ok := of.(*ast.Ident); ok && f.Names == nil && inner.Name == "Value" {
				printed[name] = printed[name] || printed[name[:strings.LastIndex(name, ".")+1]+inner.Name]
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(structs)) {
		setting := strings.HasSuffix(name, "Options") || strings.HasSuffix(name, "Config")
		if !printed[name] && !setting && noResults[name] == "" {
			t.Errorf("%s has no String method: fmt.Println of it is a row of fields in braces", name)
		}
		if printed[name] && noResults[name] != "" {
			t.Errorf("%s has a String method and is in the list of those that need none", name)
		}
	}
}

// scan adds the exported structs of a file, and the types that have a String or an Error method.
func scan(folder string, file *ast.File, structs map[string]*ast.StructType, printed map[string]bool) {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if s, ok := s.(*ast.TypeSpec); ok && s.Name.IsExported() {
					if body, ok := s.Type.(*ast.StructType); ok {
						structs[folder+s.Name.Name] = body
					}
				}
			}
		case *ast.FuncDecl:
			if d.Recv == nil || d.Name.Name != "String" && d.Name.Name != "Error" {
				continue
			}
			of := d.Recv.List[0].Type
			if star, ok := of.(*ast.StarExpr); ok {
				of = star.X
			}
			if name, ok := of.(*ast.Ident); ok {
				printed[folder+name.Name] = true
			}
		}
	}
}
