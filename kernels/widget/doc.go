// Package widget shows Jupyter widgets in cells: sliders, choices, buttons, boxes, and scripts of one's own. They are
// the controls of ipywidgets and anywidget, which JupyterLab, Notebook and VS Code know.
//
// One cell shows a slider:
//
//	epochs := &widget.IntSlider{Name: "epochs", Min: 1, Max: 50, Default: 10}
//	err := widget.Show(ctx, epochs)
//
// It stays when its cell has ended, and a later cell reads what the user chose:
//
//	epochs, err := widget.Value[int]("epochs")
//
// A cell that goes on running hears changes and clicks:
//
//	run := &widget.Button{Label: "Run"}
//	epochs.OnChange(func(n int) { … })
//	err := widget.Show(ctx, epochs, run)
//	err = widget.Wait(ctx, run) // until it is clicked
//	train(epochs.Value())
//
// A widget's fields say what it is at first; they are read when it is shown. Afterwards Value returns what it has now and
// Set changes it. What the browser sends is checked by the kernel, its type and its range: what does not fit never
// arrives, and the page gets the last good value back.
//
// What the functions of changes and clicks print goes below the cell; an [Output] is a place of its own for it.
//
// The Label before a widget may have a formula between two dollar signs, as in ipywidgets. Text of other sources belongs
// into the widgets [Label] and [HTML], into options and values, where it is shown as it is.
//
// The package imports little, since it is linked into every cell that uses it.
package widget
