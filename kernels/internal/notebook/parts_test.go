package notebook

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every form of an output is a part, as text.
func TestParts(t *testing.T) {
	nb := parse(t, `{"cell_type": "code", "source": "", "outputs": [
		{"output_type": "stream", "name": "stderr", "text": ["a\n", "b"]},
		{"output_type": "error", "ename": "Panic", "evalue": "nil map", "traceback": ["x", "y"]},
		{"output_type": "display_data", "metadata": {"image/png": {"width": 2, "height": 1}}, "data": {
			"text/plain": ["<b>"], "image/png": "AA==", "application/json": {"b": [1.50], "a": "<"},
			"application/vnd.jupyter.widget-view+json": {"model_id": "x"}}},
		{"output_type": "display_data", "metadata": {}, "data": {
			"application/vnd.jupyter.widget-view+json": {"model_id": "x"}}}]}`)
	want := [][]Part{{{"stderr", "a\nb"}}, {{"error", "Panic: nil map\nx\ny"}},
		{{"application/json", "{\n \"a\": \"<\",\n \"b\": [\n  1.50\n ]\n}\n"}, {"image/png", "AA=="}, {"text/plain", "<b>"},
			{"metadata", "{\n \"image/png\": {\n  \"height\": 1,\n  \"width\": 2\n }\n}\n"}},
		{{"application/vnd.jupyter.widget-view+json", "{\n \"model_id\": \"x\"\n}\n"}}}
	var got [][]Part
	for _, o := range nb.Cells[0].Outputs() {
		got = append(got, o.Parts())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
}

// The folders of a notebook's files are those that its parameters name, as far as these can be read.
func TestRunFolders(t *testing.T) {
	cell := func(tag, source string) string {
		return `{"cell_type": "code", "id": "` + tag + `", "metadata": {"tags": ["` + tag + `", "other"]},
			"source": "` + source + `"}`
	}
	nb := parse(t, cell(TagParameters, `var Runs = \"./runs/a/\"`)+","+
		cell(TagInjected, `var (\nN = 1\nRuns = \"out\"\n)`)+","+
		cell("other", `var Runs = \"x\"`))
	if diff := cmp.Diff([]string{"runs/a", "out"}, nb.RunFolders()); diff != "" {
		t.Errorf("folders (-want +got):\n%s", diff)
	}
	for _, source := range []string{`var Runs = f()`, `var Runs = 3`, `var Runs = \"`, `var N = 1`} {
		if got := parse(t, cell(TagParameters, source)).RunFolders(); got != nil {
			t.Errorf("%s: %q", source, got)
		}
	}
	c := nb.Cells[1]
	if c.Untag(TagInjected); c.HasTag(TagInjected) || !c.HasTag("other") || c.ID() != TagInjected {
		t.Errorf("tags %q, id %q", c.Tags(), c.ID())
	}
	parse(t, `{"cell_type": "code", "source": ""}`).Cells[0].Untag(TagInjected) // none is there
}
